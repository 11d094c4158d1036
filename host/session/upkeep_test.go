package session

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

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
			id := fmt.Sprint("cancelled", i)
			n.inject("b@n", "b1", offerOf(t, id, 0))
			n.inject("b@n", "b1", &contractv1.Envelope{Id: id + "c", Conversation: ab, Session: id, Plugin: "game", Kind: contractv1.Envelope_CANCEL})
		}
		if got := known(); got > maxOver {
			t.Errorf("%d sessions are known", got)
		}
		for range 5 {
			for i := range MaxOffersOpen {
				n.inject("b@n", "b1", offerOf(t, fmt.Sprint("late", i, time.Now()), time.Minute))
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
		n.inject("b@n", "b1", offerOf(t, "old", time.Minute))
		synctest.Wait()
		k := model.SessionKey{Conversation: ab, Session: "old"}
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
