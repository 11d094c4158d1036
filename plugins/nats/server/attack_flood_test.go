package server_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// flood sends a request to a subject of the directory again and again, without
// waiting for answers.
func flood(t *testing.T, p *peer, n int, op string, m func(i int) proto.Message) {
	t.Helper()
	r, err := attack(t, p.a)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		data, err := proto.Marshal(m(i))
		if err != nil {
			t.Fatal(err)
		}
		msg := nats.NewMsg(wire.DirSubject(op, p.a.User, p.a.Device))
		msg.Data = data
		msg.Header.Set(wire.HeaderRequest, fmt.Sprint("f", i))
		if err := r.nc.PublishMsg(msg); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.nc.FlushTimeout(patience); err != nil {
		t.Fatal(err)
	}
}

// slowest is the longest that somebody waits for one of some messages to be stored.
func slowest(p *peer, conv string, n int) time.Duration {
	p.t.Helper()
	worst := time.Duration(0)
	for i := range n {
		began := time.Now()
		for p.say(conv, fmt.Sprint("hello ", i)) == 0 {
			if time.Since(began) > patience {
				break
			}
		}
		worst = max(worst, time.Since(began))
	}
	return worst
}

// TestManyChangesOfGroupsHoldNobodyElseUp: one person's changes of many groups
// do not fill the queues in which everybody's messages are stored.
func TestManyChangesOfGroupsHoldNobodyElseUp(t *testing.T) {
	s := start(t, server.Options{})
	mallory, alice := signIn(t, join(t, s, "mallory")), signIn(t, join(t, s, "alice"))
	var groups []string
	for range 24 {
		groups = append(groups, with(mallory).Id)
	}
	flood(t, mallory, 1500, wire.OpGroup, func(i int) proto.Message {
		return &contractv1.GroupChange{Op: contractv1.GroupChange_RENAME, Group: groups[i%len(groups)], Id: id(), Name: fmt.Sprint("n", i)}
	})
	if took := slowest(alice, "dm.alice.alice", 5); took > 3*time.Second {
		t.Errorf("somebody else waited %v for a message", took)
	}
}

// TestQuestionsAboutBlobsHoldNobodyElseUp: to ask how far a large one has come
// costs the server much, and costs whoever asks as much.
func TestQuestionsAboutBlobsHoldNobodyElseUp(t *testing.T) {
	s := start(t, server.Options{})
	mallory := signIn(t, join(t, s, "mallory"))
	var others []*peer
	for _, n := range []string{"alice", "bob", "carol", "dave", "erin", "frank"} {
		others = append(others, signIn(t, join(t, s, n)))
	}
	b, hash := content(t, 16<<20)
	var wg sync.WaitGroup
	for at := 0; at < len(b)-contractv1.MaxBlobPart; at += contractv1.MaxBlobPart {
		if _, err := mallory.c.BlobPut(short(t), part(b, hash, at, 0)); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(3 * time.Second) // the share is full again
	flood(t, mallory, 400, wire.OpBlobPut, func(int) proto.Message {
		return &contractv1.BlobPut{Hash: hash, Size: int64(len(b))}
	})
	began := time.Now()
	for _, p := range others {
		wg.Go(func() { p.fetch("dm."+p.a.User+"."+p.a.User, 0) })
	}
	wg.Wait()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("others waited %v for what they missed", took)
	}
}

// TestManyValuesOfOneDelayNobodyElses: who sets thousands of values in a group
// does not keep another's from the members, nor fill the server's memory.
func TestManyValuesOfOneDelayNobodyElses(t *testing.T) {
	s, all := people(t, server.Unsafely(server.Options{}), "alice", "bob", "mallory")
	g := with(all[0], all[1:]...)
	value := func(key string, size int) *contractv1.NetState {
		return &contractv1.NetState{Conversation: g.Conversation, Session: "im", Plugin: "im", Value: &contractv1.StateValue{
			Key: key, Value: bytes.Repeat([]byte("x"), size), Scope: contractv1.StateValue_EVERYONE}}
	}
	for n := range 4 {
		flood(t, all[2], 400, wire.OpState, func(i int) proto.Message { return value(fmt.Sprint("k", n, "-", i), contractv1.MaxState) })
		time.Sleep(500 * time.Millisecond)
		if n := s.WaitingValues(g.Id); n < 1<<19 || n > 1<<20 {
			t.Errorf("%d bytes of values wait", n)
		}
	}
	from, began := all[0].mark(), time.Now()
	if err := all[1].c.SetState(short(t), value("mine", 10)); err != nil {
		t.Fatal(err)
	}
	all[0].waitFrom(from, "bob's value", func(e *contractv1.NetEvent) bool {
		for _, v := range e.GetState().GetValues() {
			if v.Value.Author == all[1].a.Address() {
				return true
			}
		}
		return false
	})
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	// What was not remembered comes all the same.
	from = all[0].mark()
	all[0].waitFrom(from, "a value that was read again", func(e *contractv1.NetEvent) bool {
		for _, v := range e.GetState().GetValues() {
			if v.Value.Author == all[2].a.Address() && len(v.Value.Value) == contractv1.MaxState {
				return true
			}
		}
		return false
	})
}
