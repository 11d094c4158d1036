package server

import (
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// rooms is what the services of groups share. Everything that goes out to the
// members of one group goes through one queue of fans, in order.
type rooms struct {
	secret  []byte
	joining sync.Mutex // one change of a group at a time, so that counts over groups hold
	changes *limits    // changes of groups by a user
	copies  *limits    // signals' copies in a group
	fans    *shards

	mu     sync.Mutex
	states map[string]*stateFan
	under  map[string]int // changes of groups under way, by who makes them
	closed bool

	step func(string) error // tests stop a change between two of its writes
}

func (r *rooms) at(step string) error {
	if r.step == nil {
		return nil
	}
	return r.step(step)
}

// Bounds of what a group's members cause at the server. Changes of groups are
// slow, wait for each other, and sit in the queues in which everybody's messages
// are stored: one person has few of them under way.
const (
	changesUnderWay         = 4
	changeRate, changeBurst = 20, 2000
	copyRate, copyBurst     = 20000, 40000
)

func newRooms() *rooms {
	return &rooms{changes: newLimits(changeRate, changeBurst), copies: newLimits(copyRate, copyBurst),
		fans: newShards(4), states: map[string]*stateFan{}, under: map[string]int{}}
}

// begin takes up a change by a user, or reports that the user has enough of them
// under way; end is called when it is done.
func (r *rooms) begin(user string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.under[user] >= changesUnderWay {
		return false
	}
	r.under[user]++
	return true
}

func (r *rooms) end(user string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.under[user]--; r.under[user] <= 0 {
		delete(r.under, user)
	}
}

// close ends the timers and waits for what is queued.
func (r *rooms) close() {
	r.mu.Lock()
	r.closed = true
	for _, f := range r.states {
		f.timer.Stop()
	}
	r.mu.Unlock()
	r.fans.close()
}

// fanned is an entry on its way to the members.
type fanned struct {
	at    place
	prev  uint64 // the entry before in the group's order
	body  []byte
	fresh bool // it was not there before
}

// fanEntry brings a stored entry to those who hear the group. Each is told the
// newest entry before it that this member may see, so that a gap shows and what
// is not for them is none.
func (s *Server) fanEntry(id string, v fanned, to []seat) {
	s.rooms.fans.wait(id, func() { s.sendEntry(id, v, to) })
}

func (s *Server) sendEntry(id string, v fanned, to []seat) {
	seq := strconv.FormatUint(v.at.seq, 10)
	headers := map[uint64]nats.Header{}
	for _, m := range to {
		prev := m.spans.before(v.prev)
		h := headers[prev]
		if h == nil {
			h = nats.Header{wire.HeaderSequence: {seq}, wire.HeaderPrevious: {strconv.FormatUint(prev, 10)}}
			headers[prev] = h
		}
		if err := s.sb.PublishMsg(&nats.Msg{Subject: wire.RoomSubject(m.user, id), Header: h, Data: v.body}); err != nil {
			s.o.Log.Debug("fan", "error", err)
			return
		}
	}
}

// carried is a change that was carried out and is now told.
type carried struct {
	id      string
	change  *pendingChange
	entries []fanned
	before  []seat
	closed  map[string]spans // of those who went, as they were until then
}

// fanChange tells those who come what they come into, everybody the entries,
// and then the rest what has changed. The last that somebody hears who goes is
// that they went.
func (s *Server) fanChange(c *carried) {
	to := s.dir.seats(c.id)
	for user, sp := range c.closed {
		to = append(to[:len(to):len(to)], seat{user, sp})
	}
	s.rooms.fans.wait(c.id, func() {
		for _, m := range c.change.Members {
			if m.Opens {
				s.pushGroup(m.User, s.groupView(c.id, m.User, nil, true))
			}
		}
		for _, v := range c.entries {
			if v.body != nil {
				s.sendEntry(c.id, v, to)
			}
		}
		s.tellGroup(c)
	})
}

// fanSignal passes a signal on to the members, or to one of them. Who has
// blocked the sender hears it in a group all the same, as with messages.
func (s *Server) fanSignal(id string, c caller, sig *contractv1.NetSignal) {
	to := s.dir.seats(id)
	data, err := proto.Marshal(sig)
	if err != nil {
		return
	}
	if t := sig.Signal.Target; t != "" {
		user, err := wire.User(t, s.o.Network)
		if err != nil || !s.dir.isIn(id, user) {
			return
		}
		to = []seat{{user: user}}
	}
	if ok := s.rooms.copies.take(id, len(to)); !ok {
		return
	}
	s.rooms.fans.do(id, func() {
		for _, m := range to {
			if err := s.sb.Publish(wire.EphemeralSubject(m.user, c.user, c.device), data); err != nil {
				s.o.Log.Debug("signal", "error", err)
				return
			}
		}
	})
}
