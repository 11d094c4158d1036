package session

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func connected(t *testing.T) (*network, *host, *host, *host) {
	n, hosts := threeDevices(t)
	for _, h := range hosts {
		h.connect()
	}
	return n, hosts[0], hosts[1], hosts[2]
}

func TestFirstAcceptOfAPersonWins(t *testing.T) {
	_, a1, a2, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "game", "Chess", []byte("board"))
	must(t, err)
	b.waitState(k, model.Offered)
	a1.waitState(k, model.Offered)
	a2.waitState(k, model.Offered)
	if !a1.sawEvent("alert", k.Session, "offer") {
		t.Error("nobody was told of the offer")
	}
	must(t, a1.e.Accept(t.Context(), k))
	if err := a2.e.Accept(t.Context(), k); err != nil && !strings.Contains(err.Error(), "elsewhere") {
		t.Fatal(err)
	}
	eventually(t, "one device is active, the other knows where", func() bool {
		s1, s2 := a1.session(k), a2.session(k)
		return s1.State == model.Active && s2.State == model.Elsewhere && s2.AnsweredOn == "a1" ||
			s2.State == model.Active && s1.State == model.Elsewhere && s1.AnsweredOn == "a2"
	})
	b.waitState(k, model.Active)
	winner, loser := a1, a2
	if a2.session(k).State == model.Active {
		winner, loser = a2, a1
	}
	eventually(t, "the plugin runs on the winner", func() bool { return winner.process("game").sessionOf(k) != nil })
	if loser.process("game").sessionOf(k) != nil {
		t.Error("the plugin runs on the other device too")
	}
	eventually(t, "it is open", func() bool { return winner.process("game").sessionOf(k) != nil })
	s := winner.process("game").sessionOf(k)
	if o := s.open; string(o.GetOffer()) != "board" || o.GetMine() || o.GetProtocol() != 2 || len(o.GetMembers()) != 2 {
		t.Errorf("%v", o)
	}
	if err := loser.e.Accept(t.Context(), k); err == nil {
		t.Error("a second accept of the same person")
	}

	updateAndEnd(t, k, s, winner, loser, b)
}

// updateAndEnd: an update goes to both, the end closes both.
func updateAndEnd(t *testing.T, k model.SessionKey, s *openSession, winner, loser, b *host) {
	eventually(t, "it is open", func() bool { return b.process("game").sessionOf(k) != nil })
	bs := b.process("game").sessionOf(k)
	b.process("game").update(bs.handle, []byte("e4"), "", 0, nil)
	eventually(t, "the move is there", func() bool {
		return len(winner.log("game", k)) == 1 && len(b.log("game", k)) == 1
	})
	must(t, b.e.End(t.Context(), k))
	for _, h := range []*host{winner, loser, b} {
		h.waitState(k, model.Ended)
	}
	eventually(t, "closed", func() bool {
		return winner.process("game").sessionOf(k) == nil && b.process("game").sessionOf(k) == nil
	})
	if len(loser.log("game", k)) != 0 {
		t.Error("updates went to a device that does not take part")
	}
	var ended bool
	for _, ev := range winner.process("game").eventsOf(s) {
		ended = ended || ev.GetEnded() != nil
	}
	if !ended {
		t.Error("the plugin was not told of the end")
	}
}

func TestUpdatesOrderedAfterTheEndFail(t *testing.T) {
	n, a1, _, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "game", "", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	must(t, a1.e.Accept(t.Context(), k))
	eventually(t, "open", func() bool { return a1.process("game").sessionOf(k) != nil })
	p := a1.process("game")
	eventually(t, "it is open", func() bool { return p.sessionOf(k) != nil })
	s := p.sessionOf(k)
	a1.disconnect()
	b.waitState(k, model.Active)
	must(t, b.e.End(t.Context(), k))
	b.waitState(k, model.Ended)
	// a1 does not know yet and makes a move, which is ordered after the end.
	var id string
	done := make(chan struct{})
	p.update(s.handle, []byte("late"), "", 0, func(r *contractv1.HostReply) { id = r.GetUpdate().GetId(); close(done) })
	<-done
	if id == "" {
		t.Fatal("the update was not taken")
	}
	n.mu.Lock()
	n.append("a@n", "a1", &contractv1.Envelope{Id: id, Conversation: ab, Session: k.Session, Plugin: "game", Protocol: 2,
		Kind: contractv1.Envelope_UPDATE, Body: []byte("late")})
	n.mu.Unlock()
	a1.connect()
	a1.waitState(k, model.Ended)
	eventually(t, "Failed(ended)", func() bool {
		for _, ev := range p.eventsOf(s) {
			if f := ev.GetFailed(); f != nil && f.GetId() == id && f.GetEnded() {
				return true
			}
		}
		return a1.sawEvent("failed", k.Session, "")
	})
	if len(b.log("game", k)) != 0 {
		t.Error("the other side got it")
	}
}

func TestDeclineCancelLeave(t *testing.T) {
	_, a1, a2, b := connected(t)
	offer := func(plugin string) model.SessionKey {
		k, err := b.e.Offer(t.Context(), ab, plugin, "", nil)
		must(t, err)
		a1.waitState(k, model.Offered)
		return k
	}
	k := offer("game")
	must(t, a1.e.Decline(t.Context(), k))
	for _, h := range []*host{a1, a2, b} {
		h.waitState(k, model.Declined)
	}
	k = offer("game")
	if err := a1.e.Cancel(t.Context(), k); err == nil {
		t.Error("cancelled another's offer")
	}
	must(t, b.e.Cancel(t.Context(), k))
	for _, h := range []*host{a1, a2, b} {
		h.waitState(k, model.Cancelled)
	}
	if err := a1.e.Accept(t.Context(), k); err == nil {
		t.Error("accepted what was cancelled")
	}
	k = offer("call") // ends with the last who leaves
	must(t, a1.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	b.waitState(k, model.Active)
	must(t, b.e.End(t.Context(), k)) // not for everybody
	b.waitState(k, model.Left)
	a1.waitState(k, model.Active)
	must(t, a1.e.Leave(t.Context(), k))
	a1.waitState(k, model.Ended)
	b.waitState(k, model.Ended)
}

func TestOffersThatCannotBeTakenAreRefusedWithTheReason(t *testing.T) {
	n, a1, a2, b := connected(t)
	for _, h := range []*host{a1, a2} {
		h.mu.Lock()
		h.missing["game"] = true
		h.mu.Unlock()
	}
	k, err := b.e.Offer(t.Context(), ab, "game", "", nil)
	must(t, err)
	b.waitState(k, model.Impossible)
	if r := b.session(k).Reason; !strings.Contains(r, "not installed") {
		t.Error(r)
	}
	a1.waitState(k, model.Impossible)

	// Another device that can may still accept; the sentence was not the person's.
	a2.mu.Lock()
	delete(a2.missing, "game")
	a2.mu.Unlock()
	a2.e.PluginEnabled("game")
	a2.waitState(k, model.Offered)
	must(t, a2.e.Accept(t.Context(), k))
	a2.waitState(k, model.Active)
	b.waitState(k, model.Active)

	// Switched off, by the policy, and of another version.
	b.mu.Lock()
	b.off["call"] = "Calls are switched off."
	b.mu.Unlock()
	k, err = a2.e.Offer(t.Context(), ab, "call", "", nil)
	must(t, err)
	b.waitState(k, model.Impossible)
	if r := b.session(k).Reason; r != "Calls are switched off." {
		t.Error(r)
	}
	a2.waitState(k, model.Impossible)
	if r := a2.session(k).Reason; r != "Calls are switched off." {
		t.Error(r)
	}
	body, _ := proto.Marshal(&contractv1.OfferBody{})
	n.inject("a@n", "a9", &contractv1.Envelope{Conversation: ab, Session: uid("future"), Plugin: "game", Protocol: 9,
		Kind: contractv1.Envelope_OFFER, Body: body})
	future := key(ab, uid("future"))
	b.waitState(future, model.Impossible)
	if _, err := b.e.Offer(t.Context(), ab, "call", "", nil); err == nil || !strings.Contains(err.Error(), "switched off") {
		t.Error(err)
	}
}

func TestOffersFollowCapabilities(t *testing.T) {
	_, a1, _, _ := connected(t)
	a1.caps = []string{"im/1"}
	if _, err := a1.e.Offer(t.Context(), ab, "game", "", nil); err == nil || !strings.Contains(err.Error(), "does not have Game") {
		t.Error(err)
	}
	a1.caps = []string{"game/7"}
	if _, err := a1.e.Offer(t.Context(), ab, "game", "", nil); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Error(err)
	}
	a1.caps = []string{"game/1", "game/7"}
	k, err := a1.e.Offer(t.Context(), ab, "game", "", nil)
	must(t, err)
	if p := a1.session(k).Protocol; p != 1 {
		t.Errorf("protocol %d", p)
	}
	for _, bad := range []struct{ conversation, plugin string }{
		{ab, "im"}, {ab, "nats"}, {ab, "nothing"}, {"dm.b.c", "game"}, {"nonsense", "game"}, {ab, "notes"},
	} {
		if _, err := a1.e.Offer(t.Context(), bad.conversation, bad.plugin, "", nil); err == nil {
			t.Errorf("offered %v", bad)
		}
	}
}

func TestRepeatedAndTooManyOffersDoNotCount(t *testing.T) {
	n, a1, _, _ := connected(t)
	body, _ := proto.Marshal(&contractv1.OfferBody{Title: "first"})
	offer := func(id string, body []byte) {
		n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: id, Plugin: "game", Protocol: 2,
			Kind: contractv1.Envelope_OFFER, Body: body})
	}
	offer(uid("one"), body)
	other, _ := proto.Marshal(&contractv1.OfferBody{Title: "second"})
	offer(uid("one"), other)
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: uid("one"), Plugin: "game", Kind: contractv1.Envelope_CANCEL})
	a1.waitState(key(ab, uid("one")), model.Cancelled)
	offer(uid("one"), other) // its life is over, its id stays used
	for i := range 40 {
		offer(uid(fmt.Sprint("flood", i)), body)
	}
	offer("im", body) // an id must not be a plugin's
	offer(uid("bad"), []byte{255})
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("x")})
	eventually(t, "all read", func() bool { return len(a1.log("im", imKey)) == 1 })
	time.Sleep(3 * publishEvery)
	open := 0
	for _, s := range a1.e.Sessions() {
		if s.Plugin == "game" && s.State == model.Offered {
			open++
		}
	}
	if open != MaxOffersOpen {
		t.Errorf("%d offers of one person are open", open)
	}
	if s := a1.session(key(ab, uid("one"))); s.Title != "first" || s.State != model.Cancelled {
		t.Errorf("%+v", s)
	}
}

func TestStrangeEntriesChangeNothing(t *testing.T) {
	n, a1, _, b := connected(t)
	k, err := b.e.Offer(t.Context(), ab, "game", "", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	entry := func(kind contractv1.Envelope_Kind, from, device, plugin string) {
		n.inject(from, device, &contractv1.Envelope{Conversation: ab, Session: k.Session, Plugin: plugin, Kind: kind, Body: []byte("x")})
	}
	entry(contractv1.Envelope_ACCEPT, "mallory@n", "m", "game")
	entry(contractv1.Envelope_END, "mallory@n", "m", "game")
	entry(contractv1.Envelope_CANCEL, "a@n", "a1", "game")
	entry(contractv1.Envelope_ACCEPT, "b@n", "b2", "game")
	entry(contractv1.Envelope_UPDATE, "a@n", "a1", "game") // not joined yet
	entry(contractv1.Envelope_UPDATE, "b@n", "b2", "game") // another device
	entry(contractv1.Envelope_UPDATE, "b@n", "b1", "call") // another plugin
	entry(contractv1.Envelope_Kind(77), "b@n", "b1", "game")
	n.inject("b@n", "b1", &contractv1.Envelope{Conversation: ab, Session: "ghost", Plugin: "game", Kind: contractv1.Envelope_UPDATE})
	must(t, a1.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	eventually(t, "open", func() bool { return b.process("game").sessionOf(k) != nil })
	if l := b.log("game", k); len(l) != 0 {
		t.Errorf("delivered %v", l)
	}
}

func TestOffersExpireByServerTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a1, _, b := connected(t)
		k, err := b.e.Offer(t.Context(), ab, "game", "", nil)
		must(t, err)
		synctest.Wait()
		time.Sleep(59 * time.Second)
		if s := a1.session(k).State; s != model.Offered {
			t.Fatal(s)
		}
		time.Sleep(4 * time.Second)
		synctest.Wait()
		for _, h := range []*host{a1, b} {
			if s := h.session(k).State; s != model.TimedOut {
				t.Fatal(s)
			}
		}
		if err := a1.e.Accept(t.Context(), k); err == nil {
			t.Error("accepted too late")
		}
		if b.process("game").sessionOf(k) != nil {
			t.Error("still open on the plugin")
		}
	})
}

func TestIdleChatsClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a1, _, b := connected(t)
		release := b.e.OpenView(imKey)
		_, err := a1.send(ab, "hello")
		must(t, err)
		synctest.Wait()
		if b.process("im").sessionOf(imKey) == nil || a1.process("im").sessionOf(imKey) == nil {
			t.Fatal("not open")
		}
		time.Sleep(2 * time.Minute)
		if a1.process("im").sessionOf(imKey) != nil {
			t.Error("open without an event or a view")
		}
		if b.process("im").sessionOf(imKey) == nil {
			t.Error("closed while somebody looks")
		}
		release()
		time.Sleep(2 * time.Minute)
		if b.process("im").sessionOf(imKey) != nil {
			t.Error("open after the view was left")
		}
		_, err = b.send(ab, "again")
		must(t, err)
		synctest.Wait()
		if l := a1.log("im", imKey); len(l) != 2 {
			t.Errorf("%v", l)
		}
	})
}

func TestSoloSessionsLiveWithOneself(t *testing.T) {
	_, a1, _, _ := connected(t)
	k, err := a1.e.Offer(t.Context(), "dm.a.a", "notes", "List", nil)
	must(t, err)
	a1.waitState(k, model.Active)
	eventually(t, "open", func() bool { return a1.process("notes").sessionOf(k) != nil })
	eventually(t, "it is open", func() bool { return a1.process("notes").sessionOf(k) != nil })
	s := a1.process("notes").sessionOf(k)
	if !s.open.GetSolo() || !s.open.GetMine() || s.open.GetConversation().GetKind() != contractv1.Conversation_SELF {
		t.Errorf("%v", s.open)
	}
	must(t, a1.e.End(t.Context(), k))
	a1.waitState(k, model.Ended)
}

func TestOffersOutliveACrash(t *testing.T) {
	_, hosts := threeDevices(t)
	a1, b := hosts[0], hosts[2]
	k, err := a1.e.Offer(t.Context(), ab, "game", "Chess", nil)
	must(t, err)
	a1.waitState(k, model.Offered)
	a1.crash()
	a1.waitState(k, model.Offered)
	if a1.session(k).Title != "Chess" {
		t.Error("the title is gone")
	}
	a1.connect()
	b.connect()
	b.waitState(k, model.Offered)
	must(t, b.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	a1.crash()
	a1.waitState(k, model.Active)
	release := a1.e.OpenView(k)
	defer release()
	eventually(t, "open again", func() bool { return a1.process("game").sessionOf(k) != nil })
}
