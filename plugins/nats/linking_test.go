package nats

import (
	"context"
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// owner is a network on this computer with one person.
func owner(t *testing.T) (*fakeHost, *plugin) {
	t.Helper()
	h := newHost(t)
	p := start(t, h)
	must(t, p, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_LOCAL, User: "alice", Name: "Alice"}))
	signIn(t, h, p)
	return h, p
}

type answered struct {
	a   *contractv1.Account
	err error
}

// asks signs up in the background, as a host that waits for somebody.
func asks(t *testing.T, p *plugin, s *contractv1.SignUp) chan answered {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	done := make(chan answered, 1)
	go func() {
		r, err := p.Call(ctx, signUp(s))
		done <- answered{r.GetAccount(), err}
	}()
	return done
}

func (h *fakeHost) digits(id string) string {
	h.t.Helper()
	var got string
	h.wait("digits", 0, func(e *contractv1.NetEvent) bool {
		p := e.GetProgress()
		got = p.GetDigits()
		return p.GetSignUpId() == id && len(got) == 6 && p.Detail != ""
	})
	return got
}

func TestANewDeviceIsLetInByAnOldOne(t *testing.T) {
	ah, alice := owner(t)
	code := must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceLink{DeviceLink: &contractv1.DeviceLink{Ask: true}}}).GetDeviceCode()

	// The link is pasted where an invitation is asked for. The first process ends
	// while it waits; the next one is the same device and waits on.
	s := &contractv1.SignUp{Mode: contractv1.SignUp_INVITE, Link: code.Link, DeviceName: "laptop", Id: "try"}
	bh := newHost(t)
	first := start(t, bh)
	done := asks(t, first, s)
	digits := bh.digits("try")
	if err := first.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if v := <-done; v.err == nil {
		t.Fatalf("signed up after the end: %v", v.a)
	}
	bh.mu.Lock()
	bh.events = nil
	bh.mu.Unlock()
	second := start(t, bh)
	done = asks(t, second, s)
	if again := bh.digits("try"); again != digits {
		t.Fatalf("digits %s, then %s", digits, again)
	}
	// Who asks again does not wait behind the try before.
	repeat := asks(t, second, s)
	if v := <-done; v.err == nil || !strings.Contains(v.err.Error(), "given up") {
		t.Fatalf("the try before: %v, %v", v.a, v.err)
	}
	var r *contractv1.JoinRequest
	ah.wait("who asks", 0, func(e *contractv1.NetEvent) bool {
		if l := e.GetLinks().GetRequests(); len(l) == 1 {
			r = l[0]
		}
		return r != nil
	})
	if r.Digits != digits || r.Computer != "laptop" {
		t.Fatalf("alice sees %v; the laptop shows %s", r, digits)
	}
	must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_LinkAnswer{LinkAnswer: &contractv1.JoinAnswer{Id: r.Id, Allow: true}}})
	v := <-repeat
	if v.err != nil || v.a.Address != "alice@local" || v.a.Name != "Alice" {
		t.Fatalf("linked: %v, %v", v.a, v.err)
	}
	// The answer was lost: a repeat gives it again.
	if a := must(t, second, signUp(s)).GetAccount(); a.Device != v.a.Device {
		t.Errorf("a repeat: %v", a)
	}
	if got := len(must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_Devices{Devices: &contractv1.DevicesList{}}}).GetDevices().Devices); got != 2 {
		t.Errorf("%d devices", got)
	}
}

func TestWaitingEndsWithItsDeadline(t *testing.T) {
	_, alice := owner(t)
	code := must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceLink{DeviceLink: &contractv1.DeviceLink{Ask: true}}}).GetDeviceCode()
	h := newHost(t)
	p := start(t, h)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	began := time.Now()
	if _, err := p.Call(ctx, signUp(&contractv1.SignUp{Mode: contractv1.SignUp_INVITE, Link: code.Link, Id: "x"})); err == nil || time.Since(began) > 4*time.Second {
		t.Fatalf("after %v: %v", time.Since(began), err)
	}
}

func TestARecoveryCodeIsALinkThatWorksAnywhere(t *testing.T) {
	_, alice := owner(t)
	made := must(t, alice, &contractv1.NetCall{Call: &contractv1.NetCall_Recovery{Recovery: &contractv1.RecoveryCreate{}}}).GetRecovery()
	for what, s := range map[string]*contractv1.SignUp{
		"no code":   {Mode: contractv1.SignUp_RECOVER, Link: strings.Split(made.Code, "&r=")[0]},
		"two codes": {Mode: contractv1.SignUp_RECOVER, Link: made.Code, DeviceCode: "AAAA-BBBB-CCCC"},
		"no name":   {Mode: contractv1.SignUp_SERVER, Link: strings.Split(made.Code, "&r=")[0]},
	} {
		t.Run(what, func(t *testing.T) { fails(t, start(t, newHost(t)), signUp(s), contractv1.Error_INVALID) })
	}
	// The crash comes between the server's answer and the disk: the code is burnt,
	// and yet the second try is the device that it restored.
	h := newHost(t)
	h.full = true
	s := &contractv1.SignUp{Mode: contractv1.SignUp_INVITE, Link: made.Code, DeviceName: "a new disk", Id: "again"}
	if _, err := call(t, start(t, h), signUp(s)); err == nil {
		t.Fatal("an account that is not stored")
	}
	h.full = false
	p := start(t, h)
	if a := must(t, p, signUp(s)).GetAccount(); a.Address != "alice@local" || a.Name != "Alice" || !a.Owner {
		t.Fatalf("restored: %v", a)
	}
	fails(t, start(t, newHost(t)), signUp(&contractv1.SignUp{Mode: contractv1.SignUp_RECOVER, Link: made.Code}), contractv1.Error_NOT_FOUND)
	signIn(t, h, p)
	h.wait("that there is no code any more", 0, func(e *contractv1.NetEvent) bool { return e.GetInfo() != nil && !e.GetInfo().Recovery })
}
