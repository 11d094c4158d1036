package session

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
)

func TestStateIsCoalescedAndResent(t *testing.T) {
	n, a1, a2, b := connected(t)
	releases := []func(){a1.look(), a2.look(), b.look()}
	defer func() {
		for _, r := range releases {
			r()
		}
	}()
	p := a1.process("im")
	s := p.sessionOf(imKey)
	for i := range 100 {
		if r := p.ask(s, setState("read", fmt.Sprint(i), contractv1.StateValue_EVERYONE)); r.GetError() != nil {
			t.Fatal(r)
		}
	}
	has := func(h *host, author, k, v string) func() bool {
		return func() bool {
			p := h.process("im")
			for _, ev := range p.eventsOf(p.sessionOf(imKey)) {
				if st := ev.GetState(); st.GetKey() == k && string(st.GetValue()) == v && st.GetAuthor() == author {
					return true
				}
			}
			return false
		}
	}
	eventually(t, "b has the last", has(b, "a@n", "read", "99"))
	eventually(t, "my other device too", has(a2, "a@n", "read", "99"))
	n.mu.Lock()
	if n.sets > 3 {
		t.Errorf("100 values took %d calls", n.sets)
	}
	n.mu.Unlock()
	p.ask(s, setState("draft", "mine", contractv1.StateValue_MY_DEVICES))
	eventually(t, "my devices", has(a2, "a@n", "draft", "mine"))
	if has(b, "a@n", "draft", "mine")() {
		t.Error("a draft went to the other person")
	}

	// Offline: kept, over a crash too, and sent with the next connection.
	a1.disconnect()
	p.ask(s, setState("read", "200", contractv1.StateValue_EVERYONE))
	releases[0]()
	a1.crash()
	a1.connect()
	eventually(t, "resent", has(b, "a@n", "read", "200"))
	releases[0] = a1.look()
	o := a1.process("im").sessionOf(imKey).open
	var read string
	for _, v := range o.GetState() {
		if v.GetKey() == "read" && v.GetAuthor() == "a@n" {
			read = string(v.GetValue())
		}
	}
	if read != "200" {
		t.Errorf("opened with %q", read)
	}
}

func TestStateOutOfBoundsIsRefused(t *testing.T) {
	_, a1, _, _ := connected(t)
	defer a1.look()()
	s := a1.process("im").sessionOf(imKey)
	for _, c := range []*contractv1.HostCall{
		setState("Bad Key", "", contractv1.StateValue_EVERYONE), setState("", "", contractv1.StateValue_EVERYONE),
		setState("ok", "", 0), setState("ok", strings.Repeat("x", contractv1.MaxState+1), contractv1.StateValue_EVERYONE),
	} {
		if r := a1.process("im").ask(s, c); r.GetError() == nil {
			t.Errorf("taken: %v", c)
		}
	}
}

func TestAForeignFloodOfStateIsBounded(t *testing.T) {
	_, a1, _, _ := connected(t)
	for i := range maxStateKeys + 50 {
		a1.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: []*contractv1.NetState{{
			Conversation: ab, Session: "im", Plugin: "im", Value: &contractv1.StateValue{Author: "b@n", Key: fmt.Sprint("k", i)}}}}}})
	}
	a1.e.Cursors() // everything before is done
	if rows, err := a1.store.States(t.Context(), ab, "im"); err != nil || len(rows) != maxStateKeys {
		t.Errorf("%d values, %v", len(rows), err)
	}
}

func TestAPeersStateInManySessionsIsBounded(t *testing.T) {
	_, a1, _, _ := connected(t)
	const already = maxForeignKeys - 10
	must(t, a1.store.Update(func(tx *store.Tx) error {
		for i := range already {
			if err := tx.SetState(&store.StateRow{Conversation: ab, Session: fmt.Sprint("s", i), Plugin: "game",
				Value: &contractv1.StateValue{Author: "b@n", Key: "k"}}); err != nil {
				return err
			}
		}
		return nil
	}))
	var list []*contractv1.NetState
	for i := already - 5; i < already+30; i++ {
		list = append(list, &contractv1.NetState{Conversation: ab, Session: fmt.Sprint("s", i), Plugin: "game",
			Value: &contractv1.StateValue{Author: "b@n", Key: "k"}})
	}
	a1.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: list}}})
	a1.e.Cursors()
	count := 0
	must(t, a1.store.Update(func(tx *store.Tx) (err error) { count, err = tx.CountAuthor(ab, "b@n"); return err }))
	if count != maxForeignKeys {
		t.Errorf("%d values", count)
	}
}

// Values that the network does not take for now do not keep the others back.
func TestStatesThatWaitDoNotBlockOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a1, _, _ := connected(t)
		release := a1.e.OpenView(imKey)
		defer release()
		synctest.Wait()
		n.mu.Lock()
		n.busy = func(v *contractv1.NetState) bool { return strings.HasPrefix(v.GetValue().GetKey(), "busy") }
		n.mu.Unlock()
		p := a1.process("im")
		for i := range 100 {
			p.ask(p.sessionOf(imKey), setState(fmt.Sprint("busy", i), "v", contractv1.StateValue_EVERYONE))
		}
		p.ask(p.sessionOf(imKey), setState("read", "v", contractv1.StateValue_EVERYONE))
		time.Sleep(5 * time.Second)
		n.mu.Lock()
		sets := n.sets
		n.busy = nil
		n.mu.Unlock()
		if sets != 1 {
			t.Errorf("%d were sent", sets)
		}
		time.Sleep(5 * time.Second)
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.sets != 101 {
			t.Errorf("%d were sent in the end", n.sets)
		}
	})
}

func TestStatesWaitForTheDisk(t *testing.T) {
	_, a1, _, _ := connected(t)
	must(t, a1.store.Limit(4096))
	const many = 40
	sent := make(chan struct{})
	go func() { // it has to wait: nothing more is taken from the network
		defer close(sent)
		for i := range many {
			a1.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: []*contractv1.NetState{{
				Conversation: ab, Session: "im", Plugin: "im", Value: &contractv1.StateValue{Author: "b@n", Key: fmt.Sprint("k", i),
					Value: make([]byte, contractv1.MaxState)}}}}}})
		}
	}()
	eventually(t, "the fault", func() bool { return a1.e.Fault() != "" })
	must(t, a1.e.ask(func(e *Engine) {
		if len(e.alarms) > 5 {
			t.Errorf("%d alarms", len(e.alarms))
		}
	}))
	must(t, a1.store.Limit(0))
	<-sent
	eventually(t, "all of them", func() bool {
		rows, err := a1.store.States(t.Context(), ab, "im")
		return err == nil && len(rows) == many
	})
}

func TestSignalsAreNowOrNever(t *testing.T) {
	n, a1, a2, b := connected(t)
	defer a1.look()()
	defer b.look()()
	p := a1.process("im")
	s := p.sessionOf(imKey)
	say := func(body, device string) {
		p.say(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Signal{
			Signal: &contractv1.Signal{Body: []byte(body), TargetDevice: device}}})
	}
	got := func(h *host, body string) func() bool {
		return func() bool {
			q := h.process("im")
			for _, ev := range q.eventsOf(q.sessionOf(imKey)) {
				if g := ev.GetSignal(); string(g.GetBody()) == body && g.GetFrom() == "a@n" && g.GetDevice() == "a1" {
					return true
				}
			}
			return false
		}
	}
	say("elsewhere", "b7")
	say("typing", "")
	eventually(t, "typing", got(b, "typing"))
	if got(b, "elsewhere")() || got(a1, "typing")() {
		t.Error("a signal went where it should not")
	}
	if a2.process("im") != nil {
		t.Error("a signal started a plugin")
	}
	for range 10_000 {
		say("flood", "")
	}
	a1.e.Cursors()
	time.Sleep(20 * time.Millisecond)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sigs > signalsBurst+2*signalsASecond {
		t.Errorf("%d signals got out", n.sigs)
	}
}

func TestMyOtherDeviceReadingUpdatesTheSummary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a1, a2, b := connected(t)
		_, err := b.send(ab, "hello")
		must(t, err)
		synctest.Wait()
		time.Sleep(2 * time.Minute) // every chat is closed
		release := a1.look()
		defer release()
		p := a1.process("im")
		p.ask(p.sessionOf(imKey), setState("read", "1", contractv1.StateValue_MY_DEVICES))
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if a2.process("im").sessionOf(imKey) == nil {
			t.Error("the other device did not hear that it was read")
		}
		if b.process("im").sessionOf(imKey) != nil {
			t.Error("the other person's chat was opened by it")
		}
	})
}
