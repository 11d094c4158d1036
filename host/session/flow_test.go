package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func (p *process) ask(s *openSession, c *contractv1.HostCall) *contractv1.HostReply {
	out := make(chan *contractv1.HostReply, 1)
	p.call(s.handle, c, func(r *contractv1.HostReply) { out <- r })
	return <-out
}

func setState(k, v string, scope contractv1.StateValue_Scope) *contractv1.HostCall {
	return &contractv1.HostCall{Call: &contractv1.HostCall_SetState{SetState: &contractv1.StateCall{Key: k, Value: []byte(v), Scope: scope}}}
}

func TestASlowPluginMissesNothing(t *testing.T) {
	n, a1, _, b := connected(t)
	defer b.look()()
	p := b.process("im")
	s := p.sessionOf(imKey)
	gate := make(chan struct{})
	p.mu.Lock()
	p.pause = gate
	p.mu.Unlock()
	const many = 1500
	for i := range many {
		n.inject("a@n", "a9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im",
			Kind: contractv1.Envelope_UPDATE, Body: []byte(fmt.Sprint(i))})
	}
	eventually(t, "the other is not held up", func() bool { return len(a1.log("im", imKey)) == many })
	var held int
	must(t, b.e.ask(func(e *Engine) { held = len(e.sessions[imKey].live.queue) }))
	if held > maxQueue {
		t.Errorf("%d frames are held in memory", held)
	}
	close(gate)
	eventually(t, "all are there", func() bool { return len(b.log("im", imKey)) == many })
	if b.process("im").sessionOf(imKey) != s {
		t.Error("the session was opened anew")
	}
}

func TestReplayComesBeforeCaughtUp(t *testing.T) {
	n, a1, _, _ := connected(t)
	for i := range 300 {
		n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im",
			Kind: contractv1.Envelope_UPDATE, Body: []byte(fmt.Sprint(i))})
	}
	eventually(t, "stored", func() bool { return len(a1.log("im", imKey)) == 300 })
	a1.kill("im", errors.New("killed"))
	a1.mu.Lock()
	a1.data["im"].sessions = map[model.SessionKey]*sessionData{} // its data is lost
	a1.mu.Unlock()
	defer a1.e.OpenView(imKey)()
	eventually(t, "replayed", func() bool { return len(a1.log("im", imKey)) == 300 })
	p := a1.process("im")
	s := p.sessionOf(imKey)
	eventually(t, "caught up", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return s.caughtUp })
	seen := 0
	for _, ev := range p.eventsOf(s) {
		if ev.GetUpdate() != nil {
			seen++
		}
		if ev.GetCaughtUp() != nil && (seen != 300 || ev.GetCaughtUp().GetSeq() == 0) {
			t.Errorf("caught up after %d", seen)
		}
	}
}

func TestWhatTheStoreLacksIsFetched(t *testing.T) {
	n := newNetwork()
	h := newHost(t, n, "a@n", "a1")
	h.mu.Lock()
	h.missing["im"] = true
	h.mu.Unlock()
	h.connect()
	put := func(i int, id string) {
		n.inject("b@n", "b9", &contractv1.Envelope{Id: id, Conversation: ab, Session: "im", Plugin: "im",
			Kind: contractv1.Envelope_UPDATE, Body: []byte(fmt.Sprint(i))})
	}
	for i := range 600 {
		put(i, fmt.Sprint("id", i))
	}
	eventually(t, "read past", func() bool { return len(h.e.Cursors()) == 1 && h.e.Cursors()[0].GetSeq() == 600 })
	if c, _ := h.store.CountEnvelopes(t.Context(), ab, "im"); c != 0 {
		t.Errorf("%d entries of an unknown plugin were stored", c)
	}
	h.mu.Lock()
	delete(h.missing, "im") // installed
	h.mu.Unlock()
	h.e.PluginEnabled("im")
	put(5, "id5") // a repeat: only the first counts, although it was not stored here
	put(600, "id600")
	eventually(t, "everything was read from the network", func() bool { return len(h.log("im", imKey)) == 601 })
	h.mu.Lock()
	faults := h.data["im"].faults
	h.mu.Unlock()
	if len(faults) > 0 {
		t.Error(faults)
	}
	// Trimmed in the store, asked for again by Fetch.
	eventually(t, "acked", func() bool {
		var acked int64
		must(t, h.e.ask(func(e *Engine) { e.keepLazy(); acked = e.sessions[imKey].acked }))
		return acked >= 601
	})
	points, err := h.store.TrimPoints(t.Context(), time.Now().Add(time.Hour).UnixMilli(), 1<<30)
	must(t, err)
	must(t, h.e.ask(func(e *Engine) { (&trimming{points: points}).apply(e) }))
	p := h.process("im")
	r := p.ask(p.sessionOf(imKey), &contractv1.HostCall{Call: &contractv1.HostCall_Fetch{Fetch: &contractv1.FetchCall{
		AfterSeq: 10, BeforeSeq: 14, Limit: 2}}})
	if got := r.GetFetch().GetUpdates(); len(got) != 2 || got[0].GetSeq() != 11 || !r.GetFetch().GetMore() {
		t.Errorf("%v", r)
	}
	h.disconnect()
	r = p.ask(p.sessionOf(imKey), &contractv1.HostCall{Call: &contractv1.HostCall_Fetch{Fetch: &contractv1.FetchCall{AfterSeq: 10}}})
	if r.GetError().GetCode() != contractv1.Error_UNAVAILABLE {
		t.Errorf("%v", r)
	}
}

func TestSwitchedOffPluginsStopAtOnce(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	a1.mu.Lock()
	a1.off["im"] = "Messages are switched off."
	a1.mu.Unlock()
	a1.e.PluginDisabled("im", "Messages are switched off.")
	eventually(t, "the view closed with the reason", func() bool {
		v := a1.views.View(imKey)
		return v != nil && v.Fault == "Messages are switched off." && a1.process("im").sessionOf(imKey) == nil
	})
	a1.kill("im", nil)
	if _, err := a1.send(ab, "x"); err == nil || !strings.Contains(err.Error(), "switched off") {
		t.Error(err)
	}
	if err := a1.e.Act(imKey, submit("x")); err == nil {
		t.Error("an action of a plugin that is off")
	}
	_, err := b.send(ab, "meanwhile")
	must(t, err)
	time.Sleep(20 * time.Millisecond)
	if a1.process("im") != nil {
		t.Fatal("it was started again")
	}
	a1.mu.Lock()
	delete(a1.off, "im")
	a1.mu.Unlock()
	a1.e.PluginEnabled("im")
	eventually(t, "what came meanwhile", func() bool { return len(a1.log("im", imKey)) == 1 })
}

func TestSessionsThatFailAgainAndAgainStay(t *testing.T) {
	n, a1, _, _ := connected(t)
	defer a1.look()()
	bad := func(p *process) {
		s := p.sessionOf(imKey)
		p.mu.Lock()
		delete(p.open, s.handle)
		p.mu.Unlock()
		p.say(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_SessionDone{
			SessionDone: &contractv1.SessionDone{Error: "it panicked"}}})
	}
	for range maxCrashes {
		eventually(t, "open", func() bool { return a1.process("im").sessionOf(imKey) != nil })
		bad(a1.process("im"))
	}
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE})
	eventually(t, "the fault is shown", func() bool { return a1.views.View(imKey).Fault == "It panicked." && a1.session(imKey).Crashed })
	time.Sleep(20 * time.Millisecond)
	if a1.process("im").sessionOf(imKey) != nil {
		t.Error("it was opened again")
	}
	release := a1.e.OpenView(imKey) // looking anew tries again
	defer release()
	eventually(t, "open", func() bool { return a1.process("im").sessionOf(imKey) != nil })
}

func TestChatGoesBeforeTheRest(t *testing.T) {
	n, hosts := threeDevices(t)
	a1, b := hosts[0], hosts[2]
	a1.connect()
	b.connect()
	k, err := a1.e.Offer(t.Context(), ab, "game", "", nil)
	must(t, err)
	b.waitState(k, model.Offered)
	must(t, b.e.Accept(t.Context(), k))
	a1.waitState(k, model.Active)
	a1.disconnect()
	g := a1.process("game")
	eventually(t, "the game is open", func() bool { return g.sessionOf(k) != nil })
	gs := g.sessionOf(k)
	for i := range 70 {
		g.ask(gs, &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{Body: []byte(fmt.Sprint("g", i))}}})
	}
	_, err = a1.send(ab, "chat")
	must(t, err)
	a1.connect()
	eventually(t, "all there", func() bool { return len(b.log("game", k)) == 70 && len(b.log("im", imKey)) == 1 })
	n.mu.Lock()
	defer n.mu.Unlock()
	first := -1
	for i, e := range n.logs[ab] {
		if e.GetKind() == contractv1.Envelope_UPDATE {
			first = i
			break
		}
	}
	if string(n.logs[ab][first].GetBody()) != "chat" {
		t.Error("a game went before the chat")
	}
	for i, line := range b.log("game", k) {
		if !strings.HasSuffix(line, fmt.Sprint(":g", i)) {
			t.Fatalf("%q at %d", line, i)
		}
	}
}

func TestSummariesRowsAndAlerts(t *testing.T) {
	_, a1, _, b := connected(t)
	_, err := b.send(ab, "hello")
	must(t, err)
	eventually(t, "there", func() bool { return len(a1.log("im", imKey)) == 1 })
	p := a1.process("im")
	s := p.sessionOf(imKey)
	sum := func(seq int64) *contractv1.HostCall {
		return &contractv1.HostCall{Call: &contractv1.HostCall_Summary{Summary: &contractv1.SummaryCall{
			Text: "hello", From: "b@n", TimeMs: time.Now().UnixMilli(), Seq: seq, Unread: 1, Alert: contractv1.SummaryCall_MESSAGE}}}
	}
	for range 3 {
		p.ask(s, sum(1))
	}
	alerts := func() (c int) {
		a1.mu.Lock()
		defer a1.mu.Unlock()
		for _, ev := range a1.events {
			if ev.Kind == "alert" {
				c++
			}
		}
		return c
	}
	if alerts() != 1 {
		t.Errorf("%d alerts for one message", alerts())
	}
	must(t, a1.e.Row(t.Context(), "mute-1h", ab))
	p.ask(s, sum(2))
	must(t, a1.e.Row(t.Context(), "unmute", ab))
	must(t, a1.e.Row(t.Context(), "pin", ab))
	a1.e.Focus(ab, true)
	p.ask(s, sum(3))
	if alerts() != 1 {
		t.Error("disturbed although it was muted or before the person")
	}
	a1.e.Focus("", false)
	must(t, a1.e.Row(t.Context(), "mute", ab))
	named := func(seq int64) {
		c := sum(seq)
		c.GetSummary().Alert = contractv1.SummaryCall_MENTION
		p.ask(s, c)
	}
	if named(4); alerts() != 2 {
		t.Errorf("%d alerts: a mention does not pass over the mute", alerts())
	}
	a1.mu.Lock()
	a1.quiet = true
	a1.mu.Unlock()
	if named(5); alerts() != 2 {
		t.Errorf("%d alerts: a mention passes over the mute although that is set otherwise", alerts())
	}
	must(t, a1.e.Row(t.Context(), "unmute", ab))
	a1.e.Focus("", false)
	p.say(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{Compact: true,
		Root: &contractv1.Node{Id: "c", Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: "small"}}}}}})
	eventually(t, "compact", func() bool { return a1.e.Compact(imKey) != nil })
	eventually(t, "stored", func() bool { pl, _, err := a1.store.Compact(t.Context(), ab, "im"); return err == nil && pl == "im" })
	a1.crash()
	rows := a1.e.Conversations()
	if len(rows) != 1 || rows[0].Summary != "hello" || rows[0].Unread != 1 || !rows[0].Pinned || rows[0].Peer != "b@n" || rows[0].Kind != model.Direct {
		t.Errorf("%+v", rows)
	}
	if v := a1.e.Compact(imKey); v == nil || v.Root.GetText().GetText() != "small" {
		t.Error("the compact view is gone")
	}
	if err := a1.e.Row(t.Context(), "paint", ab); err == nil {
		t.Error("an unknown operation")
	}
	if err := a1.e.Row(t.Context(), "pin", "dm.x.y"); err == nil {
		t.Error("a conversation of others")
	}
}

func TestQuotaOfWhatWaits(t *testing.T) {
	_, hosts := threeDevices(t)
	a1 := hosts[0]
	defer a1.look()()
	p := a1.process("im")
	s := p.sessionOf(imKey)
	body := make([]byte, contractv1.MaxUpdate)
	for i := 0; ; i++ {
		r := p.ask(s, &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{Body: body}}})
		if r.GetError() != nil {
			if r.GetError().GetCode() != contractv1.Error_UNAVAILABLE || i < maxOutBytes/contractv1.MaxUpdate {
				t.Errorf("after %d: %v", i, r)
			}
			return
		}
		if i > maxOutBytes/contractv1.MaxUpdate {
			t.Fatal("no end")
		}
	}
}

func TestCallsOnClosedSessionsAreAnswered(t *testing.T) {
	_, a1, _, _ := connected(t)
	release := a1.look()
	p := a1.process("im")
	r := p.ask(&openSession{handle: 99}, setState("k", "v", contractv1.StateValue_EVERYONE))
	if r.GetError().GetCode() != contractv1.Error_ENDED {
		t.Errorf("%v", r)
	}
	r = p.ask(p.sessionOf(imKey), &contractv1.HostCall{Call: &contractv1.HostCall_End{End: &contractv1.EndCall{}}})
	if r.GetError().GetCode() != contractv1.Error_INVALID {
		t.Errorf("%v", r)
	}
	r = p.ask(p.sessionOf(imKey), &contractv1.HostCall{})
	if r.GetError().GetCode() != contractv1.Error_INVALID {
		t.Errorf("%v", r)
	}
	release()
	release() // twice is harmless
}
