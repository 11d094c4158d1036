package im

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// Origin is whose a forwarded message was.
type Origin struct {
	Address string `json:"address"`
	Name    string `json:"name"`
}

func originOf(r *history.Row) *Origin {
	if r.Forwarded == "" {
		return nil
	}
	a := wire.ParseAuthor(r.Forwarded)
	return &Origin{a.Address, a.Name}
}

// maxPeople is how many names are remembered.
const maxPeople = 20000

// people are the names of everybody in any conversation that was open, so that it
// can be said elsewhere whose a message was. Safe for concurrent use.
type people struct {
	mu    sync.Mutex
	names map[string]string
}

func (p *people) learn(members []*contractv1.Person) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names == nil {
		p.names = map[string]string{}
	}
	for _, m := range members {
		if m.GetName() != "" && (len(p.names) < maxPeople || p.names[m.GetAddress()] != "") {
			p.names[m.GetAddress()] = m.GetName()
		}
	}
}

func (p *people) name(address string) string {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.names[address]
}

// forward sends messages of another conversation here, in their order there. The
// same key again sends nothing twice.
func (c *chat) forward(ctx context.Context, key string, from sdk.Source) (ids []string, err error) {
	if len(from.Keys) == 0 || len(from.Keys) > contractv1.MaxForward {
		return nil, refusal(c.words.chat().nothingToForward)
	}
	source, err := c.elsewhere(ctx, from.Conversation, from.Session)
	if err != nil {
		return nil, err
	}
	if source == nil {
		return nil, refusal(c.words.chat().notForwardable)
	}
	type part struct {
		row     *history.Row
		ordinal int // of its key: what was deleted since must not move the others
	}
	var parts []part
	seen := map[string]bool{}
	for i, id := range from.Keys {
		row, err := source.Row(ctx, id)
		if err != nil {
			return nil, err
		}
		if row == nil || !reactable(row) || seen[id] {
			continue
		}
		seen[id] = true
		parts = append(parts, part{row, i})
	}
	if len(parts) == 0 {
		return nil, refusal(c.words.chat().notForwardable)
	}
	slices.SortStableFunc(parts, func(x, y part) int { return x.row.Place().Compare(y.row.Place()) })
	for _, p := range parts {
		id, err := c.forwardOne(ctx, p.row, sdk.WithKey(key, p.ordinal))
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (c *chat) forwardOne(ctx context.Context, row *history.Row, name sdk.UpdateOption) (string, error) {
	picture, shown := pictureOf(row.Picture)
	if shown { // the network may keep it no more; if it is not here either, its place will say so
		c.oops("give a forwarded picture", c.s.GiveBlob(ctx, picture.Hash, picture.Bytes))
	}
	author := c.author(row)
	body, err := wire.Encode(wire.Body{Kind: wire.Text, Text: row.Shown(), Picture: picture, Forwarded: author})
	if err != nil {
		return "", refusal(c.words.chat().notForwardable)
	}
	id, err := c.s.Update(ctx, body, name)
	if err != nil {
		return "", err
	}
	_, err = c.keep(ctx, history.Outgoing{ID: string(id), From: c.me, Device: c.self.Device, Time: c.now().UnixMilli(),
		Text: row.Shown(), Picture: row.Picture, Forwarded: author.String()})
	return string(id), err
}

// author is who wrote a message first: forwarding twice changes nothing of that.
func (c *chat) author(row *history.Row) wire.Author {
	if row.Forwarded != "" {
		return wire.ParseAuthor(row.Forwarded)
	}
	name := cmp.Or(c.knownName(row.From), userOf(row.From))
	return wire.ParseAuthor(wire.Author{Address: row.From, Name: name}.String())
}

// knownName is the name of somebody of any conversation; empty for a stranger.
func (c *chat) knownName(address string) string {
	if n := c.names[address]; n != "" {
		return n
	}
	return c.people.name(address)
}

// forwardCommand is forward for the command line: from is a conversation's id or a
// person, ids are separated by commas or spaces.
func (c *chat) forwardCommand(ctx context.Context, key, from, ids string) ([]string, error) {
	keys := strings.FieldsFunc(ids, func(r rune) bool { return r == ',' || r == ' ' })
	return c.forward(ctx, key, sdk.Source{Conversation: c.conversationOf(from), Keys: keys})
}

// conversationOf is the id of the conversation with a person, or what is an id.
func (c *chat) conversationOf(from string) string {
	if strings.HasPrefix(from, "dm.") || strings.HasPrefix(from, "room.") {
		return from
	}
	pair := []string{userOf(c.me), userOf(from)}
	if from == "me" {
		pair[1] = pair[0]
	}
	slices.Sort(pair)
	return "dm." + strings.Join(pair, ".")
}

// forwarded is the line above a forwarded message; nil for one that is not. A name
// that is known here is not taken from the one who forwards.
func (sc *scene) forwarded(r *history.Row) *contractv1.Span {
	if r.Forwarded == "" {
		return nil
	}
	a := wire.ParseAuthor(r.Forwarded)
	name := sc.known(a.Address)
	if name == "" {
		name = a.Name
	}
	if name == "" {
		name = a.Address
	}
	line := strings.Replace(sc.words.chat().forwardedFrom, "%s", clip(name, maxQuote), 1)
	if r.Shown() != "" {
		line += "\n"
	}
	return &contractv1.Span{Text: line, Italic: true}
}
