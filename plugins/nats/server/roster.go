package server

import (
	"context"
	"sort"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// contact is what me sees of other.
func (d *directory) contact(me, other string) *contractv1.Contact {
	p := d.pair(me, other)
	mine, _ := p.sides(me, other)
	c := &contractv1.Contact{
		Address:      d.s.address(other),
		Name:         mine.Name,
		Conversation: wire.Conversation(me, other),
	}
	u, ok := d.user(other)
	if ok && c.Name == "" {
		c.Name = u.Name
	}
	if ok && p.Friends && !mine.Blocked {
		c.Avatar, c.NewKeysMs = u.Avatar, u.NewKeysMS
	}
	switch {
	case mine.Blocked:
		c.State = contractv1.Contact_BLOCKED
	case p.Friends:
		c.State = contractv1.Contact_FRIEND
	case p.Asked == me:
		c.State = contractv1.Contact_REQUESTED
	case p.Asked == other:
		c.State = contractv1.Contact_REQUEST
		c.Text = p.Greeting
	default:
		c.State = contractv1.Contact_REMOVED
	}
	return c
}

// roster is one page of a user's contacts, after a name.
func (d *directory) roster(user, after string) *contractv1.Roster {
	names := d.known(user)
	r := &contractv1.Roster{Full: after == ""}
	for _, n := range names[sort.SearchStrings(names, after):] {
		if n == after {
			continue
		}
		if c := d.contact(user, n); c.State != contractv1.Contact_REMOVED {
			if r.Contacts = append(r.Contacts, c); len(r.Contacts) == wire.RosterPage {
				break
			}
		}
	}
	return r
}

// change does what a user wants with a contact. A repeat changes nothing and
// is no error.
func (d *directory) change(ctx context.Context, me string, c *contractv1.RosterChange) error {
	other, err := wire.User(c.Address, d.s.o.Network)
	if err != nil {
		return err
	}
	if other == me {
		return wire.Errorf(contractv1.Error_INVALID, "This is your own address; you need no contact to write to yourself.")
	}
	if _, ok := d.user(other); !ok {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "Nobody is called %s on %s.", other, d.s.o.Network)
	}
	d.write.Lock()
	defer d.write.Unlock()
	before := d.pair(me, other)
	after := before
	if err := d.decide(&after, me, other, c); err != nil {
		return err
	}
	if after == before {
		return nil
	}
	if before.empty() && (len(d.known(me)) >= d.s.o.Contacts || len(d.known(other)) >= d.s.o.Contacts) {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "There are %d contacts already; remove one first.", d.s.o.Contacts)
	}
	if c.Op == contractv1.RosterChange_REQUEST && after.Asked == me {
		if err := d.mayAsk(me, other); err != nil {
			return err
		}
	}
	seenMe, seenOther := d.contact(me, other), d.contact(other, me)
	if err := d.putPair(ctx, pairKey(me, other), &after); err != nil {
		return err
	}
	d.tell(me, other, seenMe)
	d.tell(other, me, seenOther)
	d.s.pres.refresh(me, other)
	d.s.pres.refresh(other, me)
	return nil
}

// mayAsk keeps strangers from burying somebody, or everybody, in requests. The
// refusal is the same whether the other has blocked the one who asks or not.
func (d *directory) mayAsk(me, other string) error {
	if d.waitingFor(other) >= wire.MaxAskedBy {
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "Too many people ask %s to be a contact at the moment; try again another day.", other)
	}
	if d.s.asks.wait(me) > 0 {
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "You have asked many people in a short time; try again in some minutes.")
	}
	return nil
}

// waitingFor counts those who ask somebody and have no answer.
func (d *directory) waitingFor(user string) int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n := 0
	for other := range d.contacts[user] {
		p := d.pairs[pairKey(user, other)]
		if p != nil && p.Asked == other {
			n++
		}
	}
	return n
}

// tell pushes what changed for one side, and nothing where nothing did: who is
// blocked is not told.
func (d *directory) tell(user, about string, before *contractv1.Contact) {
	now := d.contact(user, about)
	if now.State == before.State && now.Name == before.Name && now.Text == before.Text {
		return
	}
	d.s.push(user, wire.PushRoster, &contractv1.Roster{Contacts: []*contractv1.Contact{now}})
}

func (d *directory) decide(p *pairRecord, me, other string, c *contractv1.RosterChange) error {
	mine, _ := p.sides(me, other)
	switch c.Op {
	case contractv1.RosterChange_REQUEST:
		return request(p, mine, me, other, c.Text)
	case contractv1.RosterChange_ACCEPT:
		switch {
		case mine.Blocked:
			return wire.Errorf(contractv1.Error_REFUSED, "You have blocked %s; unblock first.", other)
		case p.Friends:
		case p.Asked == other:
			p.Friends, p.Asked, p.Greeting = true, "", ""
		default:
			return wire.Errorf(contractv1.Error_NOT_FOUND, "%s has not asked to be your contact.", other)
		}
	case contractv1.RosterChange_REMOVE:
		p.Friends, p.Asked, p.Greeting = false, "", ""
		mine.Name = ""
	case contractv1.RosterChange_BLOCK:
		mine.Blocked = true
	case contractv1.RosterChange_UNBLOCK:
		mine.Blocked = false
	case contractv1.RosterChange_RENAME:
		if len(c.Text) > wire.MaxDisplayName || !printable(c.Text) {
			return wire.Errorf(contractv1.Error_INVALID, "A name has at most %d bytes and no control characters.", wire.MaxDisplayName)
		}
		if p.empty() {
			return wire.Errorf(contractv1.Error_NOT_FOUND, "%s is not in your contacts.", other)
		}
		mine.Name = c.Text
	default:
		return wire.Errorf(contractv1.Error_INVALID, "The server does not know this change; it may be older than this program.")
	}
	return nil
}

func request(p *pairRecord, mine *sideRecord, me, other, greeting string) error {
	if len(greeting) > wire.MaxGreeting || !printable(greeting) {
		return wire.Errorf(contractv1.Error_INVALID, "A greeting has at most %d bytes.", wire.MaxGreeting)
	}
	switch {
	case mine.Blocked:
		return wire.Errorf(contractv1.Error_REFUSED, "You have blocked %s; unblock first.", other)
	case p.Friends || p.Asked == me:
	case p.Asked == other: // both asked: that is an answer
		p.Friends, p.Asked, p.Greeting = true, "", ""
	default:
		p.Asked, p.Greeting = me, greeting
	}
	return nil
}
