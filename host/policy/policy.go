// Package policy answers one question: may this happen? Decide is pure: rules
// in, verdict out. It reads the administrator's files once, fails closed, and
// knows neither plugins nor settings beyond their names.
package policy

import (
	"fmt"
	"sort"
)

// Ask is what is being asked.
type Ask string

// The questions.
const (
	AskEnable    Ask = "enable"    // may the plugin be on
	AskGrant     Ask = "grant"     // may it have Grant
	AskSend      Ask = "send"      // may anything of it leave this computer
	AskOffer     Ask = "offer"     // may it offer or accept a session
	AskCommand   Ask = "command"   // may its command Name run
	AskSetting   Ask = "setting"   // may the setting Name be changed to Value
	AskCompanion Ask = "companion" // may its companion be started
	AskDial      Ask = "dial"      // may a connection to Value be made for it
	AskIsolation Ask = "isolation" // may it run although this system does not enforce Name
)

// Question is everything that a rule may look at.
type Question struct {
	Ask       Ask
	Plugin    string
	Grant     string
	Name      string
	Value     string
	Version   string
	Publisher string
	Origin    string
}

// Verdict is the answer. Reason is the sentence that a person reads; it is the
// administrator's where there is one.
type Verdict struct {
	Allowed bool
	Reason  string
}

var allowed = Verdict{Allowed: true}

// Lock is a setting that the administrator fixed.
type Lock struct {
	Key, Value, Message string
	File                string
	Line                int
}

// Policy is a set of rules, immutable. The zero value and nil allow everything.
type Policy struct {
	message   string
	isolation rule // refused when isolation = "full" is demanded
	plugins   map[string]*pluginRule
	locks     map[string]Lock
	fault     error
}

// rule is a refusal with its sentence; the zero value refuses nothing.
type rule struct {
	refused bool
	message string
}

type pluginRule struct {
	enable, offers, companion rule
	grants, commands          map[string]string // name → message
	quota                     int64             // bytes; 0 is not said
}

// Fault is why the policy could not be read, nil when it could. With a fault,
// everything that sends is refused.
func (p *Policy) Fault() error {
	if p == nil {
		return nil
	}
	return p.fault
}

// Locked gives the value and the sentence of a setting that is fixed.
func (p *Policy) Locked(setting string) (value, message string, ok bool) {
	if p == nil {
		return "", "", false
	}
	l, ok := p.locks[setting]
	return l.Value, l.Message, ok
}

// Quota is how many bytes a plugin may keep in its data folder, the smallest that
// a rule for it or for every plugin says; 0 when none does.
func (p *Policy) Quota(plugin string) int64 {
	if p == nil {
		return 0
	}
	var least int64
	for _, name := range []string{plugin, "*"} {
		if r := p.plugins[name]; r != nil {
			least = smaller(least, r.quota)
		}
	}
	return least
}

// smaller of two quotas, of which 0 is not said.
func smaller(a, b int64) int64 {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// Locks are all fixed settings, sorted by key.
func (p *Policy) Locks() []Lock {
	if p == nil {
		return nil
	}
	out := make([]Lock, 0, len(p.locks))
	for _, l := range p.locks {
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key < out[j].Key })
	return out
}

// CheckSettings gives the policy as it is when every fixed setting is known and
// its value fits; otherwise one with that fault, since a misspelt lock would
// silently do nothing. known answers nil for a value that fits.
func (p *Policy) CheckSettings(known func(key, value string) error) *Policy {
	for _, l := range p.Locks() {
		if err := known(l.Key, l.Value); err != nil && p.fault == nil {
			q := *p
			q.fault = fmt.Errorf("%s:%d: %w", l.File, l.Line, err)
			return &q
		}
	}
	return p
}

// sending are the questions that are refused while the policy has a fault.
// Reading history and changing nothing stay possible.
var sending = map[Ask]bool{
	AskSend: true, AskOffer: true, AskDial: true, AskCompanion: true, AskSetting: true,
}

// quietGrants give a plugin nothing that leaves this computer or looks at it.
var quietGrants = map[string]bool{"peers": true, "timeline": true, "secrets": true}

// Decide answers a question. It has no effects and no state.
func (p *Policy) Decide(q Question) Verdict {
	if p == nil {
		return allowed
	}
	if v := p.byRules(q); !v.Allowed {
		return v
	}
	if p.fault != nil && (sending[q.Ask] || (q.Ask == AskGrant && !quietGrants[q.Grant])) {
		return Verdict{Reason: fmt.Sprintf("The administrator's policy cannot be read, so nothing is sent: %v", p.fault)}
	}
	return allowed
}

func (p *Policy) byRules(q Question) Verdict {
	if q.Ask == AskSetting {
		if l, ok := p.locks[q.Name]; ok && l.Value != q.Value {
			return p.refuse(l.Message, fmt.Sprintf("The administrator has fixed the setting %s.", q.Name))
		}
		return allowed
	}
	if q.Ask == AskIsolation && p.isolation.refused {
		return p.refuse(p.isolation.message, fmt.Sprintf(
			"The administrator demands full isolation, and this system does not enforce %s.", q.Name))
	}
	for _, name := range []string{q.Plugin, "*"} {
		r := p.plugins[name]
		if r == nil {
			continue
		}
		if v := p.byPlugin(r, q); !v.Allowed {
			return v
		}
	}
	return allowed
}

func (p *Policy) byPlugin(r *pluginRule, q Question) Verdict {
	switch {
	case r.enable.refused:
		return p.refuse(r.enable.message, fmt.Sprintf("The administrator has switched off %s.", q.Plugin))
	case q.Ask == AskOffer && r.offers.refused:
		return p.refuse(r.offers.message, fmt.Sprintf("The administrator does not allow offers of %s.", q.Plugin))
	case q.Ask == AskCompanion && r.companion.refused:
		return p.refuse(r.companion.message, fmt.Sprintf("The administrator does not allow a server of %s on this computer.", q.Plugin))
	case q.Ask == AskGrant:
		if m, ok := r.grants[q.Grant]; ok {
			return p.refuse(m, fmt.Sprintf("The administrator does not allow %s the power %q.", q.Plugin, q.Grant))
		}
	case q.Ask == AskCommand:
		if m, ok := r.commands[q.Name]; ok {
			return p.refuse(m, fmt.Sprintf("The administrator does not allow the command %s %s.", q.Plugin, q.Name))
		}
	}
	return allowed
}

// refuse picks the most particular sentence.
func (p *Policy) refuse(message, otherwise string) Verdict {
	for _, m := range []string{message, p.message} {
		if m != "" {
			return Verdict{Reason: m}
		}
	}
	return Verdict{Reason: otherwise}
}
