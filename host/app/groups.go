package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"switchboard/host/session"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Bounds of what a network can make the host remember of groups.
const (
	maxGroups       = 2000
	maxGroupPeople  = 2 * contractv1.MaxGroupMembers // with those invited and those who ask
	maxGroupAddress = 256
)

const (
	outOfGroup = "You are no longer in this group."
	// groupPatience is how long a change whose answer was lost is tried again; its
	// id makes that harmless.
	groupPatience = 20 * time.Second
	groupPause    = 300 * time.Millisecond
	keyAskGroups  = "app.groups.ask" // what the network knows of the setting
)

var groupRoles = map[contractv1.Group_Role]model.GroupRole{
	contractv1.Group_MEMBER: model.GroupPlain, contractv1.Group_ADMIN: model.GroupAdmin, contractv1.Group_OWNER: model.GroupOwner,
}

var groupStates = map[contractv1.Group_State]model.GroupState{
	contractv1.Group_IN: model.InGroup, contractv1.Group_INVITED: model.InvitedTo,
	contractv1.Group_REQUESTED: model.RequestedFor, contractv1.Group_OUT: model.OutOfGroup,
}

// loadGroups reads the groups as they were last known.
func (a *App) loadGroups(ctx context.Context) error {
	list, err := a.store.Groups(ctx)
	if err != nil {
		return fmt.Errorf("the groups cannot be read: %w", err)
	}
	for _, g := range list {
		a.people.groups[g.Id] = g
	}
	return nil
}

// groupsChanged takes every group (full) or those that changed: first into the
// store, then into what everybody sees.
func (a *App) groupsChanged(in *contractv1.Groups) {
	a.groupsMu.Lock() // one after the other, without holding what the engine needs
	defer a.groupsMu.Unlock()
	a.mu.Lock()
	before := a.people.groups
	a.mu.Unlock()
	now, keep, gone := mergeGroups(before, in, a.groupsSeen)
	if len(keep)+len(gone) == 0 {
		return
	}
	if err := a.store.SaveGroups(a.ctx, keep, gone); err != nil {
		a.log.Error("groups could not be kept", "error", err)
	}
	a.mu.Lock()
	a.people.setGroups(now)
	a.mu.Unlock()
	var told []string
	for _, id := range gone {
		told = append(told, before[id].GetConversation())
		a.hub.tell(groupEvent(before[id], string(model.OutOfGroup)))
	}
	for _, g := range keep {
		told = append(told, g.Conversation)
		a.fetchAhead(blobHash(g.Picture))
		if before[g.Id].GetState() != g.State || before[g.Id].GetName() != g.Name {
			a.tellGroup(before[g.Id], g, in.GetFull())
		}
		if who := newlyAsking(before[g.Id], g); who != "" {
			a.alert(session.Event{Kind: "alert", Conversation: g.Conversation, State: "asks", From: who, Text: a.nameOf(who)})
		}
	}
	a.engine.GroupsChanged(told...)
	a.changed()
}

// tellGroup tells watchers, and the person who was invited or brought in by
// somebody else; not of what a new device hears of for the first time.
func (a *App) tellGroup(old, g *contractv1.Group, full bool) {
	a.hub.tell(groupEvent(g, string(groupStates[g.State])))
	if full || old.GetState() == g.State {
		return
	}
	me, _, _ := a.self()
	what := map[contractv1.Group_State]string{contractv1.Group_INVITED: "invited", contractv1.Group_IN: "added"}[g.State]
	for _, m := range g.Members {
		if m.Address == me && (m.By == "" || m.By == me) {
			what = "" // it was I who came
		}
	}
	if what != "" && old.GetState() != contractv1.Group_REQUESTED && old.GetState() != contractv1.Group_INVITED {
		a.alert(session.Event{Kind: "alert", Conversation: g.GetConversation(), State: what, Text: g.GetName()})
	}
}

// groupOf is a group as the engine needs it.
func (a *App) groupOf(conversation string) (session.Group, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.people.room(conversation)
}

// room makes what the engine is told of a group, once for each change.
func (p *people) room(conversation string) (session.Group, bool) {
	if r, ok := p.rooms[conversation]; ok {
		return r, true
	}
	id, _ := strings.CutPrefix(conversation, "room.")
	g := p.groups[id]
	if g == nil || g.Conversation != conversation {
		return session.Group{}, false
	}
	r := session.Group{Title: g.Name, In: g.State == contractv1.Group_IN, Why: whyOut(g.State)}
	for _, m := range g.Members {
		if m.State == contractv1.Group_IN && len(r.Members) < contractv1.MaxGroupMembers {
			r.Members = append(r.Members, &contractv1.Person{Address: m.Address, Name: p.nameOf(m.Address)})
		}
	}
	p.rooms[conversation] = r
	return r, true
}

func whyOut(state contractv1.Group_State) string {
	switch state {
	case contractv1.Group_IN:
		return ""
	case contractv1.Group_INVITED:
		return "You are invited to this group; accept to take part."
	case contractv1.Group_REQUESTED:
		return "You asked to be let into this group; nobody has answered yet."
	}
	return outOfGroup
}

// setGroups makes other groups the known ones. App.mu is held.
func (p *people) setGroups(now map[string]*contractv1.Group) {
	p.groups, p.rooms, p.known, p.groupRows = now, map[string]session.Group{}, nil, nil
}

// groupNames are the names of people whom only groups know.
func (p *people) groupNames() map[string]string {
	if p.known == nil {
		p.known = map[string]string{}
		for _, g := range p.groups {
			for _, m := range g.Members {
				if m.Name != "" && len(p.known) < maxContacts {
					p.known[m.Address] = m.Name
				}
			}
		}
	}
	return p.known
}

// drawnGroup is the row of a group, for as long as the group is the same value.
type drawnGroup struct {
	of  *contractv1.Group
	row model.GroupInfo
}

// groupList are the groups for the window, by name. App.mu is held; what it
// answers is never changed.
func (p *people) groupList() []model.GroupInfo {
	if p.groupRows == nil && len(p.groups) > 0 {
		p.groupRows = make([]model.GroupInfo, 0, len(p.groups))
		drawn := make(map[string]drawnGroup, len(p.groups))
		for id, g := range p.groups {
			one := p.drawn[id]
			if one.of != g {
				one = drawnGroup{g, p.groupRow(g)}
			}
			drawn[id] = one
			p.groupRows = append(p.groupRows, one.row)
		}
		p.drawn = drawn
		sortNames(p.locale, p.groupRows, func(g model.GroupInfo) string { return g.Name }, func(g model.GroupInfo) string { return g.ID })
	}
	return p.groupRows
}

func (p *people) groupRow(g *contractv1.Group) model.GroupInfo {
	row := model.GroupInfo{ID: g.Id, Conversation: g.Conversation, Name: g.Name, Picture: blobHash(g.Picture), Role: groupRoles[g.Role],
		State: groupStates[g.State], Earlier: g.Earlier, Open: g.Open, Count: int(g.Count), Why: whyOut(g.State)}
	in := 0
	for _, m := range g.Members {
		one := model.GroupMember{Address: m.Address, Name: p.nameOf(m.Address), Role: groupRoles[m.Role], State: groupStates[m.State], By: m.By}
		if m.SinceMs > 0 {
			one.Since = time.UnixMilli(m.SinceMs)
		}
		if one.State == model.InGroup {
			in++
		}
		row.Members = append(row.Members, one)
	}
	row.Count = max(row.Count, in)
	rank := func(m model.GroupMember) int {
		if m.State != model.InGroup {
			return 3
		}
		return map[model.GroupRole]int{model.GroupOwner: 0, model.GroupAdmin: 1}[m.Role] + map[bool]int{true: 2}[m.Role == model.GroupPlain]
	}
	sortNames(p.locale, row.Members, func(m model.GroupMember) string { return m.Name }, func(m model.GroupMember) string { return m.Address })
	slices.SortStableFunc(row.Members, func(x, y model.GroupMember) int { return cmp.Compare(rank(x), rank(y)) })
	return row
}

// groupConversation completes the row of a group; false for a group that one is
// not in yet.
func (p *people) groupConversation(row model.Conversation) (model.Conversation, bool) {
	id, _ := strings.CutPrefix(row.ID, "room.")
	g := p.groups[id]
	row.Kind = model.Group
	if g == nil {
		return row, true
	}
	row.Title, row.Members, row.ReadOnly = g.Name, int(g.Count), whyOut(g.State)
	if p.account != nil && (row.Time.IsZero() || row.Summary == "") {
		p.groupUnopened(&row, g)
	}
	return row, wasIn(g)
}

var groupOps = map[string]contractv1.GroupChange_Op{
	"create": contractv1.GroupChange_CREATE, "rename": contractv1.GroupChange_RENAME, "picture": contractv1.GroupChange_PICTURE,
	"invite": contractv1.GroupChange_INVITE, "remove": contractv1.GroupChange_REMOVE, "leave": contractv1.GroupChange_LEAVE,
	"role": contractv1.GroupChange_ROLE, "earlier": contractv1.GroupChange_EARLIER, "open": contractv1.GroupChange_OPEN,
	"request": contractv1.GroupChange_REQUEST, "admit": contractv1.GroupChange_ADMIT, "refuse": contractv1.GroupChange_REFUSE,
	"accept": contractv1.GroupChange_ACCEPT, "decline": contractv1.GroupChange_DECLINE,
}

// ChangeGroup does one thing to a group and answers its id. When it returns, what
// was changed stands in the snapshots of this host.
func (a *App) ChangeGroup(ctx context.Context, c model.GroupChange) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	change, err := a.groupChange(c)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, groupPatience)
	defer cancel()
	for {
		a.mu.Lock()
		state := a.people.connection.State
		a.mu.Unlock()
		if state != model.Connected {
			return "", errors.New("groups can be changed only while you are connected; try again then")
		}
		g, err := a.askGroup(ctx, change)
		if err == nil {
			return g, nil
		}
		var no *refused
		if errors.As(err, &no) && no.code != contractv1.Error_UNAVAILABLE && no.code != contractv1.Error_DEADLINE {
			return "", err
		}
		select {
		case <-time.After(groupPause):
		case <-ctx.Done():
			return "", err
		}
	}
}

func (a *App) askGroup(ctx context.Context, change *contractv1.GroupChange) (string, error) {
	one, cancel := context.WithTimeout(ctx, contractv1.CallTimeout)
	defer cancel()
	reply, err := a.net.ask(one, &contractv1.NetCall{Call: &contractv1.NetCall_Group{Group: change}})
	if err != nil {
		return "", err
	}
	g := reply.GetGroup()
	if g.GetId() == "" {
		return change.Group, nil
	}
	a.groupsChanged(&contractv1.Groups{Groups: []*contractv1.Group{g}})
	return g.Id, nil
}

// groupChange checks a change and makes it the network's.
func (a *App) groupChange(c model.GroupChange) (*contractv1.GroupChange, error) {
	op, ok := groupOps[c.Op]
	if !ok {
		return nil, fmt.Errorf("a group cannot be changed by %q", c.Op)
	}
	out := &contractv1.GroupChange{Op: op, Group: c.Group, Id: uuid.Must(uuid.NewV7()).String(), Picture: c.Picture, On: c.On, Earlier: c.Earlier, Open: c.Open}
	if op != contractv1.GroupChange_CREATE && c.Group == "" {
		return nil, errors.New("name a group")
	}
	if op == contractv1.GroupChange_CREATE || op == contractv1.GroupChange_RENAME {
		out.Name = strings.TrimSpace(c.Name)
		if out.Name == "" || len(out.Name) > contractv1.MaxGroupName || !utf8.ValidString(out.Name) || groupName(out.Name) != out.Name {
			return nil, fmt.Errorf("a group's name is one line of 1 to %d bytes", contractv1.MaxGroupName)
		}
	}
	switch op {
	case contractv1.GroupChange_INVITE, contractv1.GroupChange_REMOVE, contractv1.GroupChange_ROLE, contractv1.GroupChange_ADMIT, contractv1.GroupChange_REFUSE:
		if c.Address == "" {
			return nil, errors.New("name somebody by address")
		}
	}
	out.Address = a.fullAddress(c.Address)
	if op == contractv1.GroupChange_ROLE {
		for code, role := range groupRoles {
			if role == c.Role {
				out.Role = code
			}
		}
		if out.Role == contractv1.Group_ROLE_UNSPECIFIED {
			return nil, fmt.Errorf("a role is owner, admin or member, not %q", c.Role)
		}
	}
	return out, nil
}

// fullAddress completes a user's name with this network's.
func (a *App) fullAddress(name string) string {
	me, _, _ := a.self()
	if _, network, ok := strings.Cut(me, "@"); ok && name != "" && !strings.Contains(name, "@") {
		return name + "@" + network
	}
	return name
}

// tellAskGroups tells the network whether who invites me must wait for my yes,
// when it does not know that yet. It is called when that may be so.
func (a *App) tellAskGroups() {
	a.mu.Lock()
	connected := a.people.connection.State == model.Connected
	a.mu.Unlock()
	if !connected || a.mayAsk() != nil {
		return
	}
	a.spawn(func() {
		a.askMu.Lock()
		defer a.askMu.Unlock()
		want, told := a.settings.Bool("groups.ask"), false
		if _, err := a.load(keyAskGroups, &told); err != nil || told == want {
			return
		}
		ctx, cancel := context.WithTimeout(a.ctx, contractv1.CallTimeout)
		defer cancel()
		_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Profile{Profile: &contractv1.ProfileChange{AskGroups: &want}}})
		if err == nil {
			err = a.save(keyAskGroups, want)
		}
		if err != nil && a.ctx.Err() == nil {
			a.log.Warn("the network was not told about invitations to groups; it is when it is connected again", "error", err)
		}
	})
}
