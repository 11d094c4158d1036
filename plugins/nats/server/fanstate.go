package server

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// stateFan gathers the state values of a group that are on their way to its
// members: one person's newest value at most once an interval. Authors take turns,
// so that one who sets thousands of values delays nobody else's.
type stateFan struct {
	timer   *time.Timer
	authors []string // whose turn it is, first
	waiting map[string]*authorValues
	size    int // bytes of the values that are remembered
}

// authorValues are the values of one author that wait, the oldest first. A value
// that is nil is read from the store when its turn comes.
type authorValues struct {
	order  []string // subjects
	values map[string]*contractv1.NetState
}

// Bounds of a group's state values on their way: a thousand cursors cost each
// member one message an interval.
const (
	stateEvery    = time.Second
	statePerEvery = 100      // members for whom the interval is stateEvery; it grows with them
	statePart     = 64 << 10 // bytes of one message
	stateKept     = 1 << 20  // bytes of values remembered for a group; others are read again
	stateRead     = 16       // values that are read again for one message
)

// add takes up a value; a newer one takes the place of the one before.
func (f *stateFan) add(author, subject string, n *contractv1.NetState) {
	w := f.waiting[author]
	if w == nil {
		w = &authorValues{values: map[string]*contractv1.NetState{}}
		f.waiting[author] = w
		f.authors = append(f.authors, author)
	}
	before, there := w.values[subject]
	if !there {
		w.order = append(w.order, subject)
	}
	f.size -= proto.Size(before)
	if f.size+proto.Size(n) > stateKept {
		n = nil
	}
	f.size += proto.Size(n)
	w.values[subject] = n
}

// next takes out the value whose turn it is; n is nil where it is to be read.
func (f *stateFan) next() (subject string, n *contractv1.NetState) {
	author := f.authors[0]
	f.authors = f.authors[1:]
	w := f.waiting[author]
	subject, w.order = w.order[0], w.order[1:]
	n = w.values[subject]
	delete(w.values, subject)
	f.size -= proto.Size(n)
	if len(w.order) > 0 {
		f.authors = append(f.authors, author)
	} else {
		delete(f.waiting, author)
	}
	return subject, n
}

// fanState tells a value to the author's devices at once and to the group's
// members soon. It is called in the group's queue of writes.
func (s *Server) fanState(id, author, subject string, n *contractv1.NetState) {
	s.rooms.fans.wait(id, func() {
		s.push(author, wire.PushState, &contractv1.StateChange{Values: []*contractv1.NetState{n}})
		if n.Value.Scope != contractv1.StateValue_EVERYONE {
			return
		}
		r := s.rooms
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.closed {
			return
		}
		f := r.states[id]
		if f == nil {
			f = &stateFan{waiting: map[string]*authorValues{}}
			r.states[id] = f
			// The first after a silence goes out at once.
			f.timer = time.AfterFunc(0, func() { r.fans.wait(id, func() { s.flushState(id) }) })
		}
		f.add(author, subject, n)
	})
}

// flushState sends a part of what waits, and comes again while there is more.
func (s *Server) flushState(id string) {
	to := s.dir.seats(id)
	r := s.rooms
	r.mu.Lock()
	f := r.states[id]
	if r.closed || f == nil {
		r.mu.Unlock()
		return
	}
	if len(f.authors) == 0 {
		delete(r.states, id) // a silence
		r.mu.Unlock()
		return
	}
	out, size, read := &contractv1.StateChange{}, 0, []string(nil)
	for len(f.authors) > 0 && size < statePart && len(read) < stateRead {
		subject, n := f.next()
		if n == nil {
			read = append(read, subject)
			size += contractv1.MaxState
			continue
		}
		out.Values = append(out.Values, n)
		size += proto.Size(n)
	}
	f.timer.Reset(stateEvery * time.Duration(max(1, len(to)/statePerEvery)))
	r.mu.Unlock()
	out.Values = append(out.Values, s.readStates(read)...)
	s.refresh(out)
	if len(out.Values) > 0 {
		s.tellStates(to, out)
	}
}

// tellStates sends values to the members of a group.
func (s *Server) tellStates(to []seat, out *contractv1.StateChange) {
	data, err := proto.Marshal(out)
	if err != nil {
		s.o.Log.Error("fan", "error", err)
		return
	}
	only := ""
	if len(out.Values) == 1 {
		only = out.Values[0].Value.Author // who has it already
	}
	for _, m := range to {
		if s.address(m.user) == only {
			continue
		}
		if err := s.sb.Publish(wire.PushSubject(m.user, wire.PushState), data); err != nil {
			s.o.Log.Debug("fan", "error", err)
			return
		}
	}
}

// readStates reads values from the store. One that cannot be read is not told:
// members have it when they ask for all.
func (s *Server) readStates(subjects []string) []*contractv1.NetState {
	if len(subjects) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.life, storeTimeout)
	defer cancel()
	msgs, err := s.last(ctx, streamState, subjects, 0, 0)
	if err != nil {
		s.o.Log.Warn("read values of a group", "error", err)
		return nil
	}
	var all []*contractv1.NetState
	for _, m := range msgs {
		n := &contractv1.NetState{}
		if proto.Unmarshal(m.Data, n) == nil && n.Value != nil {
			all = append(all, n)
		}
	}
	return all
}

// refresh reads values again where another replica may have taken newer ones and
// told them already.
func (s *Server) refresh(c *contractv1.StateChange) {
	if s.o.Cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(s.life, storeTimeout)
	defer cancel()
	for i, n := range c.Values {
		user, err := wire.User(n.Value.Author, s.o.Network)
		if err != nil {
			continue
		}
		msgs, _, err := s.direct(ctx, streamState, directGet{LastFor: stateSubject(n, user)})
		now := &contractv1.NetState{}
		if err == nil && len(msgs) == 1 && proto.Unmarshal(msgs[0].Data, now) == nil && now.Value.GetTimeMs() > n.Value.TimeMs {
			c.Values[i] = now
		}
	}
}
