//go:build linux && !amd64

package server_test

var legacyNames []uint32

func isLegacy(int32) bool { return false }

func isUnlink(int32) bool { return false }
