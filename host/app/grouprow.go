package app

import (
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/shared/phrase"
)

// groupUnopened completes the row of a group from what the directory says of my
// own membership: when I came, and who brought me in while there is no other line.
// App.mu is held, and the account is known.
func (p *people) groupUnopened(row *model.Conversation, g *contractv1.Group) {
	for _, m := range g.Members {
		if m.Address != p.account.Address {
			continue
		}
		if row.Time.IsZero() && m.SinceMs > 0 {
			row.Time = time.UnixMilli(m.SinceMs)
		}
		if row.Summary == "" && g.State == contractv1.Group_IN {
			row.Summary = p.cameBy(m)
		}
	}
}

// cameBy says how I came into a group.
func (p *people) cameBy(m *contractv1.GroupMember) string {
	switch {
	case m.By != "" && m.By != m.Address:
		return phrase.Say(p.locale, "%s added you", p.nameOf(m.By))
	case m.Role == contractv1.Group_OWNER:
		return phrase.Say(p.locale, "You own this group")
	}
	return phrase.Say(p.locale, "You joined")
}

// newlyAsking is somebody who asks to be let in and did not before, where I may
// answer; empty for nobody. One alert stands for all that ask at once.
func newlyAsking(old, g *contractv1.Group) string {
	if old == nil || g.GetState() != contractv1.Group_IN || (g.GetRole() != contractv1.Group_OWNER && g.GetRole() != contractv1.Group_ADMIN) {
		return ""
	}
	before := map[string]bool{}
	for _, m := range old.GetMembers() {
		before[m.GetAddress()] = m.GetState() == contractv1.Group_REQUESTED
	}
	for _, m := range g.GetMembers() {
		if m.GetState() == contractv1.Group_REQUESTED && !before[m.GetAddress()] {
			return m.GetAddress()
		}
	}
	return ""
}
