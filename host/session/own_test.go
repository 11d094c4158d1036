package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

// refuseBad makes the network refuse what begins with "bad".
func (n *network) refuseBad() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answer = func(_ *host, e *contractv1.Envelope) *contractv1.PostResult {
		if !strings.HasPrefix(string(e.GetBody()), "bad") {
			return nil
		}
		return &contractv1.PostResult{Result: &contractv1.PostResult_Refused{Refused: &contractv1.Refused{Reason: "You are blocked."}}}
	}
}

func discard(id string) *contractv1.HostCall {
	return &contractv1.HostCall{Call: &contractv1.HostCall_Discard{Discard: &contractv1.DiscardCall{Id: id}}}
}

func TestWhatIsDiscardedIsForgotten(t *testing.T) {
	n, a1, _, b := connected(t)
	defer a1.look()()
	n.refuseBad()
	bad, err := a1.send(ab, "bad")
	must(t, err)
	eventually(t, "not sent", func() bool {
		c := a1.e.Conversations()
		return len(c) == 1 && c[0].NotSent
	})
	p := a1.process("im")
	s := p.sessionOf(imKey)
	for _, id := range []string{bad, bad, "unknown"} {
		if r := p.ask(s, discard(id)); r.GetDone() == nil {
			t.Errorf("%s: %v", id, r)
		}
	}
	eventually(t, "the row is clean", func() bool { return !a1.e.Conversations()[0].NotSent })
	a1.disconnect()
	waits, err := a1.send(ab, "waits")
	must(t, err)
	if r := p.ask(s, discard(waits)); r.GetDone() == nil {
		t.Errorf("%v", r)
	}
	rows, err := a1.store.Outbox(t.Context())
	if err != nil || len(rows) != 0 {
		t.Errorf("%+v %v", rows, err)
	}
	a1.connect()
	_, err = a1.send(ab, "next")
	must(t, err)
	eventually(t, "only the next one", func() bool { return len(b.log("im", imKey)) == 1 })
	a1.kill("im", errors.New("killed"))
	a1.showComposer()
	p = a1.process("im")
	if o := p.sessionOf(imKey); len(o.open.GetPending()) != 0 || slices.ContainsFunc(p.eventsOf(o), func(ev *contractv1.Event) bool { return ev.GetFailed() != nil }) {
		t.Errorf("told again: %v", o.open.GetPending())
	}
}

func TestOnlyOwnThatIsNotOnItsWayIsDiscarded(t *testing.T) {
	n, a1, _, _ := connected(t)
	defer a1.look()()
	p := a1.process("im")
	s := p.sessionOf(imKey)
	out := make(chan struct{})
	n.mu.Lock()
	n.answer = func(*host, *contractv1.Envelope) *contractv1.PostResult {
		n.mu.Unlock()
		<-out
		n.mu.Lock()
		return nil
	}
	n.mu.Unlock()
	id, err := a1.send(ab, "on its way")
	must(t, err)
	if r := p.ask(s, discard(id)); r.GetError().GetCode() != contractv1.Error_UNAVAILABLE {
		t.Errorf("%v", r)
	}
	n.mu.Lock()
	n.answer = nil
	n.mu.Unlock()
	close(out)
	eventually(t, "sent", func() bool { return len(a1.log("im", imKey)) == 1 })
	offer, err := a1.e.Offer(t.Context(), ab, "game", "Chess", nil)
	must(t, err)
	eventually(t, "open", func() bool { return a1.process("game").sessionOf(offer) != nil })
	a1.disconnect()
	mine, err := a1.send(ab, "not yours")
	must(t, err)
	g := a1.process("game")
	if r := g.ask(g.sessionOf(offer), discard(mine)); r.GetError().GetCode() != contractv1.Error_NOT_FOUND {
		t.Errorf("another session's: %v", r)
	}
	if rows, err := a1.store.Outbox(t.Context()); err != nil || len(rows) != 1 {
		t.Errorf("%+v %v", rows, err)
	}
}

func TestAFailedTextIsToldWithItsBody(t *testing.T) {
	n, a1, _, _ := connected(t)
	n.refuseBad()
	bad, err := a1.send(ab, "bad text")
	must(t, err)
	eventually(t, "failed", func() bool { return a1.sawEvent("failed", "im", "") })
	a1.crash()
	defer a1.look()()
	p := a1.process("im")
	eventually(t, "told", func() bool {
		evs := p.eventsOf(p.sessionOf(imKey))
		i := slices.IndexFunc(evs, func(ev *contractv1.Event) bool { return ev.GetFailed().GetId() == bad })
		return i > 0 && evs[i-1].GetPending().GetId() == bad && string(evs[i-1].GetPending().GetBody()) == "bad text"
	})
}

func TestFailedEntriesAreBounded(t *testing.T) {
	o := newOwns()
	for i := range 3 * maxFailedRows {
		r := &store.OutRow{N: int64(i), ID: fmt.Sprint(i), Conversation: ab, Session: "im", Plugin: "im",
			Kind: contractv1.Envelope_UPDATE, Size: 10}
		o.add(r)
		o.set(r, store.OutFailed)
		for _, old := range o.surplus(imKey) {
			o.remove(old)
		}
	}
	if n := len(o.rows); n < maxFailedRows || n > 2*maxFailedRows || o.rows[fmt.Sprint(3*maxFailedRows-1)] == nil {
		t.Errorf("%d are kept", n)
	}
	for _, r := range o.of(imKey) {
		o.remove(r)
	}
	if len(o.rows)+len(o.session)+len(o.waiting)+len(o.failed)+o.queued != 0 {
		t.Errorf("left: %+v", o)
	}
}
