package server

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
)

// Cluster says where the store is when it is not in this process: three
// nats-servers that others run. A server with it is a replica: any number of
// them share the work, and none keeps anything that the store does not have.
type Cluster struct {
	// Servers are the nats-servers, host:port.
	Servers []string
	// Key is the network's public key, which signed the servers' certificates.
	Key ed25519.PublicKey
	// Sys, Core and Users are the seeds of the nkeys with which the services
	// sign in to the three accounts.
	Sys, Core, Users []byte
	// Issuer is the seed of the account nkey that signs the callout's answers,
	// XKey the seed of the curve key with which its questions are sealed.
	Issuer, XKey []byte
	// Copies of every stream: 3 where there are three servers. Zero is 3.
	Copies int
}

// The accounts of the nats-servers: people, the services with the store, the system.
const (
	AccountUsers = accountUsers
	AccountCore  = accountCore
	AccountSys   = accountSys
)

const (
	clusterRetry = 50 * time.Millisecond
	clusterPing  = 2 * time.Second
)

// join connects the services to a cluster, and waits for it until ctx ends.
func (s *Server) join(ctx context.Context) (err error) {
	c := s.o.Cluster
	if len(c.Servers) == 0 || len(c.Key) != ed25519.PublicKeySize {
		return errors.New("a cluster needs the addresses of its servers and the network's key")
	}
	if c.Copies == 0 {
		c.Copies = 3
	}
	s.public = c.Key
	if s.issuer, err = nkeys.FromSeed(c.Issuer); err != nil {
		return fmt.Errorf("the callout's key is damaged: %w", err)
	}
	if s.xkey, err = nkeys.FromCurveSeed(c.XKey); err != nil {
		return fmt.Errorf("the callout's sealing key is damaged: %w", err)
	}
	for _, v := range []struct {
		conn *(*nats.Conn)
		seed []byte
		name string
	}{{&s.sys, c.Sys, "svc_sys"}, {&s.core, c.Core, "svc_core"}, {&s.sb, c.Users, "svc_sb"}} {
		if *v.conn, err = s.dialCluster(ctx, v.name, v.seed); err != nil {
			return err
		}
	}
	if s.js, err = jetstream.New(s.core, jetstream.WithDefaultTimeout(storeTimeout)); err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s.setAddresses(s.o.Advertise)
	if len(s.o.Advertise) == 0 {
		s.setAddresses(c.Servers)
	}
	return nil
}

// dialCluster signs in with an nkey, again and again while no server answers.
func (s *Server) dialCluster(ctx context.Context, name string, seed []byte) (*nats.Conn, error) {
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("the key of %s is damaged: %w", name, err)
	}
	public, err := kp.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("the key of %s is damaged: %w", name, err)
	}
	urls := make([]string, len(s.o.Cluster.Servers))
	for i, a := range s.o.Cluster.Servers {
		urls[i] = "tls://" + a
	}
	opts := []nats.Option{
		nats.Name(name + "." + s.replica), nats.Nkey(public, kp.Sign),
		nats.Secure(wire.ClientTLS(s.o.Cluster.Key)), nats.TLSHandshakeFirst(), nats.Timeout(2 * time.Second),
		nats.MaxReconnects(-1), nats.ReconnectWait(clusterRetry), nats.ReconnectJitter(clusterRetry, clusterRetry),
		// What could not be sent is reported at once: posts are tried again by
		// whoever wrote them, and answers to a connection that is gone help nobody.
		nats.ReconnectBufSize(-1), nats.PingInterval(clusterPing), nats.MaxPingsOutstanding(2), nats.IgnoreAuthErrorAbort(),
		nats.ErrorHandler(s.serviceFault), nats.ReconnectHandler(func(*nats.Conn) { s.resync() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				s.o.Log.Info("a service lost its server and looks for another", "service", name, "error", err)
			}
		}),
	}
	for {
		nc, err := nats.Connect(strings.Join(urls, ","), opts...)
		if err == nil {
			return nc, nil
		}
		if errors.Is(err, wire.ErrWrongKey) {
			return nil, fmt.Errorf("connect %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect %s to the cluster: %w", name, err)
		case <-time.After(4 * clusterRetry):
		}
	}
}

func (s *Server) serviceFault(_ *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	s.o.Log.Warn("service", "subject", subject, "error", err)
}

// askServer puts a question to one nats-server.
func (s *Server) askServer(ctx context.Context, srv, what string, q, answer any) error {
	data, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("ask server %s: %w", srv, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	m, err := s.sys.RequestWithContext(ctx, "$SYS.REQ.SERVER."+srv+"."+what, data)
	if err != nil {
		return fmt.Errorf("ask server %s: %w", srv, err)
	}
	if err := json.Unmarshal(m.Data, answer); err != nil {
		return fmt.Errorf("ask server %s: %w", srv, err)
	}
	return nil
}

// leaderLast asks the stream's leader for the newest sequence of a subject; 0
// when there is none. Other copies may answer from a moment ago.
func (s *Server) leaderLast(ctx context.Context, stream, subject string) (uint64, error) {
	q, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return 0, fmt.Errorf("read the store: %w", err)
	}
	m, err := s.core.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, q)
	if err != nil {
		return 0, fmt.Errorf("read the store: %w", err)
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Seq uint64 `json:"seq"`
		} `json:"message"`
	}
	switch err := json.Unmarshal(m.Data, &answer); {
	case err != nil:
		return 0, fmt.Errorf("read the store: %w", err)
	case answer.Error != nil && answer.Error.Code == 404:
		return 0, nil
	case answer.Error != nil:
		return 0, fmt.Errorf("read the store: %w", answer.Error)
	case answer.Message == nil:
		return 0, errors.New("read the store: an empty answer")
	}
	return answer.Message.Seq, nil
}

// copies of every stream and bucket.
func (s *Server) copies() int {
	if s.o.Cluster == nil {
		return 1
	}
	return s.o.Cluster.Copies
}

// Streams of the network, by name; the directory's bucket is one, too.
var allStreams = []string{streamConv, streamState, streamBlob, "KV_" + bucketDir}

// StepDown makes a server give up the lead of every stream of the network that
// it has, so that it can be stopped without the seconds that finding a new
// leader takes otherwise. An empty name means whichever leads. It tells how many
// streams changed hands.
func (s *Server) StepDown(ctx context.Context, srv string) (int, error) {
	if s.o.Cluster == nil {
		return 0, errors.New("this server stands alone: nobody could take over")
	}
	n := 0
	for _, name := range allStreams {
		st, err := s.js.Stream(ctx, name)
		if err != nil {
			return n, fmt.Errorf("read the store %s: %w", name, err)
		}
		info := st.CachedInfo()
		if info.Cluster == nil || info.Cluster.Leader == "" || srv != "" && info.Cluster.Leader != srv {
			continue
		}
		if err := s.stepDown(ctx, "$JS.API.STREAM.LEADER.STEPDOWN."+name); err != nil {
			return n, fmt.Errorf("%s gives up %s: %w", info.Cluster.Leader, name, err)
		}
		n++
	}
	return n, nil
}

func (s *Server) stepDown(ctx context.Context, subject string) error {
	m, err := s.core.RequestWithContext(ctx, subject, nil)
	if err != nil {
		return err
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Success bool                `json:"success"`
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return answer.Error
	}
	if !answer.Success {
		return errors.New("nobody else is ready to lead")
	}
	return nil
}

func newReplicaID() string { return strings.ToLower(rand.Text()[:10]) }

// ClusterState is how the servers of a cluster stand.
type ClusterState struct {
	// Servers is how many of them answer.
	Servers int `json:"servers"`
	// Leader is the one that leads the store.
	Leader string `json:"leader"`
	// Behind names copies that lack something, as stream/server; while there are
	// any, no further server should be stopped.
	Behind []string `json:"behind"`
}

// ClusterState asks how the servers stand.
func (s *Server) ClusterState(ctx context.Context) (ClusterState, error) {
	if s.o.Cluster == nil {
		return ClusterState{}, errors.New("this server stands alone")
	}
	out := ClusterState{Servers: len(s.alive.servers()), Behind: []string{}}
	for _, name := range allStreams {
		st, err := s.js.Stream(ctx, name)
		if err != nil {
			return out, fmt.Errorf("read the store %s: %w", name, err)
		}
		c := st.CachedInfo().Cluster
		if c == nil || c.Leader == "" {
			out.Behind = append(out.Behind, name+"/(no leader)")
			continue
		}
		if name == streamConv {
			out.Leader = c.Leader
		}
		for _, r := range c.Replicas {
			if !r.Current || r.Offline {
				out.Behind = append(out.Behind, name+"/"+r.Name)
			}
		}
	}
	return out, nil
}

// addressesFor are the addresses in an order of a person's own, always the same:
// the servers of a cluster share the people.
func (s *Server) addressesFor(user string) []string {
	all := s.Addresses()
	if s.o.Cluster == nil || len(all) < 2 {
		return all
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(user))
	first := int(h.Sum32() % uint32(len(all)))
	return append(append(make([]string, 0, len(all)), all[first:]...), all[:first]...)
}
