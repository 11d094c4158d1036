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
	p.signing.Lock()
	defer p.signing.Unlock()
	have, err := p.stored(ctx)
	if err != nil {
		return nil, err
	}
	if have != nil {
		if s.DeviceCode == "" && s.User == have.User {
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
	r := wire.Register{Op: wire.RegisterNew, Token: link.Token, User: s.User, Name: s.Name, DeviceName: cut(s.DeviceName)}
	if s.Mode == contractv1.SignUp_ENROL {
		r.Op, r.Token = wire.RegisterEnrol, s.EnrolmentToken
	}
	if s.DeviceCode != "" {
		r = wire.Register{Op: wire.RegisterDevice, Code: s.DeviceCode, DeviceName: cut(s.DeviceName)}
	}
	a, err := p.register(ctx, s, link, seed, r)
	if err != nil {
		return nil, err
	}
	a.Local = s.Mode == contractv1.SignUp_LOCAL
	if err := p.store(ctx, a); err != nil {
		return nil, err
	}
	if err := p.seam.SetSecret(ctx, secretPending, nil); err != nil && p.h != nil {
		p.h.Log().Debug("forget a finished registration", "error", err)
	}
	return a, nil
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

// link says where to register.
func (p *plugin) link(ctx context.Context, s *contractv1.SignUp) (wire.Link, error) {
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
	case contractv1.SignUp_INVITE:
		l, err := wire.ParseLink(s.Link)
		if err == nil && l.Token == "" && s.DeviceCode == "" {
			err = wire.Errorf(contractv1.Error_INVALID,
				"The link holds no invitation (i=…); ask for one, or use it as a server's address if registration there is open.")
		}
		return l, err
	case contractv1.SignUp_SERVER, contractv1.SignUp_FOUND, contractv1.SignUp_ENROL:
		return wire.ParseLink(s.Link)
	}
	return wire.Link{}, wire.Errorf(contractv1.Error_INVALID, "The host asks for an account in a way this network does not know.")
}

// seed is this device's secret: the one of an attempt that was cut short, or a
// new one that is kept first.
func (p *plugin) seed(ctx context.Context, s *contractv1.SignUp) ([]byte, error) {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%q %q %q %q", s.Id, s.User, s.Link, s.DeviceCode)))
	attempt := fmt.Sprintf("%x", sum[:8])
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
