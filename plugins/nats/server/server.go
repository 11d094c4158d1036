// Package server is the network itself: an embedded nats-server, or the way to a
// cluster of them, and the services around it. Its parts, by file:
//
//   - server, options, embed, cluster, revive, space: the store and its life
//   - callout, authenticator, register, enrol, join, linking, leaf, key: who may
//     come in
//   - post, shards, tails, index, kept, daily, limit: entries, stored once and in
//     order, and what bounds them
//   - box, direct, spans: what was missed
//   - directory, records, dir…, roster, devices, profile, users: people and devices
//   - room…, fan…: groups, decided by the directory, brought to members by the fan
//   - state, stateshare, presence, conns, signal: what holds now
//   - blob, blobrecord: pictures and files
//   - replicas, alive, …follow: what several servers of one network tell each other
//   - door, backup, restore, move: a network that one computer carries
//
// It owns the network's folder. It never reads a body, and it knows nothing of
// hosts or plugins: its clients are package client, or anything that speaks
// package wire.
package server

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
)

// storeTimeout bounds one write or read of the store.
const storeTimeout = 5 * time.Second

// Server is one running network.
type Server struct {
	o       Options
	key     ed25519.PrivateKey // nil in a replica: the network's key is not there
	public  ed25519.PublicKey
	replica string // names this process among others on one store

	issuer nkeys.KeyPair
	xkey   nkeys.KeyPair // nil in one process
	ns     *server.Server
	sys    *nats.Conn // system account: who comes and goes, and kicks
	sb     *nats.Conn // the users' account: requests in, answers and pushes out
	core   *nats.Conn // the services' account: the store
	js     jetstream.JetStream

	where     atomic.Pointer[[]string]
	door      *door
	space     *space
	health    health
	conns     *conns
	dir       *directory
	index     *index
	tails     tails
	pres      *presence
	doors     []*nats.Subscription
	shards    *shards // writes: one conversation is always in the same queue
	reads     *shards
	admits    *shards // connections, in a cluster
	requests  *limits // requests of a device, whatever they ask
	entries   *limits // entries of a user
	signals   *limits // signals of a device
	parts     *limits // parts of blobs of a user
	asks      *limits // requests to be somebody's contact, of a user
	sources   *limits // registering connections of a source
	auth      Authenticator
	daily     *daily  // bytes of entries of a user
	shares    *shares // of state values
	rooms     *rooms  // groups
	retention time.Duration
	alive     *alive // of a cluster
	again     chan struct{}
	counters  counters

	life   context.Context // ends with Close
	stop   context.CancelFunc
	done   sync.WaitGroup
	closed sync.Once
}

// Start carries a network until Close. Everything it needs is in the folder;
// a second server on the same folder is the caller's to prevent.
func Start(o Options) (_ *Server, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the network's folder: %w", err)
	}
	s := newServer(o)
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	begin, cancel := context.WithTimeout(s.life, time.Minute)
	defer cancel()
	if err := s.open(begin); err != nil {
		return nil, err
	}
	if err := s.door.begin(); err != nil {
		return nil, err
	}
	if err := s.streams(begin); err != nil {
		return nil, err
	}
	if s.dir, err = openDirectory(begin, s); err != nil {
		return nil, err
	}
	if s.index, err = openIndex(begin, s); err != nil {
		return nil, err
	}
	work, end := context.WithTimeout(s.life, time.Minute) // the index may have taken long
	defer end()
	if err := s.work(work); err != nil {
		return nil, err
	}
	return s, nil
}

// newServer is a server that has not begun; its options are complete.
func newServer(o Options) *Server {
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		o: o, life: ctx, stop: stop, retention: o.Retention, replica: newReplicaID(), again: make(chan struct{}, 1),
		space:    &space{free: o.Free, min: o.MinFree},
		requests: newLimits(1000, 4000),
		entries:  newLimits(o.Rate, o.Burst),
		signals:  newLimits(100, 400),
		parts:    newLimits(200, 600),
		asks:     newLimits(1.0/30, 30),
		shares:   newShares(maxStateValues),
		daily:    newDaily(o.Daily),
		rooms:    newRooms(),
	}
	s.sources = newLimits(o.RegisterRate, o.RegisterBurst)
	if s.auth = s.DeviceKeys(); o.Authenticate != nil {
		s.auth = o.Authenticate(s.auth)
	}
	s.counters.began = time.Now()
	s.conns = newConns(s)
	s.door = newDoor(s)
	s.health.wake = make(chan struct{}, 1)
	return s
}

// work starts what serves people, on an open store.
func (s *Server) work(begin context.Context) error {
	s.pres = newPresence(s)
	s.shards, s.reads, s.admits = newShards(8), newShards(4), newShards(8)
	s.run(s.pres.write, s.life)
	s.run(s.housekeeping, s.life)
	if s.o.Cluster == nil {
		s.run(s.reviver, s.life)
	} else if err := s.joinReplicas(s.life); err != nil {
		return err
	}
	if err := s.openGroups(begin); err != nil {
		return err
	}
	if err := s.serve(); err != nil {
		return err
	}
	if s.o.Cluster != nil {
		// Events are heard from here on; who came before them is asked for now.
		s.hello(begin)
		s.conns.reconcile(begin)
		s.run(s.resyncer, s.life)
	}
	return nil
}

// open starts the store in this process, or finds it in a cluster.
func (s *Server) open(ctx context.Context) (err error) {
	if s.o.Cluster != nil {
		return s.join(ctx)
	}
	if err := checkMoved(s.o.Folder); err != nil {
		return err
	}
	if err := checkWhole(s.o.Folder); err != nil {
		return err
	}
	if s.key, err = LoadKey(s.o.Folder); err != nil {
		return err
	}
	s.public = s.key.Public().(ed25519.PublicKey)
	return s.embed()
}

// joinReplicas makes a replica one of several: it follows what the others do,
// and learns who is connected already.
func (s *Server) joinReplicas(ctx context.Context) error {
	for _, v := range []struct {
		subject string
		handle  nats.MsgHandler
	}{{subjectDir, s.onReplicaDir}, {subjectPres, s.onReplicaPres}, {subjectHello, s.onHello}, {"live.>", s.index.follow}} {
		if _, err := s.listen(s.core, v.subject, "", v.handle); err != nil {
			return err
		}
	}
	s.alive = newAlive(s)
	s.alive.round(ctx)
	s.run(s.alive.watch, ctx)
	return nil
}

// run starts a goroutine that Close waits for.
func (s *Server) run(f func(context.Context), ctx context.Context) {
	s.done.Add(1)
	go func() {
		defer s.done.Done()
		f(ctx)
	}()
}

// serve opens the doors: the callout last, so that nobody comes in before the
// services listen.
func (s *Server) serve() error {
	type service struct {
		conn    *nats.Conn
		subject string
		handle  nats.MsgHandler
		all     bool // every replica hears it; else one of them
	}
	account := "$SYS.ACCOUNT." + accountUsers
	for _, v := range []service{
		{s.sys, account + ".CONNECT", s.conns.connected, true},
		{s.sys, account + ".DISCONNECT", s.conns.disconnected, true},
		{s.sb, "post.*.*.*.*", s.onPost, false},
		{s.sb, "box.*.*", s.onBox, false},
		{s.sb, "dir.*.*.*", s.onDirectory, false},
		{s.sb, "sig.*.*.*.*", s.onSignal, false},
		{s.sb, "reg.*", s.onRegister, false},
		{s.core, server.AuthCalloutSubject, s.onCallout, false},
	} {
		queue := queueGroup
		if v.all {
			queue = ""
		}
		sub, err := s.listen(v.conn, v.subject, queue, v.handle)
		if err != nil {
			return err
		}
		if !v.all {
			s.doors = append(s.doors, sub)
		}
	}
	return nil
}

// queueGroup is what replicas share requests in: one of them gets each.
const queueGroup = "services"

func (s *Server) listen(conn *nats.Conn, subject, queue string, handle nats.MsgHandler) (*nats.Subscription, error) {
	sub, err := conn.QueueSubscribe(subject, queue, handle)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	if err := sub.SetPendingLimits(1<<20, 256<<20); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	if err := conn.FlushTimeout(storeTimeout); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", subject, err)
	}
	return sub, nil
}

// drain takes no new requests and finishes those that it has: the other
// replicas take what comes next.
func (s *Server) drain() {
	if s.o.Cluster == nil {
		return
	}
	for _, sub := range s.doors {
		if err := sub.Drain(); err != nil {
			s.o.Log.Debug("drain", "subject", sub.Subject, "error", err)
		}
	}
	for end := time.Now().Add(drainTime); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if !slices.ContainsFunc(s.doors, (*nats.Subscription).IsValid) {
			break
		}
	}
	for _, q := range []*shards{s.shards, s.reads, s.admits} {
		if q != nil {
			q.close()
		}
	}
	s.rooms.close()
	if err := s.sb.FlushTimeout(drainTime); err != nil {
		s.o.Log.Debug("drain", "error", err)
	}
}

// drainTime bounds how long the end waits for requests under way.
const drainTime = 2 * time.Second

// housekeeping forgets what has expired and what the events missed.
func (s *Server) housekeeping(ctx context.Context) {
	sweep := time.NewTicker(time.Minute)
	defer sweep.Stop()
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-sweep.C:
			s.conns.reconcile(ctx)
			s.settleSoon()
			s.expireBlobs(ctx)
		case <-hour.C:
			s.dir.expire(ctx)
			s.dir.expireGroups(ctx)
			s.leaveRemoved(ctx)
			if err := s.index.trim(ctx); err != nil {
				s.o.Log.Warn("trim the index", "error", err)
			}
		}
	}
}

// Close stops everything; what was acknowledged is on the disk already.
func (s *Server) Close() { s.closed.Do(s.close) }

func (s *Server) close() {
	s.door.close()
	if s.sb != nil {
		s.drain()
	}
	s.stop()
	if s.sb != nil {
		s.sb.Close()
	}
	for _, q := range []*shards{s.shards, s.reads, s.admits} {
		if q != nil {
			q.close()
		}
	}
	s.rooms.close()
	if s.pres != nil {
		s.pres.close()
	}
	s.done.Wait()
	if s.core != nil {
		s.core.Close()
	}
	if s.sys != nil {
		s.sys.Close()
	}
	if s.ns != nil {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
	}
	if s.index != nil {
		if err := s.index.close(); err != nil {
			s.o.Log.Warn("close the index", "error", err)
		}
	}
}

// Addresses are where clients find the server.
func (s *Server) Addresses() []string {
	if a := s.where.Load(); a != nil {
		return *a
	}
	return nil
}

func (s *Server) setAddresses(a []string) { s.where.Store(&a) }

// Listening is the address it really listens on; a replica names the first of
// its cluster.
func (s *Server) Listening() string {
	if s.ns == nil {
		return s.Addresses()[0]
	}
	return s.ns.Addr().String()
}

// Network is the network's name.
func (s *Server) Network() string { return s.o.Network }

// Key is the network's public key, which invitations pin.
func (s *Server) Key() ed25519.PublicKey { return s.public }

// Link is the network's address without an invitation.
func (s *Server) Link() wire.Link {
	return wire.Link{Addresses: s.Addresses(), Network: s.o.Network, Key: s.Key()}
}

// Invite makes an invitation with the server's own authority; an owner's makes
// the one who uses it an owner.
func (s *Server) Invite(ctx context.Context, uses uint32, life time.Duration, owner bool) (wire.Link, error) {
	inv, err := s.dir.invite(ctx, "", uses, life, owner)
	if err != nil {
		return wire.Link{}, err
	}
	l := s.Link()
	l.Token = inv
	return l, nil
}

// HasOwner reports whether somebody owns the network already.
func (s *Server) HasOwner() bool { return s.dir.hasOwner() }
