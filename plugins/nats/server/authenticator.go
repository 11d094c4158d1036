package server

import (
	"context"
	"errors"
)

// Proof is what a connection has proven about itself.
type Proof struct {
	// Key is the public nkey of the device; it signed the server's nonce.
	Key string
	// Host is the address that the connection comes from.
	Host string
}

// Identity is who a connection acts as.
type Identity struct {
	User   string // the account's name
	Device string // the device's id, of that account
}

// Authenticator decides who a connection is. The network's own looks the device
// key up in the directory; one that asks a company's directory as well wraps it.
// It is called for every connection, by several goroutines, and must answer
// within two seconds. An error turns the connection away; its words go to the
// server's log alone.
type Authenticator interface {
	// Authenticate says who proved themselves by p.
	Authenticate(ctx context.Context, p Proof) (Identity, error)
}

// deviceKeys is the network's own.
type deviceKeys struct{ s *Server }

// Authenticate knows a device by its key.
func (k deviceKeys) Authenticate(ctx context.Context, p Proof) (id Identity, err error) {
	d := k.s.dir
	err = d.settled(ctx, func() error {
		v, ok := d.byKey(p.Key)
		switch {
		case !ok:
			return errors.New("unknown device")
		case v.RevokedMS != 0:
			return errors.New("revoked device")
		}
		id = Identity{User: v.User, Device: v.ID}
		return k.s.barred(v.User)
	})
	return id, err
}

// DeviceKeys is the network's own Authenticator, for one that adds to it.
func (s *Server) DeviceKeys() Authenticator { return deviceKeys{s} }
