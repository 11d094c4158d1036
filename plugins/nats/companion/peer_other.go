//go:build !linux

package companion

import "net"

// ofUser cannot ask here; the socket's mode decides.
func ofUser(net.Conn, int) bool { return true }
