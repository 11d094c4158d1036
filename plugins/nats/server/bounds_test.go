package server_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// TestWhatAUserStoresIsBounded goes through everything that the server keeps for
// somebody, and makes one more of each until it is refused. What is bounded by
// people and groups is in TestBoundsOfGroups, TestOneIsInSoManyGroups,
// TestNobodyAsksEverybody and TestFewMayAskAtATime.
func TestWhatAUserStoresIsBounded(t *testing.T) {
	t.Parallel()
	const few = 6
	s := start(t, server.Options{Daily: 40 << 10, BlobQuota: 40 << 10, Contacts: few, Devices: few, OpenRegistration: true})
	a := join(t, s, "alice")
	alice := signIn(t, a)
	for i := range few + 1 {
		join(t, s, fmt.Sprintf("p%d", i))
	}
	if err := s.FillBlobs(short(t), "bob", server.MaxBlobs-1); err != nil {
		t.Fatal(err)
	}
	bob := signIn(t, join(t, s, "bob"))
	s.LimitValues(few)
	const own = "dm.alice.alice"
	blob := func(p *peer, size int) error {
		b, hash := content(t, size)
		_, err := p.c.BlobPut(short(t), &contractv1.BlobPut{Hash: hash, Size: int64(size), Data: b})
		return err
	}
	for _, v := range []struct {
		what string
		most int
		one  func(i int) error
	}{
		{"bytes of messages a day", few, func(int) error {
			r := alice.post(own, entry(strings.Repeat("x", 6<<10)))[0]
			if r.GetRefused() != nil {
				return errors.New(r.GetRefused().Reason)
			}
			return nil
		}},
		{"values", few, func(i int) error {
			return alice.c.SetState(short(t), &contractv1.NetState{Conversation: own, Session: "im", Plugin: "im",
				Value: &contractv1.StateValue{Key: fmt.Sprintf("k%d", i), Value: []byte("v"), Scope: contractv1.StateValue_MY_DEVICES}})
		}},
		{"bytes of blobs", few, func(int) error { return blob(alice, 6<<10) }},
		{"blobs", 1, func(int) error { return blob(bob, 1) }},
		{"contacts", few, func(i int) error {
			return alice.c.Roster(short(t), &contractv1.RosterChange{Op: contractv1.RosterChange_REQUEST, Address: fmt.Sprintf("p%d", i)})
		}},
		{"devices", few - 1, func(int) error {
			code, err := alice.c.DeviceLink(short(t), nil)
			if err == nil {
				_, err = register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: code.Code})
			}
			return err
		}},
		{"invitations", server.MaxInvites, func(int) error {
			_, err := bob.c.Invite(short(t), &contractv1.InviteCreate{Uses: 1})
			return err
		}},
	} {
		for i := 0; ; i++ {
			err := v.one(i)
			if err != nil && i != v.most || err == nil && i >= v.most {
				t.Errorf("%s: the %dth: %v; it should be %d", v.what, i+1, err, v.most)
			}
			if err != nil || i >= v.most {
				break
			}
		}
	}
}

// TestWhatIsRemovedTakesNoRoom: codes that replace each other, devices that are
// linked and revoked, and the traces of both are bounded.
func TestWhatIsRemovedTakesNoRoom(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	a := join(t, s, "alice")
	alice := signIn(t, a)
	first := second(t, s, alice)
	var last *client.Account
	for i := range server.MaxRevoked + 2 {
		d := first
		if i > 0 {
			d = second(t, s, alice)
		}
		if err := alice.c.DeviceRevoke(short(t), &contractv1.DeviceRevoke{Id: d.Device}); err != nil {
			t.Fatal(err)
		}
		last = d
	}
	second(t, s, alice) // the first one is forgotten now
	stored, _, err := s.Keys(short(t), "dev.alice.")
	if err != nil || stored != server.MaxRevoked+2 {
		t.Errorf("%d devices are stored, not the two that are linked and %d: %v", stored, server.MaxRevoked, err)
	}
	for who, d := range map[string]*client.Account{"just revoked": last, "forgotten": first} {
		p := open(t, d, dial)
		p.wait(who+" is refused", connection(contractv1.ConnectionChanged_REFUSED))
	}

	made := 0
	for ; ; made++ {
		if _, err := alice.c.DeviceLink(short(t), nil); err != nil {
			if wire.AsError(err).Code != contractv1.Error_UNAVAILABLE {
				t.Error(err)
			}
			break
		}
	}
	if made > server.MakeBurst || made < server.MakeBurst/2 {
		t.Errorf("%d codes were made one after the other", made)
	}
	codes, markers, err := s.Keys(short(t), "code.")
	if err != nil || codes != 1 || markers < made-1 {
		t.Errorf("%d codes and %d markers of removed ones are there: %v", codes, markers, err)
	}
	if err := s.ForgetMarkers(short(t), time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, kept, err := s.Keys(short(t), ""); err != nil || kept != markers {
		t.Errorf("%d markers of %d are kept for the replicas: %v", kept, markers, err)
	}
	if err := s.ForgetMarkers(short(t), 0); err != nil {
		t.Fatal(err)
	}
	if codes, markers, err := s.Keys(short(t), "code."); err != nil || codes != 1 || markers != 0 {
		t.Errorf("afterwards %d codes and %d markers are there: %v", codes, markers, err)
	}
	// The account is as it was.
	fresh := signIn(t, a)
	fresh.say("dm.alice.alice", "here")
}

// TestAPostIsOneWrite: an entry is written once to one stream, whoever hears it,
// and a repeat not at all.
func TestAPostIsOneWrite(t *testing.T) {
	s, all := people(t, server.Options{}, "alice", "bob", "chris")
	alice := all[0]
	g := with(alice, all[1:]...)
	quiet := func() map[string]uint64 {
		t.Helper()
		var before map[string]uint64
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(1500 * time.Millisecond) {
			now, err := s.Written(short(t))
			if err != nil {
				t.Fatal(err)
			}
			if maps.Equal(now, before) {
				return now
			}
			before = now
		}
		t.Fatal("the server writes without end")
		return nil
	}
	before := quiet() // presence is noted a second after it changed
	const n = 20
	var last *contractv1.Envelope
	for range n {
		for _, c := range []string{conv, g.Conversation} {
			last = entry("hello")
			if r := alice.post(c, last)[0]; r.GetStored() == nil {
				t.Fatal(r)
			}
		}
	}
	alice.post(g.Conversation, last)
	want := maps.Clone(before)
	want["CONV"] += 2 * n
	if after := quiet(); !maps.Equal(after, want) {
		t.Errorf("%d posts made of %v %v, not %v", 2*n, before, after, want)
	}
}
