package server

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// State values are last-wins values outside the log, one subject each:
//
//	state.e.<lo>.<hi>.<author>.<plugin>.<session>.<key>   for everyone
//	state.m.<author>.<lo>.<hi>.<plugin>.<session>.<key>   for the author's devices
//	state.r.<R>.<author>.<plugin>.<session>.<key>         for the members of a group
//	state.n.<author>.<R>.<plugin>.<session>.<key>         for the author's devices, in a group
//
// Dots of a key become slashes, so that every key is one token.

func stateQueue(data []byte, user string) string {
	var n contractv1.NetState
	if proto.Unmarshal(data, &n) != nil {
		return user
	}
	return n.Conversation
}

// setState stores a value and tells it to those who may see it.
func (s *Server) setState(ctx context.Context, c caller, data []byte) error {
	var in contractv1.NetState
	if err := unmarshal(data, &in); err != nil {
		return err
	}
	if err := s.checkState(ctx, c, &in); err != nil {
		return err
	}
	v := &contractv1.StateValue{
		Author: s.address(c.user), Key: in.Value.Key, Value: in.Value.Value, Scope: in.Value.Scope, TimeMs: s.nowMS(),
	}
	out := &contractv1.NetState{Conversation: in.Conversation, Session: in.Session, Plugin: in.Plugin, Value: v}
	body, err := proto.Marshal(out)
	if err != nil {
		return fmt.Errorf("store a value: %w", err)
	}
	subject := stateSubject(out, c.user)
	if err := s.shares.take(ctx, c.user, subject, func(ctx context.Context) ([]string, error) {
		return s.subjects(ctx, streamState, authored(c.user))
	}); err != nil {
		return err
	}
	if err := s.store(ctx, &nats.Msg{Subject: subject, Data: body}); err != nil {
		return err
	}
	if room, ok := wire.Room(in.Conversation); ok {
		s.fanState(room, c.user, subject, out)
		return nil
	}
	change := &contractv1.StateChange{Values: []*contractv1.NetState{out}}
	s.push(c.user, wire.PushState, change)
	if peer, _ := wire.Peer(in.Conversation, c.user); v.Scope == contractv1.StateValue_EVERYONE && peer != c.user {
		s.push(peer, wire.PushState, change)
	}
	return nil
}

func (s *Server) checkState(ctx context.Context, c caller, in *contractv1.NetState) error {
	room, isRoom := wire.Room(in.Conversation)
	if isRoom {
		if _, err := s.dir.mayHear(room, c.user); err != nil {
			return err
		}
	} else if _, err := wire.Peer(in.Conversation, c.user); err != nil {
		return err
	}
	v := in.Value
	switch {
	case v == nil || !wire.ValidStateKey(v.Key) || !wire.ValidToken(in.Session) || !wire.ValidName(in.Plugin):
		return wire.Errorf(contractv1.Error_INVALID, "The value's key, session or plugin is malformed.")
	case len(v.Value) > contractv1.MaxState:
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A value has at most %d bytes.", contractv1.MaxState)
	case v.Scope == contractv1.StateValue_MY_DEVICES:
		return nil
	case v.Scope != contractv1.StateValue_EVERYONE:
		return wire.Errorf(contractv1.Error_INVALID, "The value does not say who may see it.")
	}
	return s.mayPost(ctx, in.Conversation, c.user)
}

func stateSubject(n *contractv1.NetState, author string) string {
	key := n.Plugin + "." + n.Session + "." + strings.ReplaceAll(n.Value.Key, ".", "/")
	mine := n.Value.Scope == contractv1.StateValue_MY_DEVICES
	if room, ok := wire.Room(n.Conversation); ok && mine {
		return "state.n." + author + "." + room + "." + key
	} else if ok {
		return "state.r." + room + "." + author + "." + key
	}
	lo, hi, _ := wire.Members(n.Conversation)
	if mine {
		return "state.m." + author + "." + lo + "." + hi + "." + key
	}
	return "state.e." + lo + "." + hi + "." + author + "." + key
}

// store writes one value.
func (s *Server) store(ctx context.Context, m *nats.Msg) error {
	if s.space.low() {
		return errFull
	}
	if _, err := s.js.PublishMsg(ctx, m); err != nil {
		s.health.failed()
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "The server cannot write at the moment; it is tried again.")
	}
	return nil
}

func stateFilters(user string) []string {
	return []string{"state.e." + user + ".*.>", "state.e.*." + user + ".>", "state.m." + user + ".>", "state.n." + user + ".>"}
}

// roomStates begins the subjects of groups' values, behind all others.
const roomStates = "state.r."

// stateSubjects lists a part of what a user may see, sorted, after a subject;
// more says that there is another part, after last.
func (s *Server) stateSubjects(ctx context.Context, user, after string) (subjects []string, last string, more bool, err error) {
	var rooms []string
	for _, id := range s.dir.groupsOf(user) {
		if prefix := roomStates + id + "."; s.dir.isIn(id, user) && (after < prefix || strings.HasPrefix(after, prefix)) {
			rooms = append(rooms, id)
		}
	}
	if after < roomStates {
		if subjects, err = s.subjects(ctx, streamState, stateFilters(user)); err != nil {
			return nil, "", false, err
		}
		subjects, last = behind(subjects, after), roomStates
	}
	for _, id := range rooms {
		if len(subjects) > 0 {
			return subjects, last, true, nil
		}
		all, err := s.subjects(ctx, streamState, []string{roomStates + id + ".>"})
		if err != nil {
			return nil, "", false, err
		}
		subjects, last = behind(all, after), roomStates+id+".~"
	}
	return subjects, last, false, nil
}

func behind(sorted []string, after string) []string {
	at := sort.SearchStrings(sorted, after)
	if at < len(sorted) && sorted[at] == after {
		at++
	}
	return sorted[at:]
}

// stateSnapshot is one page of everything a user may see, after a subject.
func (s *Server) stateSnapshot(ctx context.Context, user, after string) (*contractv1.StateChange, string, error) {
	subjects, last, more, err := s.stateSubjects(ctx, user, after)
	if err != nil {
		return nil, "", err
	}
	out, size := &contractv1.StateChange{}, 0
	for len(subjects) > 0 && size < wire.MaxPageBytes/2 {
		n := min(len(subjects), 30) // 30 values of 4 KiB and their names fit the rest of the page
		msgs, err := s.last(ctx, streamState, subjects[:n], 0, 0)
		if err != nil {
			return nil, "", err
		}
		for _, m := range msgs {
			v := &contractv1.NetState{}
			if err := proto.Unmarshal(m.Data, v); err != nil {
				s.o.Log.Error("a damaged value", "subject", m.Header.Get(jetstream.SubjectHeader), "error", err)
				continue
			}
			out.Values = append(out.Values, v)
			size += len(m.Data)
		}
		after, subjects = subjects[n-1], subjects[n:]
	}
	switch {
	case len(subjects) > 0:
		return out, after, nil
	case more:
		return out, last, nil
	}
	return out, "", nil
}
