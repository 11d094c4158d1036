package sdk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// notes is a plugin that appends what is submitted and shows all of it.
func notes(ctx context.Context, s *sdk.Session) error {
	var lines []string
	for e := range s.Events() {
		switch v := e.(type) {
		case sdk.Action:
			for i := range 2 { // two updates in one action
				if _, err := s.Update(ctx, fmt.Appendf(nil, "%s.%d", v.Value, i)); err != nil {
					return err
				}
			}
		case sdk.Update:
			lines = append(lines, string(v.Body))
		}
		err := s.Show(view.Column(view.Editor("line"), view.Textf("%d lines", len(lines)), view.Text(strings.Join(lines, " "))))
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func plugin(f sdk.PluginFunc) func() sdk.Plugin { return func() sdk.Plugin { return f } }

// TestExactlyOnce: three people with two devices each write while their plugins
// are killed at random frames. Every action is in the order once, and every
// device shows the same.
func TestExactlyOnce(t *testing.T) {
	r := sdktest.New(t, sdktest.Options{Plugin: plugin(notes), People: []string{"alice", "bob", "carol"}, Devices: 2, Timeout: 30 * time.Second})
	for _, d := range r.Devices() {
		d.Chaos(8)
	}
	const each = 12
	for i := range each {
		for n, d := range r.Devices() {
			d.Submit("line", fmt.Sprintf("%d-%d", n, i))
		}
		switch i {
		case 4:
			r.Device("bob", 1).Online(false)
			r.Device("carol", 0).Hold(true)
		case 8:
			r.Device("bob", 1).Online(true)
			r.Device("carol", 0).Hold(false)
		}
		if i == 4 {
			r.Device("carol", 0).Hold(false)
		}
	}
	r.Until("all to be handled in spite of the kills", func() bool {
		open := 0
		for _, d := range r.Devices() {
			open += d.Unhandled()
		}
		return open == 0
	})
	for _, d := range r.Devices() {
		d.Chaos(0)
	}
	r.Settle()
	seen := map[string]bool{}
	var order []string
	for _, u := range r.Log() {
		body := string(u.Body)
		if seen[body] {
			t.Errorf("%s is stored twice", body)
		}
		seen[body] = true
		order = append(order, body)
	}
	if want := each * len(r.Devices()) * 2; len(order) != want {
		t.Fatalf("%d updates are stored, not %d", len(order), want)
	}
	starts := 0
	for _, d := range r.Devices() {
		starts += d.Starts()
		if text := d.Text(); !strings.Contains(text, strings.Join(order, " ")) {
			t.Errorf("a device shows another order: %s", text)
		}
	}
	if starts < 4*len(r.Devices()) {
		t.Errorf("nothing was killed: %d starts", starts)
	}
	t.Logf("%d starts of %d plugins", starts, len(r.Devices()))
}

// TestTwoDevices: what one device does is on the other, state and updates.
func TestTwoDevices(t *testing.T) {
	r := sdktest.New(t, sdktest.Options{Devices: 2, Plugin: plugin(func(ctx context.Context, s *sdk.Session) error {
		mine, all := "-", 0
		for e := range s.Events() {
			switch v := e.(type) {
			case sdk.Started:
				for _, st := range v.State {
					mine = string(st.Value)
				}
			case sdk.State:
				mine = string(v.Value)
			case sdk.Signal:
				mine += "!" + v.From
			case sdk.Update:
				all++
			case sdk.Action:
				if v.Value == "sig" {
					_ = s.Signal(nil)
					break
				}
				if err := s.SetState(ctx, "draft", []byte(v.Value), sdk.MyDevices); err != nil {
					return err
				}
				if _, err := s.Update(ctx, nil); err != nil {
					return err
				}
			}
			_ = s.Show(view.Column(view.Editor("e"), view.Textf("draft %s all %d", mine, all)))
		}
		return nil
	})})
	r.Settle()
	r.Device("alice", 0).Submit("e", "one")
	r.Settle()
	for person, want := range map[string]string{"alice": "draft one all 1", "bob": "draft - all 1"} {
		if got := r.Device(person, 1).Text(); !strings.Contains(got, want) {
			t.Errorf("%s sees %q, not %q", person, got, want)
		}
	}
	// A signal goes to everybody else, on every device, and to none of my own.
	r.Device("alice", 0).Submit("e", "sig")
	r.Device("bob", 0).WaitText("-!alice@room")
	r.Device("bob", 1).WaitText("-!alice@room")
	if got := r.Device("alice", 1).Text(); strings.Contains(got, "!") {
		t.Errorf("alice's other device got her signal: %s", got)
	}
	// A device that starts again has its state and the log.
	r.Device("alice", 1).Kill()
	r.Settle()
	r.Device("alice", 1).WaitText("draft one all 1")
}

// TestHandled: an action ends with its loop body, its work and that work's
// event, and Fail gives the text back.
func TestHandled(t *testing.T) {
	r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Plugin: plugin(func(ctx context.Context, s *sdk.Session) error {
		_ = s.Show(view.Editor("e"))
		for e := range s.Events() {
			switch v := e.(type) {
			case sdk.Action:
				if v.Value == "bad" {
					s.Fail(v, "Not this.")
					continue
				}
				s.Go(func(ctx context.Context) sdk.Event {
					if _, err := s.Update(ctx, []byte("from work")); err != nil {
						return sdk.Failed{Reason: err.Error()}
					}
					return sdk.Sent{ID: "work"}
				})
			case sdk.Sent:
				if v.ID == "work" {
					if _, err := s.Update(ctx, []byte("from its event")); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})})
	d := r.Device("alice", 0)
	d.Submit("e", "bad")
	r.Settle()
	if got := d.Failures(); len(got) != 1 || got[0] != "Not this." || d.EditorText("e") != "bad" {
		t.Fatalf("failures %v, text %q", got, d.EditorText("e"))
	}
	d.Submit("e", "good")
	r.Settle()
	log := r.Log()
	if len(log) != 2 || string(log[0].Body) != "from work" || string(log[1].Body) != "from its event" {
		t.Fatalf("log %v", log)
	}
}

// TestCommands: results, failures, and a command whose handling is killed.
func TestCommands(t *testing.T) {
	crash := make(chan struct{}, 1)
	r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Plugin: plugin(func(ctx context.Context, s *sdk.Session) error {
		for e := range s.Events() {
			c, ok := e.(sdk.Command)
			if !ok {
				continue
			}
			switch c.Name {
			case "send":
				id, err := s.Update(ctx, []byte("x"))
				if err != nil {
					return err
				}
				select {
				case crash <- struct{}{}:
					<-ctx.Done() // killed before it could answer
					return ctx.Err()
				default:
				}
				if err := s.Reply(c, map[string]string{"id": string(id)}); err != nil {
					return err
				}
			case "fail":
				s.Fail(c, "There is no such message.")
			}
		}
		return nil
	})})
	d := r.Device("alice", 0)
	go func() {
		for len(crash) == 0 {
			time.Sleep(time.Millisecond)
		}
		d.Kill()
	}()
	var result struct{ ID string }
	if err := d.Command(t.Context(), "send", nil, &result); err != nil {
		t.Fatal(err)
	}
	if log := r.Log(); len(log) != 1 || string(log[0].ID) != result.ID {
		t.Fatalf("log %v, id %s", log, result.ID)
	}
	if err := d.Command(t.Context(), "fail", nil, nil); err == nil || err.Error() != "There is no such message." {
		t.Fatal(err)
	}
	if err := d.Command(t.Context(), "unknown", nil, &result); err != nil {
		t.Fatal(err)
	}
}

// TestPanic: the session stops with a reason, also when slow work panics.
func TestPanic(t *testing.T) {
	for _, where := range []string{"loop", "work"} {
		t.Run(where, func(t *testing.T) {
			r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Plugin: plugin(func(_ context.Context, s *sdk.Session) error {
				_ = s.Show(view.Button("b", "B"))
				for e := range s.Events() {
					if _, ok := e.(sdk.Action); ok && where == "work" {
						s.Go(func(context.Context) sdk.Event { panic("deep") })
					} else if ok {
						panic("deep")
					}
				}
				return nil
			})})
			d := r.Device("alice", 0)
			d.Press("b")
			r.Until("the fault", func() bool { return d.Fault() == "panic: deep" })
		})
	}
}

// TestEnd: Ended comes before the loop ends; later updates fail.
func TestEnd(t *testing.T) {
	ended := make(chan string, 2)
	var late error
	r := sdktest.New(t, sdktest.Options{Plugin: plugin(func(ctx context.Context, s *sdk.Session) error {
		_ = s.Show(view.Button("end", "End"))
		reason := ""
		for e := range s.Events() {
			switch v := e.(type) {
			case sdk.Action:
				if err := s.End(ctx, "enough"); err != nil {
					return err
				}
				_, late = s.Update(ctx, nil)
			case sdk.Ended:
				reason = v.Reason + " by " + v.By
			}
		}
		ended <- reason
		return ctx.Err()
	})})
	r.Settle()
	r.Device("bob", 0).Press("End")
	for range 2 {
		if got := <-ended; got != "enough by bob@room" {
			t.Errorf("ended: %q", got)
		}
	}
	if !errors.Is(late, &sdk.Error{Code: contractv1.Error_ENDED}) {
		t.Errorf("update after the end: %v", late)
	}
}
