package app

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"switchboard/host/catalog"
	"switchboard/host/policy"
	"switchboard/shared/model"
)

// builder makes snapshots: one goroutine, changes gathered for a moment, so
// that a flood of events costs a few snapshots and not one each.
type builder struct {
	mu       sync.Mutex // one build at a time
	dirty    atomic.Bool
	view     atomic.Bool
	woken    chan struct{}
	revision uint64
	names    *letters // of the language in use
}

// gather is how long changes are gathered.
const gather = 8 * time.Millisecond

func (b *builder) wake() {
	select {
	case b.woken <- struct{}{}:
	default:
	}
}

func (b *builder) viewChanged() {
	b.view.Store(true)
	b.wake()
}

// changed asks for a new snapshot soon.
func (a *App) changed() {
	a.build.dirty.Store(true)
	a.build.wake()
}

// Snapshot is the present state, at most a few milliseconds old; it never blocks.
func (a *App) Snapshot() *model.Snapshot { return a.snapshot.Load() }

// buildLoop makes snapshots and tells subscribers until the app ends.
func (a *App) buildLoop() {
	a.build.wake()
	timer := time.NewTimer(gather)
	defer timer.Stop()
	for {
		select {
		case <-a.build.woken:
		case <-a.ctx.Done():
			return
		}
		if a.build.view.Swap(false) {
			a.hub.changed() // views are told at once: typing must not wait
		}
		if !a.build.dirty.Load() {
			continue
		}
		timer.Reset(gather)
		select {
		case <-timer.C:
		case <-a.ctx.Done():
			return
		}
		a.rebuild()
	}
}

// rebuild makes a snapshot now and tells subscribers.
func (a *App) rebuild() {
	a.build.mu.Lock()
	a.build.dirty.Store(false)
	a.build.revision++
	s := &model.Snapshot{
		Revision: a.build.revision, Profile: a.profile.Dir,
		Sessions: a.engine.Sessions(), Plugins: a.pluginRows(), Settings: a.settings.List(), QueuedUpdates: a.engine.Queued(),
	}
	if fault := a.policy.Load().Fault(); fault != nil {
		s.PolicyFault = "Nothing can be sent: the administrator's rules cannot be read (" + fault.Error() + ")."
	}
	conversations := a.engine.Conversations()
	a.mu.Lock()
	a.people.speak(locale(a.settings.Get("appearance.language")))
	a.people.fill(s, conversations)
	s.Blobs = model.Blobs{Quota: a.people.quota, Used: a.people.used}
	s.Joins, s.Retention = a.people.joins, a.people.retention
	a.mu.Unlock()
	a.fillUploads(&s.Blobs)
	if fault := a.policy.Load().Fault(); fault != nil && strings.Contains(s.Connection.Detail, fault.Error()) {
		s.Connection.Detail = "" // PolicyFault says it
	}
	if fault := a.engine.Fault(); fault != "" && s.Connection.State == model.Connected {
		s.Connection.Detail = fault
	}
	if speaks := locale(a.settings.Get("appearance.language")); a.build.names == nil || a.build.names.locale != speaks {
		a.build.names = newLetters(speaks)
	}
	order(s.Conversations, a.settings.Get("conversations.order"), s.Contacts, a.build.names)
	a.snapshot.Store(s)
	a.build.mu.Unlock()
	a.hub.changed()
}

// current is a snapshot in which everything that is known now stands; for
// callers who have just changed something.
func (a *App) current() *model.Snapshot {
	if a.build.dirty.Load() {
		a.rebuild()
	}
	return a.Snapshot()
}

// fill adds what people knows. App.mu is held.
func (p *people) fill(s *model.Snapshot, rows []model.Conversation) {
	if p.account != nil {
		account := *p.account
		s.Account = &account
	}
	s.Connection, s.Presence = p.connection, p.presence
	if p.idle && s.Presence.Status == model.Available {
		s.Presence.Status = model.Away
	}
	byConversation := make(map[string]model.Contact, len(p.contacts))
	s.Contacts = make([]model.Contact, 0, len(p.contacts))
	for _, address := range p.byName() {
		c := p.contacts[address]
		c.Presence, c.Watch = p.presences[address], p.watch[address]
		if c.Presence.Status == "" {
			c.Presence.Status = model.Offline
		}
		s.Contacts = append(s.Contacts, c)
		if c.Conversation != "" {
			byConversation[c.Conversation] = c
		}
	}
	s.Groups = p.groupList()
	s.LinkRequests, s.SignUp = p.links, p.signUp
	s.Recovery, s.RecoveryOffer = p.recovery.Exists, p.account != nil && p.recovery.offer()
	shown := make(map[string]bool, len(p.groups))
	s.Conversations = make([]model.Conversation, 0, len(rows)+len(p.contacts)+len(p.groups))
	notes := p.notesID()
	for _, row := range rows {
		if row.ID == notes {
			notes = ""
		}
		if strings.HasPrefix(row.ID, "room.") {
			shown[row.ID] = true
			if one, mine := p.groupConversation(row); mine {
				s.Conversations = append(s.Conversations, one)
			}
			continue
		}
		c, known := byConversation[row.ID]
		delete(byConversation, row.ID)
		s.Conversations = append(s.Conversations, p.named(row, c, known))
	}
	for id, c := range byConversation {
		if c.State == model.Friend || c.State == model.Requested {
			s.Conversations = append(s.Conversations, p.named(model.Conversation{ID: id}, c, true))
		}
	}
	for _, g := range p.groups {
		if one, mine := p.groupConversation(model.Conversation{ID: g.Conversation}); mine && !shown[g.Conversation] {
			s.Conversations = append(s.Conversations, one)
		}
	}
	// Notes to oneself can be opened before there are any; a list that is empty
	// otherwise stays empty, since then the window says how to begin.
	if notes != "" && len(s.Conversations) > 0 {
		s.Conversations = append(s.Conversations, p.named(model.Conversation{ID: notes}, model.Contact{}, false))
	}
}

// notesID is the conversation with oneself, "" without an account.
func (p *people) notesID() string {
	if p.account == nil {
		return ""
	}
	me, _, _ := strings.Cut(p.account.Address, "@")
	return "dm." + me + "." + me
}

// byName are the addresses of all contacts as a person would sort the names.
func (p *people) byName() []string {
	if p.sorted != nil {
		return p.sorted
	}
	p.sorted = slices.Collect(maps.Keys(p.contacts))
	sortNames(p.locale, p.sorted, p.nameOf, func(address string) string { return address })
	return p.sorted
}

// named completes a row with whom it is with.
func (p *people) named(row model.Conversation, c model.Contact, known bool) model.Conversation {
	lo, hi, direct := dmUsers(row.ID)
	switch {
	case known:
		row.Kind, row.Peer, row.Title = model.Direct, c.Address, p.nameOf(c.Address)
	case direct && lo == hi:
		row.Kind, row.Title = model.Self, "Notes to myself"
	case direct && p.account != nil:
		row.Kind = model.Direct
		me, network, _ := strings.Cut(p.account.Address, "@")
		other := lo
		if lo == me {
			other = hi
		}
		row.Peer = other + "@" + network
		if row.Title == "" || row.Title == row.ID {
			row.Title = p.nameOf(row.Peer)
		}
	}
	if row.Kind == "" {
		row.Kind = model.Group
	}
	return row
}

// dmUsers splits the id of a conversation of two, "dm.<lo>.<hi>".
func dmUsers(id string) (lo, hi string, ok bool) {
	rest, ok := strings.CutPrefix(id, "dm.")
	if !ok {
		return "", "", false
	}
	lo, hi, ok = strings.Cut(rest, ".")
	return lo, hi, ok && lo != "" && hi != "" && !strings.Contains(hi, ".")
}

// order sorts the rows: pinned, then as the person chose, with names in the order
// of their language.
func order(rows []model.Conversation, by string, contacts []model.Contact, names *letters) {
	there := map[string]int{}
	if by == "presence" {
		for i := range contacts {
			there[contacts[i].Address] = nearness(contacts[i].Presence.Status)
		}
	}
	// Rows are large and names cost letters: what is compared is made once.
	type placed struct {
		*model.Conversation
		name  []byte
		there int
	}
	places := make([]placed, 0, len(rows))
	for _, r := range slices.Clone(rows) {
		places = append(places, placed{&r, names.weigh(r.Title), there[r.Peer]})
	}
	names.forget(len(rows))
	slices.SortStableFunc(places, func(x, y placed) int {
		if x.Pinned != y.Pinned {
			if x.Pinned {
				return -1
			}
			return 1
		}
		first := 0
		switch by {
		case "name":
		case "presence":
			first = cmp.Or(cmp.Compare(y.there, x.there), y.Time.Compare(x.Time))
		default:
			first = y.Time.Compare(x.Time)
		}
		return cmp.Or(first, bytes.Compare(x.name, y.name), strings.Compare(x.ID, y.ID))
	})
	for i, one := range places {
		rows[i] = *one.Conversation
	}
}

// nearness says who stands first by presence: who can be reached best.
func nearness(s model.Status) int {
	switch s {
	case model.Available:
		return 4
	case model.Busy:
		return 3
	case model.Away:
		return 2
	}
	return 0
}

// pluginRows are the rows of the plugins page.
func (a *App) pluginRows() []model.Plugin {
	rows := make([]model.Plugin, 0, len(a.catalog))
	for _, e := range a.catalog {
		row := model.Plugin{ID: e.ID, Name: e.ID, Origin: e.Origin}
		m := e.Manifest
		if m == nil {
			row.State, row.Reason = model.Refused, e.Err.Error()
			rows = append(rows, row)
			continue
		}
		row.Name, row.Kind, row.Version, row.Publisher, row.Summary, row.Icon = m.Name, string(m.Kind), m.Version, m.Publisher, m.Summary, m.Icon
		row.Offers, row.Standing, row.Capability = m.Session.Offered(), m.Session.Standing(), m.Capability()
		for _, action := range m.Actions {
			row.Actions = append(row.Actions, model.ActionEntry{ID: action.ID, Title: action.Title, Icon: action.Icon})
		}
		for _, g := range m.Grants {
			v := a.decide(a.grantQuestion(e, g.Name))
			row.Grants = append(row.Grants, model.Grant{Name: g.Name, Allowed: v.Allowed, Reason: cmp.Or(v.Reason, g.Why)})
		}
		a.pluginState(&row)
		rows = append(rows, row)
	}
	for _, known := range catalog.Absent(a.catalog) {
		rows = append(rows, model.Plugin{ID: known[0], Name: known[1], Kind: "feature", State: model.Absent})
	}
	return rows
}

// pluginState completes a row with what is so now.
func (a *App) pluginState(row *model.Plugin) {
	e, _ := a.entry(row.ID)
	if e.Err != nil {
		row.State, row.Reason = model.Refused, e.Err.Error()
		return
	}
	on, why := a.enabled(row.ID)
	row.Enabled = on
	s := a.sup.Status(row.ID)
	row.CompanionPID, row.Isolation, row.Missing, row.Log = s.CompanionPID, s.Isolation, s.Missing, s.Log
	if !on {
		row.State, row.Reason = model.Disabled, why
		if v := a.decide(a.question(policy.AskEnable, e)); !v.Allowed {
			row.State, row.Locked = model.Refused, v.Reason
		}
		return
	}
	row.State, row.Reason, row.PID, row.MemoryKB = s.State, s.Reason, s.PID, s.MemoryKB
}
