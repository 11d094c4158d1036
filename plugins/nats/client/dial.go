package client

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Dialer connects to an address; in a plugin it is the host's.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// maxTried bounds the addresses of one try.
const maxTried = 24

const connectTimeout = 8 * time.Second

type identity struct {
	kp     nkeys.KeyPair
	public string
}

func newIdentity(seed []byte) (identity, error) {
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		return identity{}, fmt.Errorf("the device key is damaged: %w", err)
	}
	public, err := kp.PublicKey()
	if err != nil || !nkeys.IsValidPublicUserKey(public) {
		return identity{}, errors.New("the device key is damaged")
	}
	return identity{kp, public}, nil
}

// ready hands the library a connection on which TLS is up already: it was made
// here so that a wrong key is told apart from every other failure.
type ready struct {
	mu   sync.Mutex
	conn net.Conn
}

func (r *ready) Dial(string, string) (net.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.conn
	r.conn = nil
	if c == nil {
		return nil, errors.New("the connection is used up")
	}
	return c, nil
}

func (r *ready) SkipTLSHandshake() bool { return true }

// why is an error of dialling without the address, which the sentence around it
// names.
func why(address string, err error) string {
	text := strings.TrimPrefix(err.Error(), "dial "+address+": ")
	return strings.TrimPrefix(text, "could not reach "+address+": ")
}

// oneOfSeveral bounds the try at one address where there are others: one that
// swallows what is sent to it must not take the time of all.
const oneOfSeveral = 2500 * time.Millisecond

func dialOne(ctx context.Context, dial Dialer, address string, several bool) (net.Conn, error) {
	if several {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, oneOfSeveral)
		defer cancel()
	}
	return dial(ctx, "tcp", address)
}

// secure connects to the first address that answers with the network's key.
func secure(ctx context.Context, dial Dialer, addresses []string, key ed25519.PublicKey) (net.Conn, error) {
	var wrong, last error
	addresses = slices.Clone(addresses)
	for i := 0; i < len(addresses); i++ { // a server that moved away adds where to
		a := addresses[i]
		raw, err := dialOne(ctx, dial, a, len(addresses) > 1)
		if err != nil {
			last = wire.Errorf(contractv1.Error_UNAVAILABLE, "The server at %s cannot be reached (%s).", a, why(a, err))
			continue
		}
		c := tls.Client(raw, wire.ClientTLS(key))
		if err := c.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			if errors.Is(err, wire.ErrWrongKey) {
				wrong = err
			} else {
				last = wire.Errorf(contractv1.Error_UNAVAILABLE, "What answers at %s is not a Switchboard server (%v).", a, err)
			}
			continue
		}
		conn, moved, err := greeting(ctx, c, key)
		if err != nil {
			_ = c.Close()
			if last = wire.Errorf(contractv1.Error_UNAVAILABLE, "The server at %s does not answer (%v).", a, err); errors.Is(err, errMoved) {
				last = errMoved
			}
			for _, m := range moved {
				if !slices.Contains(addresses, m) && len(addresses) < maxTried {
					addresses = append(addresses, m)
				}
			}
			continue
		}
		return conn, nil
	}
	switch {
	case wrong != nil:
		return nil, wrong
	case last == nil:
		last = wire.Errorf(contractv1.Error_UNAVAILABLE, "No address of the server is known.")
	}
	return nil, last
}

func connect(ctx context.Context, dial Dialer, addresses []string, key ed25519.PublicKey, id identity, register bool, broken func(error)) (*nats.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	c, err := secure(ctx, dial, addresses, key)
	if err != nil {
		return nil, err
	}
	opts := []nats.Option{
		nats.SetCustomDialer(&ready{conn: c}), nats.SkipHostLookup(), nats.NoReconnect(),
		nats.Timeout(connectTimeout), nats.PingInterval(wire.PingEvery), nats.MaxPingsOutstanding(wire.PingsLost),
		nats.Name("switchboard"), nats.Nkey(id.public, id.kp.Sign),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if broken != nil {
				broken(err)
			}
		}),
	}
	if register {
		opts = append(opts, nats.UserInfo(wire.RegisterUser, ""))
	}
	// The library knows no context: who gives up takes its connection away.
	abort := context.AfterFunc(ctx, func() { _ = c.Close() })
	nc, err := nats.Connect("nats://network:1", opts...)
	abort()
	if err != nil {
		_ = c.Close()
		if errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired) {
			return nil, errNotAdmitted
		}
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server does not take the connection (%v).", err)
	}
	return nc, nil
}

var errNotAdmitted = errors.New("the server does not admit this device")

// answerError is the refusal in an answer, if it is one.
func answerError(m *nats.Msg) error {
	text := m.Header.Get(wire.HeaderError)
	if text == "" {
		return nil
	}
	code, err := strconv.Atoi(m.Header.Get(wire.HeaderCode))
	if err != nil {
		code = int(contractv1.Error_INTERNAL)
	}
	return &wire.Error{Code: contractv1.Error_Code(code), Message: text}
}
