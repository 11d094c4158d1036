package server

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// What replicas tell each other, inside CORE where nobody else is:
//
//	rep.dir     a record of the directory that was just written
//	rep.pres    what a device said about itself, or that it left
//	rep.hello   a replica that has just come asks who is here
//
// All of it may be lost: the directory is followed in the store, connections
// are known from the servers, and presence is asked for again.
const (
	subjectDir   = "rep.dir"
	subjectPres  = "rep.pres"
	subjectHello = "rep.hello"
)

type dirNews struct {
	From string          `json:"from"`
	Key  string          `json:"key"`
	Rev  uint64          `json:"rev"`
	Data json.RawMessage `json:"data"`
}

type presNews struct {
	From         string   `json:"from"`
	User         string   `json:"user"`
	Device       string   `json:"device"`
	Status       int32    `json:"status"`
	Text         string   `json:"text,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	Gone         bool     `json:"gone,omitempty"`
	Idle         bool     `json:"idle,omitempty"`
}

// tellReplicas sends to the others, if there can be any.
func (s *Server) tellReplicas(subject string, v any) {
	if s.o.Cluster == nil {
		return
	}
	data, err := json.Marshal(v)
	if err == nil {
		err = s.core.Publish(subject, data)
	}
	if err != nil {
		s.o.Log.Debug("tell the other replicas", "subject", subject, "error", err)
	}
}

func (s *Server) onReplicaDir(m *nats.Msg) {
	var n dirNews
	if json.Unmarshal(m.Data, &n) != nil || n.From == s.replica {
		return
	}
	s.dir.apply(n.Key, n.Data, n.Rev, false)
	// Whoever is locked out there is cut off here as well: the other may not know
	// the connection.
	switch k := strings.Split(n.Key, "."); {
	case k[0] == "user" && len(k) == 2 && s.barred(k[1]) != nil:
		s.expel(k[1])
	case k[0] == "dev" && len(k) == 3 && s.dir.lockedOut(k[1], k[2]):
		s.conns.kick(k[1], k[2])
	}
}

func (s *Server) onReplicaPres(m *nats.Msg) {
	var n presNews
	if json.Unmarshal(m.Data, &n) == nil && n.From != s.replica {
		s.pres.mirror(n)
	}
}

// onHello answers a replica that asks who is here.
func (s *Server) onHello(m *nats.Msg) {
	if string(m.Data) == s.replica || m.Reply == "" {
		return
	}
	for _, n := range s.pres.all() {
		data, err := json.Marshal(n)
		if err != nil {
			return
		}
		if err := m.Respond(data); err != nil {
			return
		}
	}
	_ = m.Respond([]byte("{}")) // the end
}

// helloWait is how long a replica waits for the next word of the others.
const helloWait = 500 * time.Millisecond

// hello asks the other replicas who is here and what they said about themselves.
func (s *Server) hello(ctx context.Context) {
	sub, err := s.core.SubscribeSync(s.core.NewInbox())
	if err != nil {
		return
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := s.core.PublishRequest(subjectHello, sub.Subject, []byte(s.replica)); err != nil {
		return
	}
	for ctx.Err() == nil {
		m, err := sub.NextMsg(helloWait)
		if err != nil {
			return
		}
		var n presNews
		if json.Unmarshal(m.Data, &n) == nil && n.User != "" {
			s.pres.mirror(n)
		}
	}
}

// news is what others should know of a device; p.mu is held.
func (p *presence) news(user, device string, u *present) presNews {
	n := presNews{From: p.s.replica, User: user, Device: device, Status: int32(u.status), Text: u.text}
	if d := u.devices[device]; d != nil {
		n.Capabilities, n.Idle = d.capabilities, d.idle
	} else {
		n.Gone = true
	}
	return n
}

// all lists every device that is here.
func (p *presence) all() []presNews {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []presNews
	for name, u := range p.users {
		for device, d := range u.devices {
			if !d.presumed {
				out = append(out, p.news(name, device, u))
			}
		}
	}
	return out
}

// mirror takes over what another replica heard; that one tells the contacts.
func (p *presence) mirror(n presNews) {
	if !wire.ValidName(n.User) || !wire.ValidDevice(n.Device) {
		return
	}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	u := p.user(n.User)
	before := u.shown(p.s.address(n.User))
	u.status, u.text = contractv1.SetPresence_Status(n.Status), n.Text
	d := u.devices[n.Device]
	switch {
	case n.Gone && d != nil:
		if d.leaving != nil {
			d.leaving.Stop()
		}
		caps := u.capabilities()
		if delete(u.devices, n.Device); !u.online() {
			u.last = caps
		}
	case !n.Gone:
		if d == nil {
			d = &presentDevice{}
			u.devices[n.Device] = d
		}
		if d.leaving != nil {
			d.leaving.Stop()
			d.leaving = nil
		}
		d.capabilities, d.idle, d.presumed = n.Capabilities, n.Idle, false
		if time.Since(u.ended) < contradiction {
			p.publish(n.User, u, before) // we said lately that it is gone
		}
	}
	p.mu.Unlock()
	if !n.Gone && !p.s.conns.has(n.User, n.Device) {
		p.left(n.User, n.Device) // it went while we heard of it
	}
}

// contradiction is how long two replicas may need to hear of the same thing.
const contradiction = 5 * time.Second

// here takes up a device that is connected and of which nobody has heard what
// it said about itself: what the directory remembers stands for it.
func (p *presence) here(user, device string) {
	if p.s.o.Cluster == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.user(user)
	if u.devices[device] == nil {
		u.devices[device] = &presentDevice{capabilities: u.last, presumed: true}
	}
}
