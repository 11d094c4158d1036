package server

import (
	"context"
	"net/netip"
	"sort"
	"time"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// An enrolment token lets the computers of a company make accounts by
// themselves: until a day, so many times, from certain nets. It makes accounts
// only; it never opens one that is there.

// Bounds of enrolment tokens.
const (
	DefaultTokenLife = 30 * 24 * time.Hour
	maxTokenLife     = 10 * 366 * 24 * time.Hour
	maxTokenUses     = 1000000
	maxTokens        = 1000
	maxTokenNets     = 8
	MaxTokensPage    = 100 // of a list
)

// enrolRecord is a token, in the directory under enr.<hash>.
type enrolRecord struct {
	Uses      uint32   `json:"uses"` // left
	Used      uint32   `json:"used,omitempty"`
	CreatedMS int64    `json:"created_ms"`
	ExpiresMS int64    `json:"expires_ms"`
	Nets      []string `json:"nets,omitempty"` // empty: from anywhere
	Note      string   `json:"note,omitempty"`
}

// Enrolment is what whoever runs the network sees of a token; Token itself is
// told once, when it is made.
type Enrolment struct {
	ID        string   `json:"id"`
	Token     string   `json:"token,omitempty"`
	Uses      uint32   `json:"uses"` // left
	Used      uint32   `json:"used"` // how many accounts it made
	CreatedMS int64    `json:"created_ms"`
	ExpiresMS int64    `json:"expires_ms"`
	Nets      []string `json:"nets"`           // where it is good from; none are all
	Note      string   `json:"note,omitempty"` // of whoever made it
}

const tokenIDLen = 10

func (v *enrolRecord) info(h string) Enrolment {
	return Enrolment{ID: h[:tokenIDLen], Uses: v.Uses, Used: v.Used, CreatedMS: v.CreatedMS, ExpiresMS: v.ExpiresMS,
		Nets: append([]string{}, v.Nets...), Note: v.Note}
}

// MakeEnrolment makes a token for uses accounts, good for life, from the nets
// (CIDR) or from anywhere.
func (s *Server) MakeEnrolment(ctx context.Context, uses uint32, life time.Duration, nets []string, note string) (Enrolment, error) {
	if life <= 0 {
		life = DefaultTokenLife
	}
	if uses < 1 || uses > maxTokenUses || life > maxTokenLife {
		return Enrolment{}, wire.Errorf(contractv1.Error_INVALID, "A token is for 1 to %d accounts and at most ten years.", maxTokenUses)
	}
	if len(nets) > maxTokenNets || len(note) > wire.MaxGreeting || !printable(note) {
		return Enrolment{}, wire.Errorf(contractv1.Error_INVALID, "A token has at most %d nets and a short note.", maxTokenNets)
	}
	var plain []string
	for _, n := range nets {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return Enrolment{}, wire.Errorf(contractv1.Error_INVALID, "%q is not a net like 10.1.0.0/16.", n)
		}
		plain = append(plain, p.Masked().String())
	}
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.RLock()
	n := len(d.enrolments)
	d.mu.RUnlock()
	if n >= maxTokens {
		return Enrolment{}, wire.Errorf(contractv1.Error_TOO_LARGE, "There are %d tokens; revoke some first.", n)
	}
	token := secret(24)
	h := hash(token)
	v := &enrolRecord{Uses: uses, CreatedMS: s.nowMS(), ExpiresMS: s.nowMS() + life.Milliseconds(), Nets: plain, Note: note}
	if err := d.put(ctx, "enr."+h, v); err != nil {
		return Enrolment{}, err
	}
	e := v.info(h)
	e.Token = token
	return e, nil
}

// Enrolments lists the tokens behind an id in order of id, at most MaxTokensPage.
func (s *Server) Enrolments(after string) []Enrolment {
	d := s.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	all := make([]Enrolment, 0, len(d.enrolments))
	for h, v := range d.enrolments {
		if h[:tokenIDLen] > after {
			all = append(all, v.info(h))
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all[:min(len(all), MaxTokensPage)]
}

// RevokeEnrolment ends a token; accounts that were made with it stay.
func (s *Server) RevokeEnrolment(ctx context.Context, id string) error {
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	key := ""
	d.mu.RLock()
	for h := range d.enrolments {
		if h[:tokenIDLen] == id {
			key = "enr." + h
		}
	}
	d.mu.RUnlock()
	if key == "" {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "There is no token %q.", id)
	}
	return d.drop(ctx, key)
}

// enrolUser makes an account with a token; d.write is held.
func (d *directory) enrolUser(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	h := hash(r.Token)
	d.mu.RLock()
	have := d.enrolments[h]
	d.mu.RUnlock()
	if r.Token == "" || have == nil {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "The enrolment token is not known on %s; tell your administrator.", d.s.o.Network)
	}
	v := *have
	switch {
	case v.ExpiresMS < d.s.nowMS():
		return nil, wire.Errorf(contractv1.Error_REFUSED, "The enrolment token has expired; tell your administrator.")
	case v.Uses == 0:
		return nil, wire.Errorf(contractv1.Error_REFUSED, "The enrolment token has been used up; tell your administrator.")
	case !within(d.s.conns.host(key), v.Nets):
		return nil, wire.Errorf(contractv1.Error_REFUSED, "The enrolment token is not good for the network that this computer is in; tell your administrator.")
	}
	if err := d.mayBeNamed(r.User); err != nil {
		return nil, err
	}
	v.Uses--
	v.Used++
	if err := d.put(ctx, "enr."+h, &v); err != nil {
		return nil, err
	}
	return d.makeUser(ctx, key, r, false, h[:tokenIDLen])
}

// within reports whether a source lies in one of the nets; no nets are every
// net, and a source that is not known lies in none.
func within(host string, nets []string) bool {
	if len(nets) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, n := range nets {
		if p, err := netip.ParsePrefix(n); err == nil && p.Contains(ip.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
