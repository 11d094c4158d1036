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
	peer, err := s.checkState(c, &in)
	if err != nil {
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
	change := &contractv1.StateChange{Values: []*contractv1.NetState{out}}
	s.push(c.user, wire.PushState, change)
	if v.Scope == contractv1.StateValue_EVERYONE && peer != c.user {
		s.push(peer, wire.PushState, change)
	}
	return nil
}

func (s *Server) checkState(c caller, in *contractv1.NetState) (peer string, err error) {
	if peer, err = wire.Peer(in.Conversation, c.user); err != nil {
		return "", err
	}
	v := in.Value
	switch {
	case v == nil || !wire.ValidStateKey(v.Key) || !wire.ValidToken(in.Session) || !wire.ValidName(in.Plugin):
		return "", wire.Errorf(contractv1.Error_INVALID, "The value's key, session or plugin is malformed.")
	case len(v.Value) > contractv1.MaxState:
		return "", wire.Errorf(contractv1.Error_TOO_LARGE, "A value has at most %d bytes.", contractv1.MaxState)
	case v.Scope == contractv1.StateValue_MY_DEVICES:
		return peer, nil
	case v.Scope != contractv1.StateValue_EVERYONE:
		return "", wire.Errorf(contractv1.Error_INVALID, "The value does not say who may see it.")
	}
	return peer, s.mayWrite(c.user, peer)
}

func stateSubject(n *contractv1.NetState, author string) string {
	lo, hi, _ := wire.Members(n.Conversation)
	key := n.Plugin + "." + n.Session + "." + strings.ReplaceAll(n.Value.Key, ".", "/")
	if n.Value.Scope == contractv1.StateValue_MY_DEVICES {
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
	return []string{"state.e." + user + ".*.>", "state.e.*." + user + ".>", "state.m." + user + ".>"}
}

// stateSnapshot is one page of everything a user may see, after a subject.
func (s *Server) stateSnapshot(ctx context.Context, user, after string) (*contractv1.StateChange, string, error) {
	subjects, err := s.subjects(ctx, streamState, stateFilters(user))
	if err != nil {
		return nil, "", err
	}
	out, size := &contractv1.StateChange{}, 0
	at := sort.SearchStrings(subjects, after)
	if at < len(subjects) && subjects[at] == after {
		at++
	}
	for at < len(subjects) && size < wire.MaxPageBytes/2 {
		n := min(len(subjects)-at, 30) // 30 values of 4 KiB and their names fit the rest of the page
		msgs, err := s.last(ctx, streamState, subjects[at:at+n], 0, 0)
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
		after = subjects[at+n-1]
		at += n
	}
	if at >= len(subjects) {
		after = ""
	}
	return out, after, nil
}
