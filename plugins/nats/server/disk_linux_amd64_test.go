package server_test

import "golang.org/x/sys/unix"

// legacyNames are the older forms of calls about names; newer kinds of machines
// do not have them.
var legacyNames = []uint32{unix.SYS_RENAME, unix.SYS_UNLINK, unix.SYS_RMDIR}

func isLegacy(nr int32) bool {
	return nr == unix.SYS_RENAME || isUnlink(nr)
}

func isUnlink(nr int32) bool { return nr == unix.SYS_UNLINK || nr == unix.SYS_RMDIR }
