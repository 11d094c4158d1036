package server_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// writer is one person who writes into a conversation, over power losses.
type writer struct {
	a     *client.Account
	p     *peer
	conv  string
	sent  map[string]bool
	acked []placed
}

type placed struct {
	id  string
	seq int64
}

// pour writes until it is told to stop, in batches, and keeps what was
// acknowledged.
func (w *writer) pour(stop *atomic.Bool, acked *atomic.Int64) error {
	for !stop.Load() {
		var batch []*contractv1.Envelope
		for range 1 + rand.N(8) {
			e := entry(w.a.User)
			w.sent[e.Id] = true
			batch = append(batch, e)
		}
		for len(batch) > 0 && !stop.Load() {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			r, err := w.p.c.Post(ctx, &contractv1.Post{Conversation: w.conv, Envelopes: batch})
			cancel()
			if err != nil {
				continue
			}
			for _, one := range r.Results {
				s := one.GetStored()
				if one.GetRefused() != nil {
					return fmt.Errorf("%s: refused: %s", w.a.User, one.GetRefused().Reason)
				}
				if s == nil {
					time.Sleep(10 * time.Millisecond)
					break
				}
				w.acked = append(w.acked, placed{batch[0].Id, s.Seq})
				batch = batch[1:]
				acked.Add(1)
			}
		}
	}
	return nil
}

// outage is a network that loses its power again and again.
type outage struct {
	t       *testing.T
	image   string
	writers []*writer
	groups  []string
	values  []string
	acked   int
}

// round starts the server from what the power loss before has left, lets people
// write and switches it off in the middle.
func (o *outage) round(n int, role string, messages int64) {
	d, c := newDisk(o.t, role, o.image)
	l := linkOf(o.t, c.ready())
	if n == 0 {
		for i, user := range []string{"alice", "bob", "carol", "dave"} {
			peers := []string{"bob", "alice", "dave", "carol"}
			o.writers = append(o.writers, &writer{a: enter(o.t, l, user), conv: wire.Conversation(user, peers[i]), sent: map[string]bool{}})
		}
	}
	for _, w := range o.writers {
		w.a.Addresses = l.Addresses
		w.p = signIn(o.t, w.a)
	}
	if n == 0 {
		befriend(o.t, o.writers[0].p, o.writers[1].p)
		befriend(o.t, o.writers[2].p, o.writers[3].p)
	}
	o.check()
	var stop atomic.Bool
	var acked atomic.Int64
	var wg sync.WaitGroup
	for _, w := range o.writers {
		wg.Go(func() {
			if err := w.pour(&stop, &acked); err != nil {
				o.t.Error(err)
			}
		})
	}
	o.more(n)
	for end := time.Now().Add(20 * time.Second); acked.Load() < messages && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if err := d.off(c); err != nil {
		o.t.Fatalf("the disk: %v", err)
	}
	stop.Store(true)
	wg.Wait()
	for _, w := range o.writers {
		w.p.leave()
	}
	o.acked += int(acked.Load())
	o.t.Logf("round %d: %d acknowledged before the power was lost, %d writes brought to the disk", n, acked.Load(), d.syncs)
	if acked.Load() < messages {
		o.t.Errorf("only %d messages were acknowledged", acked.Load())
	}
}

// more is what else is acknowledged: a group, a value.
func (o *outage) more(n int) {
	alice := o.writers[0].p
	o.groups = append(o.groups, with(alice, o.writers[1].p).Id)
	key := fmt.Sprintf("round%d", n)
	if err := alice.c.SetState(short(o.t), &contractv1.NetState{Conversation: o.writers[0].conv, Session: "im", Plugin: "im",
		Value: &contractv1.StateValue{Key: key, Value: []byte("x"), Scope: contractv1.StateValue_EVERYONE}}); err != nil {
		o.t.Fatal(err)
	}
	o.values = append(o.values, key)
}

// check looks for everything that was ever acknowledged, with the eyes of a
// device that has nothing.
func (o *outage) check() {
	o.t.Helper()
	for _, w := range o.writers {
		got := w.p.fetch(w.conv, 0)
		at, sent := map[string]int64{}, 0
		for i, e := range got {
			if at[e.Id] != 0 || i > 0 && e.Seq <= got[i-1].Seq {
				o.t.Errorf("%s: an entry is doubled or out of order", w.a.User)
			}
			at[e.Id] = e.Seq
			if w.sent[e.Id] {
				sent++
			}
		}
		lost := 0
		for _, a := range w.acked {
			if at[a.id] != a.seq {
				lost++
			}
		}
		if lost > 0 {
			o.t.Errorf("%s: %d of %d acknowledged messages are lost or moved", w.a.User, lost, len(w.acked))
		}
		if n := len(w.acked); n > 0 { // the host did not hear the answer, and asks again
			e := entry(w.a.User)
			e.Id = w.acked[n-1].id
			if s := w.p.post(w.conv, e)[0].GetStored(); s.GetSeq() != w.acked[n-1].seq {
				o.t.Errorf("%s: the repeat of an acknowledged message is at %d, it was at %d", w.a.User, s.GetSeq(), w.acked[n-1].seq)
			}
		}
	}
	bob := o.writers[1].p
	for _, g := range o.groups {
		bob.wait("the group "+g, inGroup(g, contractv1.Group_IN))
	}
	for _, key := range o.values {
		bob.wait("the value "+key, func(e *contractv1.NetEvent) bool {
			for _, v := range e.GetState().GetValues() {
				if v.GetValue().GetKey() == key {
					return true
				}
			}
			return false
		})
	}
}

// TestAPowerLossLosesNothingAcknowledged: of accounts, friendships, groups,
// values and messages everything that was acknowledged is there after the power
// was lost, three times in the middle of writing, twelve times in make soak.
func TestAPowerLossLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	o := &outage{t: t, image: t.TempDir()}
	rounds := 3
	if os.Getenv("SWITCHBOARD_SOAK") != "" {
		rounds = 12
	}
	for n := range rounds {
		o.round(n, "server", 300)
	}
	s := start(t, server.Options{Folder: o.image})
	for _, w := range o.writers {
		w.a.Addresses = s.Addresses()
		w.p = signIn(t, w.a)
	}
	o.check()
}

// TestAPowerLossIsFeltWithoutSync is the proof that the test above can fail: the
// same, with a store that writes to the disk when it likes, loses messages.
// Measured: all of them.
func TestAPowerLossIsFeltWithoutSync(t *testing.T) {
	t.Parallel()
	o := &outage{t: t, image: t.TempDir()}
	o.round(0, "unsynced", 300)
	s := start(t, server.Options{Folder: o.image})
	left, _, err := s.Stored(short(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of at least %d acknowledged entries are left", left, o.acked)
	if left >= o.acked {
		t.Error("nothing is lost without sync: this disk keeps what nobody told it to keep")
	}
}
