package im

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

const (
	// maxReceipts is how many others a group may have for everybody to be told what
	// I have received and read; in larger ones every message would set off one of
	// each of them.
	maxReceipts = 100
	maxEvents   = 2000 // looked at for names and for who came when
)

// event is what was done to a group, as it is kept.
type event struct {
	Op       sdk.MembershipOp
	By, Whom string // addresses
	ByName   string `json:",omitempty"`
	WhomName string `json:",omitempty"`
	Name     string `json:",omitempty"`
	Role     string `json:",omitempty"`
	On       bool   `json:",omitempty"`
}

// group tells whether the conversation is a group's.
func (a *about) group() bool { return a.conversation.GetKind() == contractv1.Conversation_GROUP }

// membership takes an entry of the group's order: a row like a message.
func (c *chat) membership(ctx context.Context, m sdk.Membership) error {
	data, err := json.Marshal(event{Op: m.Op, By: m.By.Address, Whom: m.Whom.Address, ByName: m.By.Name, WhomName: m.Whom.Name,
		Name: m.Name, Role: m.Role, On: m.On})
	if err != nil {
		return err
	}
	return c.received(ctx, history.Entry{ID: string(m.ID), From: m.By.Address, Seq: m.Seq, Time: m.Time.UnixMilli(),
		Body: wire.Body{Kind: history.Event}, Event: string(data)})
}

// loadEvents takes the names of people, also of those who have left, and who
// came when from what was done to the group.
func (c *chat) loadEvents(ctx context.Context) error {
	if !c.group() {
		return nil
	}
	rows, err := c.log.Events(ctx, maxEvents)
	for i := range rows {
		c.learn(&rows[i])
	}
	return err
}

// learn takes from an event whom it names and where somebody came in.
func (c *chat) learn(r *history.Row) {
	e := eventOf(r)
	for address, name := range map[string]string{e.By: e.ByName, e.Whom: e.WhomName} {
		if c.names[address] == "" && address != "" {
			c.names[address] = name
		}
	}
	if e.Op == sdk.GroupJoined || e.Op == sdk.GroupCreated {
		c.since[e.Whom] = max(c.since[e.Whom], r.Pos)
	}
}

func eventOf(r *history.Row) (e event) {
	_ = json.Unmarshal([]byte(r.Event), &e) // it was written here
	return e
}

// memberChanged follows who is in the group.
func (c *chat) memberChanged(ctx context.Context, m sdk.Member) error {
	if !c.group() {
		return nil
	}
	if m.Name != "" {
		c.names[m.Address] = m.Name
	}
	c.known = nil
	c.shown.view = true
	if m.Address == c.me {
		return nil
	}
	i := slices.Index(c.others, m.Address)
	switch {
	case m.State == sdk.Joined && i < 0:
		c.others = append(c.others, m.Address)
		if c.cursors[m.Address] == nil {
			c.cursors[m.Address] = map[string]int64{}
		}
	case m.State != sdk.Joined && i >= 0:
		c.others = slices.Delete(c.others, i, i+1)
		c.stopTyping(m.Address)
	default:
		return nil
	}
	c.shown.anew = true // what everybody has read is said of other people now
	c.delivered, c.read = c.othersCursors()
	return nil
}

// conversationChanged takes the group's name, and whether it can be written in.
func (c *chat) conversationChanged(e sdk.ConversationChanged) {
	c.title, c.readOnly = e.Title, e.ReadOnly
	c.shown.view, c.shown.summary = true, true
}

// cursor is how far somebody has come: whoever came later is not waited for.
func (c *chat) cursor(who, key string) int64 { return max(c.cursors[who][key], c.since[who]) }

// receiptsWanted tells whether everybody is to know what I have.
func (c *chat) receiptsWanted() bool { return !c.group() || len(c.others) <= maxReceipts }

// memberMoved draws own messages again of which one member more has read.
func (c *chat) memberMoved(ctx context.Context, after, upTo int64) error {
	c.shown.view = c.shown.view || c.infoOf != ""
	if !c.group() || !c.shown.wanted {
		return nil
	}
	ids, many, err := c.log.Mine(ctx, c.me, after, upTo, maxRedraw)
	c.shown.anew = c.shown.anew || many
	for _, id := range ids {
		c.shown.dirty[id] = true
	}
	return err
}

// receipts says who has an own message, of those who were there when it came.
type receipts struct {
	Read      []string `json:"read"`
	Delivered []string `json:"delivered"`
	Waiting   []string `json:"waiting"`
}

func (r receipts) of() int { return len(r.Read) + len(r.Delivered) + len(r.Waiting) }

// readBy counts who has read an own message, of how many.
func (c *chat) readBy(seq int64) (read, of int) {
	for _, who := range c.others {
		if c.since[who] > seq {
			continue
		}
		if of++; c.cursors[who][stateRead] >= seq {
			read++
		}
	}
	return read, of
}

// receipts names them.
func (c *chat) receipts(seq int64) receipts {
	r := receipts{Read: []string{}, Delivered: []string{}, Waiting: []string{}}
	for _, who := range c.others {
		switch {
		case seq == 0, c.since[who] > seq:
		case c.cursors[who][stateRead] >= seq:
			r.Read = append(r.Read, who)
		case c.cursors[who][stateDelivered] >= seq:
			r.Delivered = append(r.Delivered, who)
		default:
			r.Waiting = append(r.Waiting, who)
		}
	}
	c.sortByName(r.Read, r.Delivered, r.Waiting)
	return r
}

// sortByName sorts addresses by what people are called, as those expect it who read
// the person's language, then by address.
func (c *chat) sortByName(lists ...[]string) {
	order, buffer := collate.New(language.Make(c.locale), collate.IgnoreCase), &collate.Buffer{}
	weights := map[string][]byte{}
	for _, who := range slices.Concat(lists...) {
		weights[who] = order.KeyFromString(buffer, c.name(who))
	}
	for _, list := range lists {
		slices.SortFunc(list, func(x, y string) int {
			return cmp.Or(bytes.Compare(weights[x], weights[y]), strings.Compare(x, y))
		})
	}
}
