package session

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func offerOf(t *testing.T, id string, ttl time.Duration) *contractv1.Envelope {
	body, err := proto.Marshal(&contractv1.OfferBody{Title: "t", TtlMs: ttl.Milliseconds()})
	must(t, err)
	return &contractv1.Envelope{Id: id, Conversation: ab, Session: id, Plugin: "game", Protocol: 2,
		Kind: contractv1.Envelope_OFFER, Body: body}
}

// A peer who offers and cancels, or lets offers time out, all day long leaves
// neither memory nor, in the end, anything on the disk.
func TestOffersOfAHostilePeerAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork()
		h := newHost(t, n, "a@n", "a1")
		h.connect()
		retention := 3 * 24 * time.Hour
		h.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_Info{Info: &contractv1.NetworkInfo{RetentionS: int64(retention.Seconds())}}})
		known := func() (sessions int) {
			synctest.Wait()
			must(t, h.e.askAfter(func(e *Engine) { sessions = len(e.sessions) }))
			return sessions
		}
		for i := range 2 * maxOver {
			id := uid(fmt.Sprint("cancelled", i))
			n.inject("b@n", "b1", offerOf(t, id, 0))
			n.inject("b@n", "b1", &contractv1.Envelope{Id: id + "c", Conversation: ab, Session: id, Plugin: "game", Kind: contractv1.Envelope_CANCEL})
		}
		if got := known(); got > maxOver {
			t.Errorf("%d sessions are known", got)
		}
		for range 5 {
			for i := range MaxOffersOpen {
				n.inject("b@n", "b1", offerOf(t, uid(fmt.Sprint("late", i, time.Now())), time.Minute))
			}
			time.Sleep(2 * time.Minute)
		}
		time.Sleep(settleAfter + upkeepEvery)
		if got := known(); got > maxOver {
			t.Errorf("%d sessions are known", got)
		}
		time.Sleep(keepOver + upkeepEvery)
		if got := known(); got != 0 {
			t.Errorf("%d sessions are known the day after", got)
		}
		if rows, err := h.store.Sessions(t.Context(), time.Now().UnixMilli()); err != nil || len(rows) != 0 {
			t.Errorf("%d sessions are still open in the store, %v", len(rows), err)
		}
		time.Sleep(retention + upkeepEvery)
		synctest.Wait()
		if rows, err := h.store.Sessions(t.Context(), 0); err != nil || len(rows) != 0 {
			t.Errorf("%d sessions are in the store, %v", len(rows), err)
		}
	})
}

func TestAnOfferThatIsShownIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork()
		h := newHost(t, n, "a@n", "a1")
		h.connect()
		n.inject("b@n", "b1", offerOf(t, uid("old"), time.Minute))
		synctest.Wait()
		k := model.SessionKey{Conversation: ab, Session: uid("old")}
		release := h.e.OpenView(k)
		time.Sleep(3 * 24 * time.Hour)
		if got := h.session(k).State; got != model.TimedOut {
			t.Errorf("it is %q", got)
		}
		release()
		time.Sleep(2 * upkeepEvery)
		if got := h.session(k).State; got != "" {
			t.Errorf("it is still %q", got)
		}
	})
}

// Nor does the store grow: of offers that are over neither content nor entries
// stay, however large they were, and only so many rows of a conversation.
func TestTheStoreOfAHostilePeersOffersIsBounded(t *testing.T) {
	n := newNetwork()
	h := newHost(t, n, "a@n", "a1")
	h.connect()
	big := make([]byte, contractv1.MaxOffer)
	offer := func(i int) {
		body, err := proto.Marshal(&contractv1.OfferBody{Title: "t", Payload: big, TtlMs: 1000})
		must(t, err)
		id := uid(fmt.Sprint("big", i))
		n.inject("b@n", "b1", &contractv1.Envelope{Conversation: ab, Session: id, Plugin: "game", Protocol: 2, Kind: contractv1.Envelope_OFFER, Body: body})
		n.inject("b@n", "b1", &contractv1.Envelope{Conversation: ab, Session: id, Plugin: "game", Kind: contractv1.Envelope_LEAVE + 99, Body: big})
		end := contractv1.Envelope_CANCEL
		from, device := "b@n", "b1"
		if i%3 == 1 {
			end, from, device = contractv1.Envelope_DECLINE, "a@n", "a9"
		}
		n.inject(from, device, &contractv1.Envelope{Conversation: ab, Session: id, Plugin: "game", Kind: end, Body: big})
	}
	rows := func() (list []*store.SessionRow) {
		list, err := h.store.Sessions(t.Context(), 0)
		must(t, err)
		return list
	}
	made := 0
	flood := func() int64 {
		for range 3 * MaxOverKept {
			offer(made)
			made++
		}
		last := key(ab, uid(fmt.Sprint("big", made-1)))
		eventually(t, "all are read", func() bool { st := h.session(last).State; return st == model.Cancelled || st == model.Declined })
		eventually(t, "the oldest are forgotten", func() bool { return len(rows()) <= 2*MaxOverKept+maxOver })
		must(t, h.e.askAfter(func(e *Engine) { e.trim() }))
		eventually(t, "as many as are published", func() bool { return len(rows()) <= MaxOverKept })
		info, err := os.Stat(filepath.Join(h.dir, "store.db"))
		must(t, err)
		return info.Size()
	}
	flood()
	before := flood() // pages that were freed are used again from here on
	if after := flood(); after > before*6/5 {
		t.Errorf("the store grew from %d to %d bytes", before, after)
	}
	for _, r := range rows() {
		if len(r.Fold) > 1024 {
			t.Fatalf("the row of a session that is over has %d bytes: %.200s", len(r.Fold), r.Fold)
		}
	}
	tomorrow := time.Now().Add(keepOver + time.Hour)
	h.mu.Lock()
	h.now = func() time.Time { return tomorrow }
	h.mu.Unlock()
	must(t, h.e.askAfter(func(e *Engine) { e.upkeep() }))
	eventually(t, "their entries go", func() bool {
		points, err := h.store.OverPoints(t.Context(), tomorrow.UnixMilli(), MaxOverKept)
		must(t, err)
		return len(points) == 0
	})
	h.crash() // what is read again is bounded in memory too
	known := 0
	must(t, h.e.askAfter(func(e *Engine) { known = len(e.sessions) }))
	if known > maxOver {
		t.Errorf("%d sessions are known after a start", known)
	}
}
