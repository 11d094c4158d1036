package nats

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// pending is a registration under way. Its seed is kept before the server hears
// of it: a repeat after a crash is then the same device and gets the same answer.
type pending struct {
	Attempt string `json:"attempt"`
	Seed    []byte `json:"seed"`
}

// signUp makes an account or joins one.
func (p *plugin) signUp(ctx context.Context, s *contractv1.SignUp) (*client.Account, error) {
	defer p.turn()()
	have, err := p.stored(ctx)
	if err != nil {
		return nil, err
	}
	if have != nil {
		if have.Attempt == attempt(s) || s.DeviceCode == "" && s.User != "" && s.User == have.User {
			return have, nil // a repeat after the answer was lost
		}
		return nil, wire.Errorf(contractv1.Error_TAKEN, "This profile has the account %s already.", have.Address())
	}
	link, err := p.link(ctx, s)
	if err != nil {
		return nil, err
	}
	seed, err := p.seed(ctx, s)
	if err != nil {
		return nil, err
	}
	a, err := p.register(ctx, s, link, seed)
	if err != nil {
		return nil, err
	}
	a.Local, a.Attempt = s.Mode == contractv1.SignUp_LOCAL, attempt(s)
	if err := p.store(ctx, a); err != nil {
		return nil, err
	}
	if err := p.seam.SetSecret(ctx, secretPending, nil); err != nil && p.h != nil {
		p.h.Log().Debug("forget a finished registration", "error", err)
	}
	return a, nil
}

// register makes the account, or this device one of an account that is there: a
// link with a code does so in whatever way it came here. Where somebody has to
// let this device in, it waits for that.
func (p *plugin) register(ctx context.Context, s *contractv1.SignUp, link wire.Link, seed []byte) (*client.Account, error) {
	r := wire.Register{Op: wire.RegisterNew, Token: link.Token, User: s.User, Name: s.Name, DeviceName: cut(s.DeviceName)}
	switch {
	case link.Recovery != "":
		r = wire.Register{Op: wire.RegisterRecover, Code: link.Recovery, DeviceName: r.DeviceName}
	case link.Code != "":
		r = wire.Register{Code: link.Code, DeviceName: r.DeviceName}
		return p.admitted(ctx, s, "Let this device in on one of your other devices; the same six digits must stand on both screens.",
			func(ctx context.Context, shown func(string)) (*client.Account, error) {
				return client.Link(ctx, p.seam.Dial, link, seed, r, shown)
			})
	case s.User == "":
		return nil, wire.Errorf(contractv1.Error_INVALID, "Choose a name for the account.")
	case s.Mode == contractv1.SignUp_FOUND:
		return p.admitted(ctx, s, fmt.Sprintf("Ask the owner of %s to let you in; the same six digits must stand on both screens.", link.Network),
			func(ctx context.Context, shown func(string)) (*client.Account, error) {
				return client.Ask(ctx, p.seam.Dial, link, seed, r, shown)
			})
	case s.Mode == contractv1.SignUp_ENROL:
		r.Op, r.Token = wire.RegisterEnrol, s.EnrolmentToken
	}
	return client.Register(ctx, p.seam.Dial, link, seed, r)
}

// turn takes the turn of signing up, in or out. What only waits for somebody
// elsewhere is given up for it: who asks again does not wait behind the first try.
func (p *plugin) turn() (done func()) {
	p.mu.Lock()
	p.queued++
	if p.giveUp != nil {
		p.giveUp()
	}
	p.mu.Unlock()
	p.signing.Lock()
	p.mu.Lock()
	p.queued--
	p.mu.Unlock()
	return p.signing.Unlock
}

// admitted runs a registration for which somebody elsewhere may have to let this
// device in. The host is told the digits; the waiting ends with ctx, which is the
// call's own deadline, or when somebody else takes the turn.
func (p *plugin) admitted(ctx context.Context, s *contractv1.SignUp, detail string,
	register func(ctx context.Context, shown func(digits string)) (*client.Account, error)) (*client.Account, error) {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	p.giveUp = cancel
	if p.queued > 0 {
		cancel()
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.giveUp = nil
		p.mu.Unlock()
	}()
	a, err := register(wait, func(digits string) {
		e := &contractv1.NetEvent{Event: &contractv1.NetEvent_Progress{Progress: &contractv1.SignUpProgress{SignUpId: s.Id, Digits: digits, Detail: detail}}}
		if err := p.seam.Emit(wait, e); err != nil && p.h != nil {
			p.h.Log().Warn("show the digits", "error", err)
		}
	})
	if err != nil && wait.Err() != nil && ctx.Err() == nil {
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "This try was given up for another one.")
	}
	return a, err
}

// cut keeps a device's name within its bound, whole characters only.
func cut(name string) string {
	for i := range name {
		if i > wire.MaxDisplayName-4 {
			return name[:i]
		}
	}
	return name
}

// link says where to register, and with which code.
func (p *plugin) link(ctx context.Context, s *contractv1.SignUp) (wire.Link, error) {
	l, err := p.place(ctx, s)
	if err != nil {
		return l, err
	}
	if s.DeviceCode != "" {
		l.Code = s.DeviceCode
	}
	if s.RecoveryCode != "" {
		l.Recovery = s.RecoveryCode
	}
	switch {
	case l.Code != "" && l.Recovery != "":
		return l, wire.Errorf(contractv1.Error_INVALID, "Give the code of a device or a recovery code, not both.")
	case s.Mode == contractv1.SignUp_RECOVER && l.Recovery == "":
		return l, wire.Errorf(contractv1.Error_INVALID, "The link holds no recovery code (r=…); copy the whole link that was shown when it was made.")
	case s.Mode == contractv1.SignUp_INVITE && l.Token == "" && l.Code == "" && l.Recovery == "":
		return l, wire.Errorf(contractv1.Error_INVALID,
			"The link holds no invitation (i=…); ask for one, or use it as a server's address if registration there is open.")
	}
	return l, nil
}

// place says where the network is.
func (p *plugin) place(ctx context.Context, s *contractv1.SignUp) (wire.Link, error) {
	switch s.Mode {
	case contractv1.SignUp_LOCAL:
		r, err := p.companion(ctx, "info")
		if err == nil && s.DeviceCode == "" {
			op := "invite"
			if !r.HasOwner {
				op = "owner"
			}
			r, err = p.companion(ctx, op)
		}
		if err != nil {
			return wire.Link{}, wire.Errorf(contractv1.Error_UNAVAILABLE, "The network on this computer does not start (%v).", err)
		}
		return wire.ParseLink(r.Link)
	case contractv1.SignUp_INVITE, contractv1.SignUp_SERVER, contractv1.SignUp_RECOVER, contractv1.SignUp_FOUND, contractv1.SignUp_ENROL:
		return wire.ParseLink(s.Link)
	}
	return wire.Link{}, wire.Errorf(contractv1.Error_INVALID, "The host asks for an account in a way this network does not know.")
}

// attempt names a try to sign up: a repeat of it is the same try.
func attempt(s *contractv1.SignUp) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q %q %q %q %q", s.Id, s.User, s.Link, s.DeviceCode, s.RecoveryCode)))
	return fmt.Sprintf("%x", sum[:8])
}

// seed is this device's secret: the one of an attempt that was cut short, or a
// new one that is kept first.
func (p *plugin) seed(ctx context.Context, s *contractv1.SignUp) ([]byte, error) {
	attempt := attempt(s)
	data, found, err := p.seam.Secret(ctx, secretPending)
	if err != nil {
		return nil, fmt.Errorf("read the device key: %w", err)
	}
	var last pending
	if found && json.Unmarshal(data, &last) == nil && last.Attempt == attempt {
		return last.Seed, nil
	}
	seed, err := client.NewSeed()
	if err != nil {
		return nil, err
	}
	if data, err = json.Marshal(pending{Attempt: attempt, Seed: seed}); err != nil {
		return nil, fmt.Errorf("keep the device key: %w", err)
	}
	if err := p.seam.SetSecret(ctx, secretPending, data); err != nil {
		return nil, fmt.Errorf("keep the device key: %w", err)
	}
	return seed, nil
}
