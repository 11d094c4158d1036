package companion

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// flow is one person's messages into one conversation.
type flow struct {
	p    *person
	conv string
	n    int
	// acked are the ids that were acknowledged, in order, with their sequence.
	acked  []stored
	enough chan struct{} // ends it early, between batches; may be nil
}

type stored struct {
	id  string
	seq int64
}

// pace tells when something was last acknowledged, and the longest time between.
type pace struct {
	mu      sync.Mutex
	last    time.Time
	longest time.Duration
	n       int
	moved   chan struct{}
}

func (p *pace) ack(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !p.last.IsZero() {
		p.longest = max(p.longest, now.Sub(p.last))
	}
	p.last, p.n = now, p.n+n
	close(p.moved)
	p.moved = make(chan struct{})
}

// further waits until n more were acknowledged, or all were.
func (p *pace) further(n int, over <-chan struct{}) {
	p.mu.Lock()
	until := p.n + n
	p.mu.Unlock()
	for {
		p.mu.Lock()
		reached, moved := p.n >= until, p.moved
		p.mu.Unlock()
		if reached {
			return
		}
		select {
		case <-moved:
		case <-over:
			return
		}
	}
}

// pour sends n messages as a host does: one batch in flight, the same ids until
// each is acknowledged.
func (f *flow) pour(pace *pace) error {
	for i := 0; i < f.n; {
		select {
		case <-f.enough:
			return nil
		default:
		}
		var batch []*contractv1.Envelope
		for k := i; k < min(f.n, i+1+rand.N(8)); k++ {
			batch = append(batch, &contractv1.Envelope{Id: uuid.Must(uuid.NewV7()).String(), Session: "im", Plugin: "im", Protocol: 1,
				Kind: contractv1.Envelope_UPDATE, Body: fmt.Appendf(nil, "%s %d", f.p.a.User, k)})
		}
		i += len(batch)
		for len(batch) > 0 {
			r, err := f.p.c.Post(within(f.p.t), &contractv1.Post{Conversation: f.conv, Envelopes: batch})
			if err != nil {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			for _, one := range r.Results {
				switch {
				case one.GetStored() != nil:
					f.acked = append(f.acked, stored{batch[0].Id, one.GetStored().Seq})
					batch = batch[1:]
					pace.ack(1)
				case one.GetRefused() != nil:
					return fmt.Errorf("%s: refused: %s", f.p.a.User, one.GetRefused().Reason)
				default:
					time.Sleep(time.Duration(one.GetRetry().AfterMs) * time.Millisecond)
				}
			}
		}
	}
	return nil
}

// checkStorm compares what one device was given of a conversation with what was
// acknowledged: nothing lost, doubled or reordered.
func checkStorm(t *testing.T, who string, got []*contractv1.Envelope, flows []*flow) {
	t.Helper()
	lost, doubled, reordered := 0, 0, 0
	at := map[string]int64{}
	var before int64
	for _, e := range got {
		if at[e.Id] != 0 {
			doubled++
		}
		if e.Seq <= before {
			reordered++
		}
		at[e.Id], before = e.Seq, e.Seq
	}
	want := 0
	for _, f := range flows {
		want += len(f.acked)
		var last int64
		for _, a := range f.acked {
			switch seq := at[a.id]; {
			case seq == 0:
				lost++
			case seq != a.seq:
				t.Errorf("%s has an entry at %d that was acknowledged at %d", who, seq, a.seq)
			case seq <= last:
				reordered++
			}
			last = at[a.id]
		}
	}
	t.Logf("%s: %d acknowledged, %d received: %d lost, %d doubled, %d reordered", who, want, len(got), lost, doubled, reordered)
	if lost+doubled+reordered > 0 || len(got) != want {
		t.Errorf("%s does not have exactly what was acknowledged", who)
	}
}

// TestStormSoak kills every server and every replica in turn, with kill -9, while
// people write.
func TestStormSoak(t *testing.T) {
	messages := 5000
	if os.Getenv("SWITCHBOARD_SOAK") != "" {
		messages = 50000
	}
	c := newCluster(t, 2)
	alice := online(t, enter(t, c.owner, "alice"))
	bob, carol, dave := invited(t, alice, "bob"), invited(t, alice, "carol"), invited(t, alice, "dave")
	friends(t, alice, bob)
	friends(t, carol, dave)
	one, two := wire.Conversation("alice", "bob"), wire.Conversation("carol", "dave")
	flows := []*flow{{p: alice, conv: one}, {p: bob, conv: one}, {p: carol, conv: two}, {p: dave, conv: two}}
	speed := &pace{moved: make(chan struct{})}
	errs := make(chan error, len(flows))
	over := make(chan struct{})
	var pouring sync.WaitGroup
	for _, f := range flows {
		f.n = messages / len(flows)
		pouring.Go(func() { errs <- f.pour(speed) })
	}
	go func() { pouring.Wait(); close(over) }()
	began := time.Now()
	step := messages / 12
	for _, p := range c.servers {
		speed.further(step, over)
		c.kill(p, syscall.SIGKILL)
		speed.further(step, over) // the other two go on
		c.start(p)
	}
	for _, p := range c.replicas {
		speed.further(step, over)
		c.kill(p, syscall.SIGKILL)
		speed.further(step/2, over)
		c.ready(p, c.start(p))
	}
	<-over
	for range flows {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d messages in %v; longest time without an acknowledgement: %v", messages, time.Since(began).Round(time.Millisecond), speed.longest.Round(time.Millisecond))
	for _, v := range []struct {
		conv  string
		who   []*person
		flows []*flow
	}{{one, []*person{alice, bob}, flows[:2]}, {two, []*person{carol, dave}, flows[2:]}} {
		want := len(v.flows[0].acked) + len(v.flows[1].acked)
		for _, p := range v.who {
			p.until("all entries", func() bool { return len(p.entries[v.conv]) >= want })
			checkStorm(t, p.a.User, p.all(v.conv), v.flows)
		}
		fresh := online(t, v.who[0].a)
		fresh.until("all entries", func() bool { return len(fresh.entries[v.conv]) >= want })
		checkStorm(t, v.who[0].a.User+" anew", fresh.all(v.conv), v.flows)
	}
}
