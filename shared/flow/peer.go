package flow

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc/credentials"
)

// Peer makes transport credentials for a unix socket that accept one process
// only: of this user and, where the system tells, with this pid. It replaces
// TLS, which would cost 30 ms a start and prove less.
func Peer(pid func() int) credentials.TransportCredentials { return peer{pid} }

type peer struct{ pid func() int }

// ClientHandshake checks who listens.
func (p peer) ClientHandshake(_ context.Context, _ string, c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return p.check(c)
}

// ServerHandshake checks who connected.
func (p peer) ServerHandshake(c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return p.check(c)
}

func (p peer) check(c net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if err := checkPeer(c, p.pid()); err != nil {
		_ = c.Close()
		return nil, nil, fmt.Errorf("the other end of the socket: %w", err)
	}
	return c, peerInfo{credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}, nil
}

// Info names the protocol.
func (peer) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "peer"}
}

// Clone returns a copy.
func (p peer) Clone() credentials.TransportCredentials { return p }

// OverrideServerName has no meaning here.
func (peer) OverrideServerName(string) error { return nil }

type peerInfo struct{ credentials.CommonAuthInfo }

// AuthType names the proof.
func (peerInfo) AuthType() string { return "peer" }
