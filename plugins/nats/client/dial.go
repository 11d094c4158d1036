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
// swallows what is sent to it, or takes a connection and says nothing, as anybody
// nearby may who claims the network's key, must not take the time of all.
const oneOfSeveral = 2500 * time.Millisecond

// secure connects to the first address that answers with the network's key. That
// another key is shown counts only where the network itself is said to be.
func secure(ctx context.Context, dial Dialer, at Places, key ed25519.PublicKey) (net.Conn, error) {
	var wrong, last error
	addresses, hints := slices.Clone(at.Addresses), slices.Clone(at.Hints)
	for i := 0; i < len(addresses); i++ { // a server that moved away adds where to
		each := connectTimeout
		if len(addresses) > 1 {
			each = oneOfSeveral
		}
		conn, moved, err := secureOne(ctx, dial, addresses[i], key, each)
		switch {
		case err == nil:
			return conn, nil
		case errors.Is(err, wire.ErrWrongKey) && !slices.Contains(hints, addresses[i]):
			wrong = err
		case errors.Is(err, wire.ErrWrongKey):
			if last == nil {
				last = wire.Errorf(contractv1.Error_UNAVAILABLE, "What answers at %s is not the network's server.", addresses[i])
			}
		default:
			last = err
		}
		for _, m := range moved { // the network's key has signed these
			hints = slices.DeleteFunc(hints, func(h string) bool { return h == m })
			if !slices.Contains(addresses, m) && len(addresses) < maxTried {
				addresses = append(addresses, m)
			}
		}
	}
	switch {
	case wrong != nil:
		return nil, wrong
	case last == nil:
		last = wire.Errorf(contractv1.Error_UNAVAILABLE, "No address of the server is known.")
	}
	return nil, last
}

// secureOne connects to one address within a time; moved is where a server sends
// that has moved away.
func secureOne(ctx context.Context, dial Dialer, a string, key ed25519.PublicKey, within time.Duration) (_ net.Conn, moved []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	raw, err := dial(ctx, "tcp", a)
	if err != nil {
		return nil, nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server at %s cannot be reached (%s).", a, why(a, err))
	}
	c := tls.Client(raw, wire.ClientTLS(key))
	if err := c.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		if errors.Is(err, wire.ErrWrongKey) {
			return nil, nil, err
		}
		return nil, nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "What answers at %s is not a Switchboard server (%v).", a, err)
	}
	conn, moved, err := greeting(ctx, c, key)
	if err == nil {
		return conn, nil, nil
	}
	_ = c.Close()
	if errors.Is(err, errMoved) {
		return nil, moved, errMoved
	}
	return nil, nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server at %s does not answer (%v).", a, err)
}

func connect(ctx context.Context, dial Dialer, at Places, key ed25519.PublicKey, id identity, register bool, broken func(error)) (*nats.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	c, err := secure(ctx, dial, at, key)
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
