package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func submit(text string) model.Action {
	return model.Action{Node: "composer", Kind: contractv1.Action_SUBMIT, Value: text}
}

// composer shows a view with an editor, as a chat does.
func composer(p *process, s *openSession) {
	p.say(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Show{Show: &contractv1.Show{
		Root: &contractv1.Node{Id: "root", Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: []*contractv1.Node{
			{Id: "composer", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Composer: true}}},
			{Id: "password", Body: &contractv1.Node_Field{Field: &contractv1.Field{Secret: true}}},
		}}}}, Revision: 1}}})
}

// look opens a view on im and shows the composer.
func (h *host) look() (release func()) {
	h.t.Helper()
	release = h.e.OpenView(imKey)
	h.showComposer()
	return release
}

func (h *host) showComposer() {
	h.t.Helper()
	eventually(h.t, "open", func() bool { return h.process("im").sessionOf(imKey) != nil })
	p := h.process("im")
	composer(p, p.sessionOf(imKey))
	eventually(h.t, "shown", func() bool { v := h.views.View(imKey); return v != nil && v.Root != nil && v.Fault == "" })
}

func (h *host) text(node string) string {
	v := h.views.View(imKey)
	if v == nil {
		return ""
	}
	return v.Editors[node].Text
}

func TestSubmittedTextBecomesAnUpdate(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	a1.e.Edited(imKey, "composer", "hello")
	eventually(t, "typed", func() bool { return a1.text("composer") == "hello" })
	must(t, a1.e.Act(imKey, submit("hello")))
	if a1.text("composer") != "" {
		t.Error("the composer still holds it")
	}
	eventually(t, "there", func() bool { return len(b.log("im", imKey)) == 1 })
	eventually(t, "cleared", func() bool { rows, err := a1.store.Actions(t.Context()); return err == nil && len(rows) == 0 })
}

func TestTextComesBackWhenThePluginDies(t *testing.T) {
	for _, how := range []string{"plugin", "host"} {
		t.Run(how, func(t *testing.T) {
			_, a1, _, _ := connected(t)
			release := a1.look()
			got := make(chan struct{}, 1)
			a1.process("im").mu.Lock()
			a1.process("im").onAction = func(*process, *openSession, *contractv1.Action) bool {
				got <- struct{}{}
				return false // it dies before it does anything
			}
			a1.process("im").mu.Unlock()
			a1.e.Edited(imKey, "composer", "precious")
			must(t, a1.e.Act(imKey, submit("precious")))
			<-got
			a1.e.Edited(imKey, "composer", "typed since")
			if how == "plugin" {
				a1.kill("im", errors.New("killed"))
			} else {
				time.Sleep(persistEvery + 200*time.Millisecond) // the disk has what was typed since
				release()
				a1.crash()
				release = a1.e.OpenView(imKey)
			}
			a1.showComposer()
			eventually(t, "back", func() bool { return a1.text("composer") == "precious\ntyped since" })
			release()
		})
	}
}

func TestTextStaysGoneWhenAnUpdateWasMadeOfIt(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	p := a1.process("im")
	made := make(chan struct{})
	p.mu.Lock()
	p.onAction = func(p *process, s *openSession, a *contractv1.Action) bool {
		p.update(s.handle, []byte(a.GetValue()), a.GetId(), 0, func(*contractv1.HostReply) { close(made) })
		return false // it dies before it says handled
	}
	p.mu.Unlock()
	must(t, a1.e.Act(imKey, submit("once")))
	<-made
	a1.kill("im", errors.New("killed"))
	a1.showComposer()
	eventually(t, "there", func() bool { return len(b.log("im", imKey)) == 1 })
	if a1.text("composer") != "" {
		t.Errorf("%q came back although it was sent", a1.text("composer"))
	}
}

func TestFailedActionsGiveTheTextBack(t *testing.T) {
	_, a1, _, _ := connected(t)
	defer a1.look()()
	a1.mu.Lock()
	a1.refused = "The administrator forbids it."
	a1.mu.Unlock()
	must(t, a1.e.Act(imKey, submit("forbidden")))
	eventually(t, "back", func() bool { return a1.text("composer") == "forbidden" })
	if !a1.sawEvent("failed", "im", "") {
		t.Error("nobody was told why")
	}
}

func TestTypedTextSurvivesARestart(t *testing.T) {
	_, a1, _, _ := connected(t)
	release := a1.look()
	a1.e.Edited(imKey, "composer", "half a sen")
	a1.e.Edited(imKey, "password", "secret")
	eventually(t, "on the disk", func() bool {
		m, err := a1.store.Editors(t.Context(), ab, "im")
		if m["password"] != "" {
			t.Fatal("a secret is on the disk")
		}
		return err == nil && m["composer"] == "half a sen"
	})
	eventually(t, "the plugin heard of it", func() bool {
		p := a1.process("im")
		for _, ev := range p.eventsOf(p.sessionOf(imKey)) {
			if ev.GetEdited().GetText() == "half a sen" {
				return true
			}
		}
		return false
	})
	release()
	a1.crash()
	release = a1.look()
	defer release()
	eventually(t, "back", func() bool { return a1.text("composer") == "half a sen" })
}

func TestSecretsAreNeverJournalled(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	must(t, a1.e.Act(imKey, model.Action{Node: "password", Kind: contractv1.Action_SUBMIT, Value: "hunter2"}))
	if rows, err := a1.store.Actions(t.Context()); err != nil || len(rows) != 0 {
		t.Error(rows, err)
	}
	eventually(t, "handled", func() bool { return len(b.log("im", imKey)) == 1 })
}

func TestCommandsAreRepeatedWithTheSameID(t *testing.T) {
	_, a1, _, b := connected(t)
	stop := make(chan struct{})
	killed := make(chan struct{})
	go func() { // kill the plugin again and again while the command runs
		defer close(killed)
		for range 5 {
			select {
			case <-stop:
				return
			case <-time.After(3 * time.Millisecond):
				a1.kill("im", errors.New("killed"))
			}
		}
	}()
	var texts []string
	for i := range 20 {
		text := fmt.Sprint("c", i)
		_, err := a1.send(ab, text)
		must(t, err)
		texts = append(texts, text)
	}
	close(stop)
	<-killed
	eventually(t, "there", func() bool { return len(b.log("im", imKey)) == len(texts) })
	for i, line := range b.log("im", imKey) {
		if _, text, _ := strings.Cut(line, ":"); text != texts[i] {
			t.Fatalf("%q at %d", text, i)
		}
	}
	r, err := a1.e.Command(t.Context(), "", "im", "ping", nil)
	if err != nil || string(r) != `"pong"` {
		t.Error(string(r), err)
	}
	for _, bad := range [][3]string{{ab, "im", "nothing"}, {ab, "nothing", "send"}, {"dm.b.c", "im", "send"}, {"", "im", "send"}} {
		if _, err := a1.e.Command(t.Context(), bad[0], bad[1], bad[2], nil); err == nil {
			t.Errorf("ran %v", bad)
		}
	}
}

func TestCommandsFailWhenThePluginDoesNotStart(t *testing.T) {
	_, a1, _, _ := connected(t)
	a1.mu.Lock()
	a1.noEnsure = errors.New("the plugin failed three times")
	a1.mu.Unlock()
	for _, c := range [][2]string{{ab, "send"}, {"", "ping"}} {
		if _, err := a1.e.Command(t.Context(), c[0], "im", c[1], nil); err == nil || !strings.Contains(err.Error(), "three times") {
			t.Error(err)
		}
	}
}

func TestUpdateCallsAreIdempotent(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	p := a1.process("im")
	s := p.sessionOf(imKey)
	ask := func(c *contractv1.UpdateCall) *contractv1.HostReply {
		out := make(chan *contractv1.HostReply, 1)
		p.call(s.handle, &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: c}}, func(r *contractv1.HostReply) { out <- r })
		return <-out
	}
	first := ask(&contractv1.UpdateCall{Body: []byte("x"), ActionId: "act", Ordinal: 1})
	again := ask(&contractv1.UpdateCall{Body: []byte("x"), ActionId: "act", Ordinal: 1})
	if first.GetUpdate().GetId() != again.GetUpdate().GetId() {
		t.Error("the same call made two updates")
	}
	given := newID()
	for range 3 {
		if r := ask(&contractv1.UpdateCall{Body: []byte("y"), Id: given}); r.GetUpdate().GetId() != given {
			t.Errorf("%v", r)
		}
	}
	eventually(t, "there", func() bool { return len(b.log("im", imKey)) == 2 })
	eventually(t, "read back", func() bool { return len(a1.log("im", imKey)) == 2 })
	if r := ask(&contractv1.UpdateCall{Body: []byte("y"), Id: given}); r.GetUpdate().GetId() != given {
		t.Errorf("after it was read back: %v", r)
	}
	if r := ask(&contractv1.UpdateCall{Body: make([]byte, contractv1.MaxUpdate+1)}); r.GetError().GetCode() != contractv1.Error_TOO_LARGE {
		t.Errorf("%v", r)
	}
	if r := ask(&contractv1.UpdateCall{Id: "no spaces"}); r.GetError().GetCode() != contractv1.Error_INVALID {
		t.Errorf("%v", r)
	}
	time.Sleep(20 * time.Millisecond)
	if len(b.log("im", imKey)) != 2 {
		t.Error(b.log("im", imKey))
	}
}

func TestAFullDiskIsSaidAndLosesNothing(t *testing.T) {
	_, a1, _, b := connected(t)
	_, err := a1.send(ab, "before")
	must(t, err)
	eventually(t, "before", func() bool { return len(a1.log("im", imKey)) == 1 })
	must(t, a1.store.Limit(4096))
	var acked []string
	sawFull := false
	for i := range 50 { // free pages may take some
		text := fmt.Sprint("full", i, strings.Repeat(".", 20_000))
		_, err := a1.send(ab, text)
		if err == nil {
			acked = append(acked, text)
			continue
		}
		sawFull = true
		if !strings.Contains(err.Error(), "disk is full") {
			t.Fatal(err)
		}
		break
	}
	if !sawFull {
		t.Fatal("the disk was never full")
	}
	for i := range 20 {
		text := fmt.Sprint("from b", i, strings.Repeat(".", 20_000))
		_, err := b.send(ab, text)
		must(t, err)
		acked = append(acked, text)
	}
	eventually(t, "the fault is shown", func() bool { return strings.Contains(a1.e.Fault(), "disk is full") })
	must(t, a1.store.Limit(0))
	eventually(t, "all is there", func() bool { return len(a1.log("im", imKey)) == len(acked)+1 })
	eventually(t, "the fault is gone", func() bool { return a1.e.Fault() == "" })
	_, err = a1.send(ab, "after")
	must(t, err)
	eventually(t, "after", func() bool { return len(b.log("im", imKey)) == len(acked)+2 })
}

func TestWhatFailedIsToldAndCanBeTriedAnew(t *testing.T) {
	n, a1, _, b := connected(t)
	defer a1.look()()
	n.mu.Lock()
	n.answer = func(_ *host, e *contractv1.Envelope) *contractv1.PostResult {
		switch string(e.GetBody()) {
		case "bad":
			return &contractv1.PostResult{Result: &contractv1.PostResult_Refused{Refused: &contractv1.Refused{Reason: "You are blocked."}}}
		case "slow":
			n.answer = nil
			return &contractv1.PostResult{Result: &contractv1.PostResult_Retry{Retry: &contractv1.Retry{AfterMs: 30}}}
		}
		return nil
	}
	n.mu.Unlock()
	bad, err := a1.send(ab, "bad")
	must(t, err)
	_, err = a1.send(ab, "slow")
	must(t, err)
	_, err = a1.send(ab, "next")
	must(t, err)
	eventually(t, "the queue went on", func() bool { return len(b.log("im", imKey)) == 2 })
	eventually(t, "the row says so", func() bool {
		c := a1.e.Conversations()
		return len(c) == 1 && c[0].NotSent
	})
	a1.kill("im", errors.New("killed"))
	a1.showComposer()
	eventually(t, "told again", func() bool {
		p := a1.process("im")
		for _, ev := range p.eventsOf(p.sessionOf(imKey)) {
			if f := ev.GetFailed(); f.GetId() == bad && f.GetReason() == "You are blocked." {
				return true
			}
		}
		return false
	})
	p := a1.process("im")
	p.call(p.sessionOf(imKey).handle, &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{
		Id: bad, Body: []byte("better")}}}, nil)
	eventually(t, "sent anew", func() bool { return len(b.log("im", imKey)) == 3 })
	eventually(t, "the row is clean", func() bool { return !a1.e.Conversations()[0].NotSent })
}

func TestWhatIsOlderThanTheNetworkKeepsIsNotResent(t *testing.T) {
	_, hosts := threeDevices(t)
	a1, b := hosts[0], hosts[2]
	past := time.Now().Add(-400 * 24 * time.Hour)
	a1.crash()
	a1.mu.Lock()
	a1.now = func() time.Time { return past }
	a1.mu.Unlock()
	old, err := a1.send(ab, "from last year")
	must(t, err)
	a1.mu.Lock()
	a1.now = time.Now
	a1.mu.Unlock()
	a1.crash()
	_, err = a1.send(ab, "new")
	must(t, err)
	a1.connect()
	b.connect()
	eventually(t, "only the new one", func() bool { return len(b.log("im", imKey)) == 1 })
	rows, err := a1.store.Outbox(t.Context())
	must(t, err)
	if len(rows) == 0 || rows[0].ID != old || rows[0].State != store.OutFailed {
		t.Errorf("%+v", rows)
	}
}
