package session

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// book folds a conversation the way the engine does, without one.
type book struct {
	folds map[string]Fold
	log   []string // what every entry did
}

func (b *book) apply(e *contractv1.Envelope) {
	if e.GetKind() == contractv1.Envelope_OFFER {
		if _, used := b.folds[e.GetSession()]; used {
			b.log = append(b.log, "used")
			return
		}
		open := 0
		for _, f := range b.folds {
			if f.By == e.GetFrom() && f.Over == "" && !f.Expired(e.GetTimeMs()) {
				open++
			}
		}
		f, ok := Begin(e, open)
		if ok {
			b.folds[f.ID] = f
		}
		b.log = append(b.log, fmt.Sprint("offer ", ok))
		return
	}
	if e.GetKind() == contractv1.Envelope_MEMBERSHIP && isGroup(e.GetConversation()) { // somebody left the group
		for _, id := range slices.Sorted(maps.Keys(b.folds)) {
			next, changed := b.folds[id].Gone(e, e.GetFrom(), false)
			b.folds[id] = next
			b.log = append(b.log, fmt.Sprint("gone ", changed))
		}
		return
	}
	f, ok := b.folds[e.GetSession()]
	if !ok {
		b.log = append(b.log, "unknown")
		return
	}
	next, v := f.Apply(e)
	b.folds[e.GetSession()] = next
	b.log = append(b.log, fmt.Sprintf("%+v", v))
}

// entries makes a conversation of bytes: every choice is one byte.
func entries(data []byte) (list []*contractv1.Envelope) {
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	conversation := []string{"dm.a.b", "dm.a.a", "room.x"}[next(3)]
	people := []string{"a@n", "b@n", "c@n"}
	clock := int64(1_000_000)
	for seq := int64(1); len(data) > 0 && seq < 100; seq++ {
		clock += int64(next(4)) * 20_000
		who := people[next(3)]
		if conversation == "dm.a.a" {
			who = "a@n"
		}
		e := &contractv1.Envelope{
			Id: fmt.Sprint("id", seq-int64(next(2))*int64(next(5))), Conversation: conversation,
			Session: uid(fmt.Sprint("s", next(4))), Plugin: []string{"game", "game", "game", "call"}[next(4)], Protocol: 2,
			Kind: contractv1.Envelope_Kind(1 + next(10)), From: who, Device: who[:1] + fmt.Sprint(next(2)),
			Seq: seq, TimeMs: clock,
		}
		var body proto.Message = &contractv1.ReasonBody{Reason: "why", Automatic: next(3) == 0}
		if e.Kind == contractv1.Envelope_OFFER {
			body = &contractv1.OfferBody{Title: "t", TtlMs: int64(next(3)) * 30_000, Ends: contractv1.OfferBody_Ends(next(4)),
				MaxMembers: uint32(next(4)), Solo: next(4) == 0}
		}
		if e.Kind == contractv1.Envelope_MEMBERSHIP && isGroup(conversation) {
			body = &contractv1.MembershipBody{Op: contractv1.MembershipBody_LEFT, Address: who}
		}
		e.Body, _ = proto.Marshal(body)
		list = append(list, e)
	}
	return list
}

func seeds(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		data := make([]byte, 8*(10+r.IntN(60)))
		for i := 0; i+8 <= len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], r.Uint64())
		}
		f.Add(data)
	}
}

// FuzzFold folds random entries twice, the second time through the store's form
// after each entry, and checks what must always hold.
func FuzzFold(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		one, two := &book{folds: map[string]Fold{}}, &book{folds: map[string]Fold{}}
		for _, e := range entries(data) {
			before := make(map[string]Fold, len(one.folds))
			for id, x := range one.folds {
				before[id] = x
				before[id+" seats"] = Fold{Seats: slices.Clone(x.Seats)}
			}
			one.apply(e)
			two.apply(e)
			for id, x := range two.folds {
				kept, err := x.encode()
				if err != nil {
					t.Fatal(err)
				}
				if two.folds[id], err = decodeFold(kept); err != nil {
					t.Fatal(err)
				}
			}
			for id, x := range one.folds {
				if was, ok := before[id]; ok {
					hold(t, was, before[id+" seats"].Seats, x)
				}
			}
		}
		if !slices.Equal(one.log, two.log) {
			t.Fatalf("%v\n%v", one.log, two.log)
		}
		for id, x := range one.folds {
			a, _ := x.encode()
			y := two.folds[id]
			b, _ := y.encode()
			if string(a) != string(b) {
				t.Fatalf("%s\n%s", a, b)
			}
		}
	})
}

// hold checks one step of a life.
func hold(t *testing.T, was Fold, seats []Seat, is Fold) {
	if !reflect.DeepEqual(was.Seats, seats) {
		t.Fatal("a fold that was handed out has changed")
	}
	if was.Over != "" && (is.Over != was.Over || !reflect.DeepEqual(was.Seats, is.Seats)) {
		t.Fatalf("life after the end: %+v, %+v", was, is)
	}
	if is.Max > 0 && is.joined() > max(is.Max, was.joined(), 1) {
		t.Fatalf("too many members: %+v", is)
	}
	for i, s := range was.Seats {
		now := is.Seats[i]
		if now.Address != s.Address || s.State == SeatJoined && now.State == SeatJoined && now.Device != s.Device {
			t.Fatalf("a seat was taken over: %+v, %+v", s, now)
		}
	}
}

// TestFoldIsTheSameOnEveryHost gives random conversations to engines in
// different groups; one of them crashes on the way.
func TestFoldIsTheSameOnEveryHost(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for round := range 12 {
		data := make([]byte, 900)
		for i := range data {
			data[i] = byte(r.UintN(256))
		}
		data[0] = byte(round % 2 * 2) // between a and b, or in a group
		list := entries(data)
		n := newNetwork()
		one, two := newHost(t, n, "a@n", "a7"), newHost(t, n, "a@n", "a7")
		for _, e := range list {
			one.envelopes(e.GetConversation(), []*contractv1.Envelope{e})
			if r.IntN(3) == 0 {
				one.e.Cursors() // a group ends here
			}
		}
		crashAt := r.IntN(len(list))
		for i := 0; i < len(list); {
			k := min(1+r.IntN(40), len(list)-i)
			two.envelopes(list[0].GetConversation(), list[i:i+k])
			if i += k; i > crashAt {
				crashAt = len(list)
				two.e.Cursors()
				two.crash()
				two.envelopes(list[0].GetConversation(), list[max(0, i-20):i]) // some come twice
			}
		}
		a, b := lives(t, one), lives(t, two)
		if !slices.Equal(a, b) {
			t.Fatalf("two hosts disagree:\n%v\n%v", a, b)
		}
		for id := range parsed() {
			for s := range 4 {
				k := model.SessionKey{Conversation: list[0].GetConversation(), Session: uid(fmt.Sprint("s", s))}
				if x, y := stored(t, one, k), stored(t, two, k); !slices.Equal(x, y) {
					t.Fatalf("%s %s: %v, %v", id, k, x, y)
				}
			}
		}
		one.stop()
		two.stop()
	}
}

func lives(t *testing.T, h *host) (list []string) {
	h.e.Cursors() // everything before is stored
	rows, err := h.store.Sessions(context.Background(), 0)
	must(t, err)
	for _, r := range rows {
		list = append(list, string(r.Fold))
	}
	slices.Sort(list)
	return list
}

func stored(t *testing.T, h *host, k model.SessionKey) (list []string) {
	us, _, err := h.store.Updates(context.Background(), k.Conversation, k.Session, 0, 0, 0)
	must(t, err)
	for _, u := range us {
		list = append(list, fmt.Sprint(u.GetSeq(), u.GetId()))
	}
	return list
}

func FuzzDirectNames(f *testing.F) {
	for _, s := range []string{"dm.a.b", "dm.a.a", "dm.b.a", "dm..", "dm.a", "room.x", "dm.a.b.c", ""} {
		f.Add(s, "a@n")
	}
	f.Fuzz(func(t *testing.T, conversation, self string) {
		lo, hi, ok := directNames(conversation)
		if ok && "dm."+lo+"."+hi != conversation {
			t.Fatal(lo, hi)
		}
		if takesPart(conversation, self) && !ok {
			t.Fatal("takes part in nothing")
		}
		kindOf(conversation, self)
	})
}
