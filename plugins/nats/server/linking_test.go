package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

type linked struct {
	a   *client.Account
	err error
}

// linking begins to link a device with a code that asks, and waits for the digits.
func linking(t *testing.T, s *server.Server, p *peer, name string) (digits string, done chan linked) {
	t.Helper()
	code, err := p.c.DeviceLink(short(t), &contractv1.DeviceLink{Ask: true})
	if err != nil {
		t.Fatal(err)
	}
	l, err := wire.ParseLink(code.Link)
	if err != nil || l.Code != code.Code {
		t.Fatalf("the code's link %q: %v", code.Link, err)
	}
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	shown := make(chan string, 1)
	done = make(chan linked, 1)
	go func() {
		a, err := client.Link(ctx, dial, l, seed, wire.Register{Code: strings.ToLower(l.Code), DeviceName: name}, func(d string) { shown <- d })
		done <- linked{a, err}
	}()
	select {
	case d := <-shown:
		return d, done
	case v := <-done:
		t.Fatalf("linked without an answer: %v, %v", v.a, v.err)
	case <-time.After(patience):
		t.Fatal("no digits")
	}
	return "", nil
}

func waits(p *peer, from int, n int) *contractv1.JoinRequests {
	p.t.Helper()
	return p.waitFrom(from, "who waits to be linked", func(e *contractv1.NetEvent) bool {
		return e.GetLinks() != nil && len(e.GetLinks().Requests) == n
	}).GetLinks()
}

func TestAnOldDeviceLetsTheNewOneIn(t *testing.T) {
	s := start(t, server.Options{})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	digits, done := linking(t, s, alice, "the laptop")
	r := waits(alice, 0, 1).Requests[0]
	if r.Computer != "the laptop" || r.Digits != digits {
		t.Fatalf("alice sees %v, the laptop shows %s", r, digits)
	}
	if err := bob.c.LinkAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("somebody else answered: %v", err)
	}
	// The owner of the network lets people in, not devices of others.
	if err := alice.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); err == nil {
		t.Error("a device came in by the door for people")
	}
	if err := alice.c.LinkAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); err != nil {
		t.Fatal(err)
	}
	v := <-done
	if v.err != nil || v.a.User != "alice" {
		t.Fatalf("linked: %v, %v", v.a, v.err)
	}
	laptop := signIn(t, v.a)
	if err := laptop.c.DeviceRename(short(t), &contractv1.DeviceRename{Id: v.a.Device, Name: "Küche"}); err != nil {
		t.Fatal(err)
	}
	alice.wait("the new name", func(e *contractv1.NetEvent) bool {
		for _, d := range e.GetDevices().GetDevices() {
			if d.Id == v.a.Device && d.Name == "Küche" {
				return true
			}
		}
		return false
	})
	for what, r := range map[string]*contractv1.DeviceRename{
		"another's": {Id: bob.a.Device, Name: "x"}, "nothing": {Id: v.a.Device}, "a line": {Id: v.a.Device, Name: "a\nb"},
		"long": {Id: v.a.Device, Name: strings.Repeat("x", wire.MaxDisplayName+1)},
	} {
		if err := alice.c.DeviceRename(short(t), r); err == nil {
			t.Errorf("renamed: %s", what)
		}
	}
}

func TestARefusedDeviceStaysOut(t *testing.T) {
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	_, done := linking(t, s, alice, "a stranger")
	r := waits(alice, 0, 1).Requests[0]
	from := alice.mark()
	if err := alice.c.LinkAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id}); err != nil {
		t.Fatal(err)
	}
	waits(alice, from, 0)
	v := <-done
	if code(v.err) != contractv1.Error_REFUSED {
		t.Fatalf("a refused device: %v, %v", v.a, v.err)
	}
	if err := alice.c.LinkAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("let in after all: %v", err)
	}
	if l, err := alice.c.Devices(short(t)); err != nil || len(l.Devices) != 1 {
		t.Errorf("devices: %v, %v", l, err)
	}
}

func TestARecoveryCodeRestoresOnce(t *testing.T) {
	s := start(t, server.Options{})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	first, err := alice.c.Recovery(short(t))
	if err != nil {
		t.Fatal(err)
	}
	made, err := alice.c.Recovery(short(t))
	if err != nil {
		t.Fatal(err)
	}
	alice.leave()
	restore := func(text, device string) (*client.Account, error) {
		l, err := wire.ParseLink(text)
		if err != nil {
			t.Fatal(err)
		}
		return register(t, l, wire.Register{Op: wire.RegisterRecover, Code: l.Recovery, DeviceName: device})
	}
	var refused *wire.Error
	if _, err := restore(first.Code, "thief"); !errors.As(err, &refused) {
		t.Fatalf("a code that was replaced: %v", err)
	}
	for _, c := range []string{"", "x", strings.Repeat("A", 64), "*", "../user"} {
		if _, err := register(t, s.Link(), wire.Register{Op: wire.RegisterRecover, Code: c}); err == nil {
			t.Errorf("the code %q restored something", c)
		}
	}
	a, err := restore(made.Code, "a new disk")
	if err != nil || a.User != "alice" {
		t.Fatalf("restored %v, %v", a, err)
	}
	back := signIn(t, a)
	back.wait("the roster", func(e *contractv1.NetEvent) bool {
		c := e.GetRoster().GetContacts()
		return len(c) == 1 && c[0].Address == bob.a.Address()
	})
	if _, err := restore(made.Code, "thief"); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("a used code: %v", err)
	}
}
