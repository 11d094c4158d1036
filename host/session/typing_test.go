package session

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

func TestTypingIsShownAndForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a1, _, b := connected(t)
		_, err := b.send(ab, "hello")
		must(t, err)
		synctest.Wait()
		at := time.Now().UnixMilli()
		sum := func(on bool) {
			p := a1.process("im")
			p.ask(p.sessionOf(imKey), &contractv1.HostCall{Call: &contractv1.HostCall_Summary{Summary: &contractv1.SummaryCall{
				Text: "hello", TimeMs: at, Seq: 1, Typing: on}}})
		}
		typing := func() bool {
			time.Sleep(2 * publishEvery)
			synctest.Wait()
			return a1.e.Conversations()[0].Typing
		}
		for range 3 {
			sum(true)
			time.Sleep(typingFor - time.Second)
		}
		if !typing() {
			t.Error("forgotten although it was said again")
		}
		if time.Sleep(typingFor); typing() {
			t.Error("not forgotten")
		}
		sum(true)
		if sum(false); typing() {
			t.Error("not taken back")
		}
		sum(true)
		if a1.kill("im", errors.New("killed")); typing() {
			t.Error("the plugin is down")
		}
		n := 0
		for _, ev := range a1.events {
			if ev.Kind == "summary" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("the same summary was told %d times", n)
		}
	})
}

func TestASignalOpensAChatThatWasIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a1, a2, b := connected(t)
		_, err := b.send(ab, "hello")
		must(t, err)
		time.Sleep(2 * time.Minute)
		if a1.process("im").sessionOf(imKey) != nil {
			t.Fatal("still open")
		}
		a2.kill("im", nil)
		release := b.e.OpenView(imKey)
		synctest.Wait()
		p := b.process("im")
		p.say(&contractv1.PluginFrame{Session: p.sessionOf(imKey).handle, Body: &contractv1.PluginFrame_Signal{
			Signal: &contractv1.Signal{Body: []byte("typing")}}})
		synctest.Wait()
		s := a1.process("im").sessionOf(imKey)
		if s == nil {
			t.Fatal("not open")
		}
		if evs := a1.process("im").eventsOf(s); !slices.ContainsFunc(evs, func(ev *contractv1.Event) bool {
			return string(ev.GetSignal().GetBody()) == "typing"
		}) {
			t.Errorf("%v", evs)
		}
		if a2.process("im") != nil {
			t.Error("a signal started a plugin")
		}
		release()
		time.Sleep(2 * time.Minute)
		if a1.process("im").sessionOf(imKey) != nil {
			t.Error("it stays open")
		}
	})
}
