package dial

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
)

// Answers of a SOCKS 4 proxy.
const (
	socks4Granted  = 90
	socks4Refused  = 91
	socks4NoIdent  = 92
	socks4BadIdent = 93
)

// speakSOCKS4 asks for a connection by SOCKS 4, or by 4a if the address is a
// name. The answer is always eight bytes.
func speakSOCKS4(r request) error {
	ask, err := socks4Request(r.address, r.user)
	if err != nil {
		return err
	}
	if _, err := r.conn.Write(ask); err != nil {
		return err
	}
	var answer [8]byte
	// The first byte tells whether this is a SOCKS 4 proxy at all: one of
	// another kind may never send eight.
	if _, err := io.ReadFull(r.conn, answer[:1]); err != nil {
		return err
	}
	if answer[0] != 0 {
		return faultf(ErrProtocol, "it answered with byte %d", answer[0])
	}
	if _, err := io.ReadFull(r.conn, answer[1:]); err != nil {
		return err
	}
	switch answer[1] {
	case socks4Granted:
		return nil
	case socks4Refused:
		return faultf(ErrRefused, "it refuses or fails, and does not say why")
	case socks4NoIdent, socks4BadIdent:
		return faultf(ErrLogin, "")
	}
	return faultf(ErrProtocol, "it answered with code %d", answer[1])
}

// socks4Request is version, command, port, IPv4 address, user, 0. In 4a an
// address of the form 0.0.0.x says that a name and another 0 follow.
func socks4Request(address, user string) ([]byte, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	ask := binary.BigEndian.AppendUint16([]byte{4, 1}, uint16(n))
	ip, err := netip.ParseAddr(host)
	if ip = ip.Unmap(); err == nil && ip.Is4() {
		ask = append(ask, ip.AsSlice()...)
		return append(append(ask, user...), 0), nil
	}
	ask = append(ask, 0, 0, 0, 1)
	ask = append(append(ask, user...), 0)
	return append(append(ask, host...), 0), nil
}

// lookUp finds the IPv4 address of a name here, since a SOCKS 4 proxy takes
// nothing else.
func lookUp(ctx context.Context, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip = ip.Unmap(); !ip.Is4() {
			return "", faultf(ErrRefused, "SOCKS 4 knows no IPv6 addresses; use a proxy of another type")
		}
		return net.JoinHostPort(ip.String(), port), nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		var dns *net.DNSError
		if errors.As(err, &dns) && !dns.IsTimeout {
			return "", faultf(ErrRefused, "the name was not found here, where SOCKS 4 needs it (%s); SOCKS 4a lets the proxy find it", dns.Err)
		}
		return "", fmt.Errorf("find %s: %w", host, err)
	}
	if len(found) == 0 {
		return "", faultf(ErrRefused, "it has no IPv4 address, and SOCKS 4 knows no other; use a proxy of another type")
	}
	return net.JoinHostPort(found[0].Unmap().String(), port), nil
}
