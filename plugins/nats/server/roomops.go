package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

const (
	// groupDevice stands for the directory where the id of an entry names the
	// device that wrote it; no device has such a name.
	groupDevice = "group"
	// recentChanges is how many changes of a group are known again as repeats.
	recentChanges = 64
	// secretKey holds what group ids are made with.
	secretKey = "secret.groups"
)

// openGroups makes or reads what group ids are made with, and carries out what
// a crash interrupted. Nobody is connected yet.
func (s *Server) openGroups(ctx context.Context) error {
	if err := s.patiently(ctx, s.openSecret); err != nil {
		return fmt.Errorf("open the groups: %w", err)
	}
	for _, id := range s.dir.unsettled() {
		if err := s.settle(ctx, id); err != nil {
			s.o.Log.Warn("carry out a change of a group", "group", id, "error", err)
		}
	}
	return nil
}

// openSecret reads what group ids are made with; the first one makes it.
func (s *Server) openSecret(ctx context.Context) error {
	e, err := s.dir.kv.Get(ctx, secretKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		var raw [32]byte
		if _, err := rand.Read(raw[:]); err != nil {
			return err
		}
		if _, err = s.dir.kv.Create(ctx, secretKey, []byte(hex.EncodeToString(raw[:]))); err != nil && !errors.Is(err, jetstream.ErrKeyExists) {
			return err
		}
		e, err = s.dir.kv.Get(ctx, secretKey)
	}
	if err != nil {
		return err
	}
	s.rooms.secret = e.Value()
	return nil
}

// settleSoon has what was interrupted carried out, each in its group's queue.
func (s *Server) settleSoon() {
	for _, id := range s.dir.unsettled() {
		s.shards.do(wire.RoomConversation(id), func() {
			ctx, cancel := context.WithTimeout(s.life, storeTimeout)
			defer cancel()
			if err := s.settle(ctx, id); err != nil {
				s.o.Log.Warn("carry out a change of a group", "group", id, "error", err)
			}
		})
	}
}

// newGroup is the id of the group that a change makes: nobody can guess it, and
// a repeat of the change gives it again.
func (s *Server) newGroup(user, change string) string {
	sum := make([]byte, sha256.Size)
	if change == "" {
		_, _ = rand.Read(sum) // never fails
	} else {
		h := hmac.New(sha256.New, s.rooms.secret)
		fmt.Fprintf(h, "group %s %s", user, change)
		sum = h.Sum(nil)
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum)[:20])
}

// groupChange reads a change and gives a new group its id.
func (s *Server) groupChange(user string, data []byte) (*contractv1.GroupChange, error) {
	c := &contractv1.GroupChange{}
	if err := unmarshal(data, c); err != nil {
		return nil, err
	}
	if c.Id != "" && !wire.ValidToken(c.Id) {
		return nil, wire.Errorf(contractv1.Error_INVALID, "The change has no proper id.")
	}
	if c.Op == contractv1.GroupChange_CREATE {
		c.Group = s.newGroup(user, c.Id)
	}
	if !wire.ValidRoom(c.Group) {
		return nil, wire.ErrNoMember
	}
	return c, nil
}

// onGroup takes dir.group.U.D.
func (s *Server) onGroup(c caller, data []byte) {
	change, err := s.groupChange(c.user, data)
	if err != nil {
		s.answer(c, nil, err)
		return
	}
	if !s.rooms.begin(c.user) {
		s.answer(c, nil, errBusy)
		return
	}
	if !s.shards.do(wire.RoomConversation(change.Group), func() {
		defer s.rooms.end(c.user)
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		g, err := s.changeGroup(ctx, c.user, change)
		var body []byte
		if err == nil {
			body, err = proto.Marshal(g)
		}
		s.answer(c, body, err)
	}) {
		s.rooms.end(c.user)
		s.answer(c, nil, errBusy)
	}
}

// changeGroup does one thing to a group and tells what the caller sees of it.
func (s *Server) changeGroup(ctx context.Context, me string, c *contractv1.GroupChange) (*contractv1.Group, error) {
	id := c.Group
	token := changeToken(me, c.Id)
	s.rooms.joining.Lock()
	defer s.rooms.joining.Unlock()
	for range 3 {
		if err := s.dir.upToDate(ctx); err != nil {
			return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot read the directory at the moment; try again.")
		}
		if err := s.settle(ctx, id); err != nil {
			return nil, err
		}
		if rec, _ := s.dir.group(id); c.Id != "" && slices.Contains(rec.Recent, token) {
			return s.viewAfter(id, me, c, nil), nil
		}
		p, err := s.decide(id, me, c)
		if err != nil {
			return nil, err
		}
		if p == nil {
			return s.viewAfter(id, me, c, nil), nil
		}
		if s.rooms.changes.wait(me) > 0 {
			return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "That was fast; the server takes more changes in a moment.")
		}
		if c.Id == "" {
			token = ""
		}
		err = s.commit(ctx, id, me, token, p)
		if errors.Is(err, errRaced) {
			time.Sleep(20 * time.Millisecond) // for the watch to bring what was written
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := s.settle(ctx, id); err != nil {
			return nil, err // it is decided, and carried out with the next write
		}
		return s.viewAfter(id, me, c, p), nil
	}
	return nil, errRaced
}

// changeToken names a change among those of a group.
func changeToken(me, id string) string {
	sum := sha256.Sum256([]byte(me + " " + id))
	return hex.EncodeToString(sum[:8])
}

// commit writes what is going to happen: from here on it happens.
func (s *Server) commit(ctx context.Context, id, me, token string, p *plan) error {
	rec, _ := s.dir.group(id)
	p.next.Pending = nil
	if token != "" {
		p.next.Recent = append(slices.Clone(rec.Recent), token)
		p.next.Recent = p.next.Recent[max(0, len(p.next.Recent)-recentChanges):]
	}
	pending := &pendingChange{By: me, Members: p.members, Next: p.next}
	size := int64(0)
	for _, b := range p.bodies {
		body, err := proto.Marshal(b)
		if err != nil {
			return fmt.Errorf("change a group: %w", err)
		}
		entry, err := uuid.NewV7()
		if err != nil {
			return fmt.Errorf("change a group: %w", err)
		}
		pending.Entries = append(pending.Entries, pendingEntry{ID: entry.String(), Body: body})
		size += int64(len(body)) + entryOverhead
	}
	now := s.index.time(s.nowMS())
	if p.goes {
		s.daily.count(me, size, now)
	} else if until, ok := s.daily.take(me, size, now); !ok {
		return wire.Errorf(contractv1.Error_REFUSED, "%s", s.daily.fullDay(until))
	}
	if rec.By == "" {
		rec.By, rec.CreatedMS = p.next.By, p.next.CreatedMS
	}
	rec.Pending = pending
	if err := s.dir.put(ctx, roomKey(id), &rec); err != nil {
		s.daily.giveBack(me, size, now)
		return err
	}
	return s.rooms.at("decided")
}

// settle carries out a group's decided change, if there is one. It runs in the
// group's queue, as posts do, so nothing comes between. Another replica may do
// the same at the same moment; then what it did is learnt.
func (s *Server) settle(ctx context.Context, id string) error {
	err := s.carryOut(ctx, id)
	for try := 0; errors.Is(err, errRaced) && try < 3; try++ {
		time.Sleep(20 * time.Millisecond)
		if err := s.dir.upToDate(ctx); err != nil {
			break
		}
		err = s.carryOut(ctx, id)
	}
	return err
}

// carryOut writes entries, members, group. Each step may have been done before a
// crash, and is done once.
func (s *Server) carryOut(ctx context.Context, id string) error {
	rec, _ := s.dir.group(id)
	p := rec.Pending
	if p == nil {
		return nil
	}
	done := &carried{id: id, change: p, before: s.dir.seats(id), closed: map[string]spans{}}
	last := uint64(0)
	for _, e := range p.Entries {
		v, err := s.writeMembership(ctx, id, p.By, e)
		if err != nil {
			return err
		}
		done.entries = append(done.entries, v)
		last = v.at.seq
		if err := s.rooms.at("entry"); err != nil {
			return err
		}
	}
	for _, m := range p.Members {
		if err := s.writeMember(ctx, id, p.Next.Revision, m, last, done); err != nil {
			return err
		}
		if err := s.rooms.at("member"); err != nil {
			return err
		}
	}
	next := p.Next
	if err := s.dir.put(ctx, roomKey(id), &next); err != nil {
		return err
	}
	s.fanChange(done)
	return nil
}

// writeMembership stores an entry of the directory's own, once.
func (s *Server) writeMembership(ctx context.Context, id, by string, e pendingEntry) (fanned, error) {
	conv := wire.RoomConversation(id)
	name := by + "." + groupDevice + "." + e.ID
	at, found, err := s.index.find(by+"."+groupDevice, name)
	if err != nil {
		return fanned{}, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot read its index at the moment.")
	}
	if !found {
		out := &contractv1.Envelope{Id: e.ID, Conversation: conv, Kind: contractv1.Envelope_MEMBERSHIP,
			From: s.address(by), TimeMs: s.index.time(s.nowMS()), Body: e.Body}
		body, err := proto.Marshal(out)
		if err != nil {
			return fanned{}, fmt.Errorf("change a group: %w", err)
		}
		v, err := s.append(ctx, conv, by+"."+groupDevice, name, body, out.TimeMs, nil)
		switch {
		case err != nil:
			s.storeFailed(e.ID, err)
			return fanned{}, wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot write at the moment; try again later.")
		case v.fresh:
			return v, nil
		}
		at = v.at
	}
	msgs, _, err := s.direct(ctx, streamConv, directGet{Seq: at.seq})
	if err != nil || len(msgs) == 0 {
		return fanned{at: at}, err
	}
	_, prev, err := envelope(msgs[0])
	return fanned{at: at, prev: uint64(prev), body: msgs[0].Data}, err
}

// writeMember brings one member's record to where the change has it. A record
// that bears the change's revision has had it already.
func (s *Server) writeMember(ctx context.Context, id string, revision int64, m memberChange, last uint64, done *carried) error {
	key := memberKey(id, m.User)
	have := s.dir.member(id, m.User)
	if m.Closes && m.Record.Spans.open() {
		done.closed[m.User] = m.Record.Spans
	}
	if m.Gone {
		if have.State == contractv1.Group_STATE_UNSPECIFIED {
			return nil
		}
		s.dir.write.Lock()
		defer s.dir.write.Unlock()
		return s.dir.drop(ctx, key)
	}
	if have.Revision >= revision {
		return nil
	}
	now := m.Record
	now.Revision = revision
	switch {
	case m.Opens:
		now.Spans = now.Spans.opened(last, m.Earlier)
	case m.Closes:
		now.Spans = now.Spans.closed(last)
	}
	return s.dir.put(ctx, key, &now)
}

// onGroups takes dir.groups.U.D: all that a user has to do with, in pages.
func (s *Server) onGroups(c caller, data []byte) {
	if !s.reads.do(c.user, func() {
		var p wire.Page
		if err := wire.Decode(data, &p); err != nil {
			s.answer(c, nil, err)
			return
		}
		page, next := s.groupsPage(c.user, p.After)
		body, err := proto.Marshal(page)
		if next == "" {
			s.answer(c, body, err)
			return
		}
		s.answer(c, body, err, wire.HeaderNext, next)
	}) {
		s.answer(c, nil, errBusy)
	}
}
