package sandbox

import (
	"io/fs"
	"syscall"
)

// IdentityOf is the identity of a file as it is now; zero when the system
// cannot tell.
func IdentityOf(info fs.FileInfo) Identity {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Identity{}
	}
	return Identity{
		Dev: uint64(st.Dev), Inode: st.Ino, Size: st.Size,
		Ctime: int64(st.Ctim.Sec)*1e9 + int64(st.Ctim.Nsec),
	}
}
