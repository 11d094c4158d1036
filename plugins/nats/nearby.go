package nats

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/companion"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Times of looking nearby.
const (
	lookFor   = 1500 * time.Millisecond
	lookAgain = 15 * time.Second // when the server is not where it was
	lookAfter = 2                // tries that failed
)

// found is one network nearby.
type found struct {
	wire.Notice
	addresses []string
}

func (f found) link() wire.Link {
	return wire.Link{Addresses: f.addresses, Network: f.Network, Key: f.Key}
}

// browse looks for networks nearby; those with one key are one. Everything in
// them but the form is what somebody claims.
func (p *plugin) browse(ctx context.Context, wait time.Duration) ([]found, error) {
	services, err := p.seam.Browse(ctx, wire.ServiceType, wait)
	if err != nil {
		return nil, err
	}
	var list []found
	for _, s := range services {
		n, err := wire.ParseNotice(s.Text)
		if err != nil {
			continue
		}
		i := slices.IndexFunc(list, func(f found) bool { return f.Key.Equal(n.Key) && f.Network == n.Network })
		if i < 0 {
			list = append(list, found{Notice: n})
			i = len(list) - 1
		}
		for _, a := range s.Addresses {
			if len(list[i].addresses) < 8 && !slices.Contains(list[i].addresses, a) {
				list[i].addresses = append(list[i].addresses, a)
			}
		}
	}
	return slices.DeleteFunc(list, func(f found) bool {
		_, err := wire.ParseLink(f.link().String())
		return err != nil
	}), nil
}

func (p *plugin) discover(ctx context.Context, d *contractv1.Discover) (*contractv1.FoundList, error) {
	wait := time.Duration(d.WaitMs) * time.Millisecond
	if wait <= 0 {
		wait = lookFor
	}
	all, err := p.browse(ctx, wait)
	if err != nil {
		return nil, err
	}
	mine, err := p.stored(ctx)
	if err != nil {
		return nil, err
	}
	l := &contractv1.FoundList{}
	for _, f := range all {
		l.Networks = append(l.Networks, &contractv1.Found{Name: f.Network, Link: f.link().String(), Computer: f.Computer, Owner: f.Owner,
			Joined: mine != nil && mine.Key.Equal(f.Key)})
	}
	return l, nil
}

// recorded keeps the newest signed record of where the network is. A server that
// shows an older one is an older copy of the network.
func (p *plugin) recorded(data []byte) error {
	p.mu.Lock()
	now := *p.account
	p.mu.Unlock()
	r, err := wire.OpenRecord(data, now.Key)
	if err != nil || r.Network != now.Network {
		return nil // nothing is learned from it
	}
	if old, err := wire.OpenRecord(now.Record, now.Key); err == nil && old.Seq >= r.Seq {
		if old.Seq > r.Seq {
			return wire.Errorf(contractv1.Error_UNAVAILABLE, "An older copy of the network answers; it is left alone.")
		}
		return nil
	}
	now.Record = data
	now.Addresses = merge(r.Addresses, now.Addresses)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := p.store(ctx, &now); err != nil && p.h != nil {
		p.h.Log().Warn("keep where the network is", "error", err)
	}
	return nil
}

// merge puts first what comes first, without repeats and at most eight.
func merge(first, then []string) []string {
	all := slices.Clone(first)
	for _, a := range then {
		if !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all[:min(len(all), 8)]
}

// whereabouts finds a server that others carry: where it was, and after some
// tries that failed also where somebody nearby claims to have the same key, which
// connecting proves.
type whereabouts struct {
	p      *plugin
	tries  int
	looked time.Time
	nearby []string
}

func (w *whereabouts) addresses(ctx context.Context) (client.Places, error) {
	w.p.mu.Lock()
	a := *w.p.account
	w.p.mu.Unlock()
	if a.Local {
		here, err := w.p.where(ctx)
		if !errors.Is(err, errMovedAway) {
			return client.Places{Addresses: here}, err
		}
		a.Addresses = merge(here, a.Addresses)
		w.tries = max(w.tries, lookAfter)
	}
	w.tries++
	if w.tries > lookAfter && time.Since(w.looked) > lookAgain {
		w.looked = time.Now()
		all, err := w.p.browse(ctx, lookFor)
		if err != nil && w.p.h != nil {
			w.p.h.Log().Debug("look for the network nearby", "error", err)
		}
		w.nearby = nil
		for _, f := range all {
			if f.Key.Equal(a.Key) && f.Network == a.Network {
				w.nearby = merge(w.nearby, f.addresses)
			}
		}
	}
	hints := slices.DeleteFunc(slices.Clone(w.nearby), func(h string) bool { return slices.Contains(a.Addresses, h) })
	return client.Places{
		Addresses: turned(append(slices.Clone(w.nearby), a.Addresses...), w.tries-lookAfter-1),
		Hints:     hints,
	}, nil
}

// turned begins with another address at each try, so that those nearby who claim
// to be the network, and say nothing, cannot keep the one that is it from its turn.
func turned(all []string, by int) []string {
	if by <= 0 || len(all) == 0 {
		return all
	}
	by %= len(all)
	return append(slices.Clone(all[by:]), all[:by]...)
}

// found begins to count anew.
func (w *whereabouts) found() { w.tries, w.nearby = 0, nil }

// errMovedAway: the companion's network is on another computer now.
var errMovedAway = errors.New("the network has moved away")

// carry tells, and changes, how this computer carries its network.
func (p *plugin) carry(ctx context.Context, c *contractv1.CarryChange) (*contractv1.Carry, error) {
	a, err := p.stored(ctx)
	if err != nil {
		return nil, err
	}
	if a == nil || !a.Local {
		if c.Open != nil || c.Approval != nil {
			return nil, wire.Errorf(contractv1.Error_REFUSED, "This computer carries no network; whoever carries yours opens it.")
		}
		return &contractv1.Carry{}, nil
	}
	if at, err := p.control(ctx, companion.Request{Op: "info"}); err == nil && at.Moved {
		if c.Open != nil || c.Approval != nil {
			return nil, wire.Errorf(contractv1.Error_REFUSED, "The network has moved to another computer; whoever carries it there opens it.")
		}
		return &contractv1.Carry{Moved: true}, nil
	}
	r, err := p.control(ctx, companion.Request{Op: "carry"})
	if err != nil {
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The network on this computer does not answer (%v).", err)
	}
	if c.Open != nil || c.Approval != nil || len(c.Interfaces) > 0 {
		next := companion.Opening{Open: r.Carry.Open, ByInvitation: !r.Carry.Approval && r.Carry.Open, Interfaces: c.Interfaces, Owner: a.Name}
		if c.Open != nil {
			next.Open = *c.Open
		}
		if c.Approval != nil {
			next.ByInvitation = !*c.Approval
		}
		next.Computer, _ = os.Hostname()
		if r, err = p.control(ctx, companion.Request{Op: "open", Opening: &next}); err != nil {
			return nil, wire.Errorf(contractv1.Error_REFUSED, "%v.", err)
		}
	}
	v := r.Carry
	out := &contractv1.Carry{Here: true, Open: v.Open, Approval: v.Approval, Addresses: v.Addresses, Others: uint32(v.Others)}
	for _, i := range v.Interfaces {
		out.Interfaces = append(out.Interfaces, &contractv1.Carry_Interface{Name: i.Name, Address: i.Address, Chosen: i.Chosen, Private: i.Private, Kind: i.Kind})
	}
	if v.Open && len(v.Addresses) == 0 && v.Trouble == "" {
		v.Trouble = "no interface leads to computers nearby at the moment; the network opens as soon as one does"
	}
	if v.Trouble != "" && p.h != nil {
		p.h.Log().Warn("the network is not open as it should be", "reason", v.Trouble)
	}
	return out, nil
}
