//go:build !linux

package control

import (
	"net"
	"os"
)

// peerUID cannot be asked for here: the rights of the profile's folder, in which
// the socket lies, are all that keeps other users out.
func peerUID(net.Conn) (int, error) { return os.Getuid(), nil }
