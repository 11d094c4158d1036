package flow

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

func checkPeer(c net.Conn, pid int) error {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("not a unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return fmt.Errorf("its descriptor: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("its descriptor: %w", err)
	}
	if credErr != nil {
		return fmt.Errorf("its credentials: %w", credErr)
	}
	if int(cred.Uid) != os.Getuid() {
		return fmt.Errorf("belongs to user %d", cred.Uid)
	}
	if int(cred.Pid) != pid {
		return fmt.Errorf("is process %d, not %d", cred.Pid, pid)
	}
	return nil
}
