package companion

import (
	"net"

	"golang.org/x/sys/unix"
)

// ofUser tells whether the other end is a process of a user. The socket's mode
// says the same, as long as nobody changes it.
func ofUser(c net.Conn, uid int) bool {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return false
	}
	same := false
	err = raw.Control(func(fd uintptr) {
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		same = err == nil && int(cred.Uid) == uid
	})
	return err == nil && same
}
