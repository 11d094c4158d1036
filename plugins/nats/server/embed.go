package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
)

// Users live in one account, the store and its services in another: in one
// account a client could name a stream's subject as the reply of a request and
// have the store's own answer stored there.
const (
	accountUsers = "SB"
	accountCore  = "CORE"
	accountSys   = "SYS"
)

// Streams.
const (
	streamConv  = "CONV"
	streamState = "STATE"
	bucketDir   = "DIR"
)

const embedConfig = `
server_name: %q
jetstream { store_dir: %q, max_mem: %d, max_file: %d, sync_interval: %s }
accounts {
  SYS  { users: [ { user: svc_sys, password: %q } ] }
  CORE {
    users: [ { user: svc_core, password: %q } ]
    jetstream: enabled
    exports: [ { stream: "live.dm.>" } ]
  }
  SB {
    users: [ { user: svc_sb, password: %q } ]
    imports: [ { stream: { account: CORE, subject: "live.dm.>" } } ]
  }
}
system_account: SYS
authorization {
  timeout: 10
  auth_callout { issuer: %s, account: CORE, auth_users: [ svc_sys, svc_core, svc_sb ] }
}
max_payload: %d
max_connections: 20000
max_pending: 16777216
max_control_line: 1024
write_deadline: "5s"
ping_interval: "%v"
ping_max: %d
`

// embed starts the nats-server and connects the services to it in memory.
func (s *Server) embed() error {
	opts, secrets, err := s.natsOptions()
	if err != nil {
		return err
	}
	// The library would try for long and say little.
	if err := s.probe(); err != nil {
		return err
	}
	if s.ns, err = server.NewServer(opts); err != nil {
		return fmt.Errorf("make the server: %w", err)
	}
	s.ns.SetLoggerV2(natsLog{s.o.Log.Named("server")}, false, false, false)
	s.ns.Start()
	if !s.ns.ReadyForConnections(20 * time.Second) {
		return fmt.Errorf("the server does not listen on %s: is the port in use?", s.o.Listen)
	}
	if !s.ns.JetStreamEnabled() {
		return errors.New("the server's store does not open; its log says why")
	}
	for _, c := range []struct {
		conn **nats.Conn
		user string
	}{{&s.sys, "svc_sys"}, {&s.core, "svc_core"}, {&s.sb, "svc_sb"}} {
		if *c.conn, err = s.inside(c.user, secrets[c.user]); err != nil {
			return fmt.Errorf("connect the services: %w", err)
		}
	}
	if s.js, err = jetstream.New(s.core, jetstream.WithDefaultTimeout(storeTimeout)); err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s.setAddresses(s.o.Advertise)
	if len(s.o.Advertise) == 0 && !s.o.quiet {
		s.setAddresses([]string{reachable(s.ns.Addr().String())})
	}
	return nil
}

// probe finds out whether the address is free.
func (s *Server) probe() error {
	if s.o.quiet {
		return nil
	}
	probe, err := net.Listen("tcp", s.o.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: another program listens on %s; end it, or set `listen` to another address", syscall.EADDRINUSE, s.o.Listen)
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.o.Listen, err)
	}
	if err := probe.Close(); err != nil {
		return fmt.Errorf("listen on %s: %w", s.o.Listen, err)
	}
	return nil
}

func (s *Server) natsOptions() (*server.Options, map[string]string, error) {
	host, port, err := s.o.hostPort()
	if err != nil {
		return nil, nil, err
	}
	if s.issuer, err = nkeys.CreateAccount(); err != nil {
		return nil, nil, fmt.Errorf("make the callout's key: %w", err)
	}
	issuer, err := s.issuer.PublicKey()
	if err != nil {
		return nil, nil, fmt.Errorf("make the callout's key: %w", err)
	}
	secrets := map[string]string{}
	for _, u := range []string{"svc_sys", "svc_core", "svc_sb"} {
		var raw [32]byte
		if _, err := rand.Read(raw[:]); err != nil {
			return nil, nil, fmt.Errorf("make the services' secrets: %w", err)
		}
		secrets[u] = hex.EncodeToString(raw[:])
	}
	text := fmt.Sprintf(embedConfig, s.o.Network, filepath.Join(s.o.Folder, "store"), maxMemory, s.maxStore(), s.o.sync,
		secrets["svc_sys"], secrets["svc_core"], secrets["svc_sb"], issuer,
		wire.MaxPayload, wire.PingEvery, wire.ServerPingsLost)
	opts := &server.Options{}
	if err := opts.ProcessConfigString(text); err != nil {
		return nil, nil, fmt.Errorf("configure the server: %w", err)
	}
	if opts.TLSConfig, err = newLeafs(s.key, s.o).config(); err != nil {
		return nil, nil, err
	}
	opts.TLS, opts.TLSHandshakeFirst, opts.TLSTimeout = true, true, 5
	// A connection whose callout is not answered, because services start or end
	// just then, holds neither the client nor the end of the server for longer.
	opts.AuthTimeout = 2
	opts.AlwaysEnableNonce = true
	// What comes through the door says where it is from.
	opts.ProxyProtocol = s.o.Door
	opts.DontListen = s.o.quiet
	opts.NoSigs = true
	opts.Host, opts.Port = host, port
	return opts, secrets, nil
}

func (s *Server) inside(user, password string) (*nats.Conn, error) {
	return nats.Connect("nats://inside", nats.InProcessServer(s.ns), nats.UserInfo(user, password),
		nats.Name(user), nats.NoReconnect(), nats.PingInterval(time.Hour), nats.Timeout(storeTimeout),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			s.o.Log.Warn("service", "subject", subject, "error", err)
		}))
}

// reachable names an address by which this computer is found from itself when
// it listens everywhere.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	if _, err := strconv.Atoi(port); err != nil {
		return addr
	}
	return net.JoinHostPort(host, port)
}

// firstSequence is where a new store begins: above what an earlier store of the
// same network can have reached, so that hosts, which remember how far they are,
// take what a server says that lost its store.
func firstSequence(now time.Time) uint64 {
	return uint64(max(1, now.Sub(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)).Milliseconds()))
}

// streams makes the store's streams, or brings them to the options in force.
func (s *Server) streams(ctx context.Context) error {
	for _, c := range []jetstream.StreamConfig{
		{
			Name: streamConv, Subjects: []string{"conv.>"}, Storage: jetstream.FileStorage,
			Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxAge: s.o.Retention,
			MaxMsgSize: 128 << 10, Duplicates: min(10*time.Minute, s.o.Retention),
			AllowDirect: true, DenyDelete: true, DenyPurge: true, Replicas: s.copies(),
			RePublish: &jetstream.RePublish{Source: "conv.>", Destination: "live.>"},
			FirstSeq:  firstSequence(s.o.Now()),
		},
		{
			Name: streamState, Subjects: []string{"state.>"}, Storage: jetstream.FileStorage,
			Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxMsgsPerSubject: 1,
			MaxMsgSize: 16 << 10, AllowDirect: true, DenyDelete: true, DenyPurge: true, Replicas: s.copies(),
		},
		{
			Name: streamBlob, Subjects: []string{"blob.>"}, Storage: jetstream.FileStorage,
			Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxMsgsPerSubject: 1,
			MaxMsgSize: partSize + 4<<10, AllowDirect: true, DenyDelete: true, Replicas: s.copies(),
		},
	} {
		if err := s.patiently(ctx, func(ctx context.Context) error { return s.stream(ctx, c) }); err != nil {
			return fmt.Errorf("open the store %s: %w", c.Name, err)
		}
	}
	return nil
}

func (s *Server) stream(ctx context.Context, c jetstream.StreamConfig) error {
	if c.Name == streamConv {
		if have, err := s.js.Stream(ctx, c.Name); err == nil {
			c.FirstSeq = have.CachedInfo().Config.FirstSeq
		} else if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
	}
	_, err := s.js.CreateOrUpdateStream(ctx, c)
	return err
}

// patiently tries again in a cluster, where servers find each other first and
// another replica may make the same at the same moment.
func (s *Server) patiently(ctx context.Context, do func(context.Context) error) error {
	for {
		once, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := do(once)
		cancel()
		if err == nil || s.o.Cluster == nil {
			return err
		}
		s.o.Log.Info("the cluster is not ready yet", "reason", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// natsLog hands the server's words to our log: its errors and warnings, and
// the rest only for whoever debugs.
type natsLog struct{ l hclog.Logger }

func (n natsLog) Noticef(f string, a ...any) { n.l.Debug(fmt.Sprintf(f, a...)) }
func (n natsLog) Warnf(f string, a ...any) {
	// What we chose on purpose is no news: the services' secrets are random and
	// live as long as the process, and TLS comes first.
	if strings.HasPrefix(f, "Plaintext passwords") || strings.HasPrefix(f, "Clients that are not using") {
		return
	}
	n.l.Warn(fmt.Sprintf(f, a...))
}
func (n natsLog) Fatalf(f string, a ...any) { n.l.Error(fmt.Sprintf(f, a...)) }
func (n natsLog) Errorf(f string, a ...any) { n.l.Error(fmt.Sprintf(f, a...)) }
func (n natsLog) Debugf(f string, a ...any) {}
func (n natsLog) Tracef(f string, a ...any) {}
