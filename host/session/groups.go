package session

import (
	"cmp"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Group is what the engine is told of a group.
type Group struct {
	Title string
	// Members are those that are in it, this account included; at most
	// contractv1.MaxGroupMembers of them are told to plugins. Not to be changed.
	Members []*contractv1.Person
	// In: this account is a member and may write. Why says in one sentence why not.
	In  bool
	Why string
}

const (
	maxMembership = 4 << 10 // bytes of the body of a membership entry
	maxGroupName  = 256     // bytes of a name in one, people's too
)

// The reasons that a fold gives a seat; the same on every host.
const (
	leftGroup    = "Left the group."
	removedGroup = "Was removed from the group."
	notInGroup   = "You are no longer in this group."
)

// isGroup tells whether a conversation is a group's.
func isGroup(conversation string) bool {
	kind, _ := kindOf(conversation, "")
	return kind == model.Group
}

func (e *Engine) group(conversation string) (Group, bool) {
	if !isGroup(conversation) {
		return Group{}, false
	}
	return e.o.Group(conversation)
}

// canRead tells whether there is such a conversation for this account.
func (e *Engine) canRead(conversation, self string) bool {
	if takesPart(conversation, self) {
		return true
	}
	_, known := e.group(conversation)
	return known
}

// readOnly says why nothing can be written in a conversation, if so. What is not
// known of a group here is left to the network.
func (e *Engine) readOnly(conversation string) string {
	if g, known := e.group(conversation); known && !g.In {
		return cmp.Or(g.Why, notInGroup)
	}
	return ""
}

// room is what a standing session in a group was told of it.
type room struct {
	title, readOnly string
	people          map[string]string // name by address
}

func roomOf(c *contractv1.Conversation) *room {
	if c.GetKind() != contractv1.Conversation_GROUP {
		return nil
	}
	r := &room{title: c.GetTitle(), readOnly: c.GetReadOnly(), people: make(map[string]string, len(c.GetMembers()))}
	for _, p := range c.GetMembers() {
		r.people[p.GetAddress()] = p.GetName()
	}
	return r
}

// GroupsChanged says that what Options.Group answers for these conversations is
// another now: sessions are told of it, and those in a group that this account
// is no longer in end here.
func (e *Engine) GroupsChanged(conversations ...string) { e.box.put(groupsIn(conversations)) }

type groupsIn []string

func (in groupsIn) apply(e *Engine) {
	address, _ := e.self()
	for _, id := range in {
		if !isGroup(id) {
			continue
		}
		c := e.conversations[id]
		if e.dirty = true; c == nil {
			continue
		}
		if c.stale = true; e.readOnly(id) != "" {
			e.endHere(c)
		}
		for _, s := range c.sessions {
			if l := s.live; l != nil && l.phase != closing && s.standing && l.room != nil {
				e.tellRoom(l, e.describe(id, address))
			}
		}
	}
}

// tellRoom tells a session what is another in its group since it was told last.
func (e *Engine) tellRoom(l *live, now *contractv1.Conversation) {
	was, is := l.room, roomOf(now)
	l.room = is
	for _, address := range slices.Sorted(maps.Keys(was.people)) {
		if _, still := is.people[address]; !still {
			l.queue = append(l.queue, memberFrame(l, address, was.people[address], contractv1.Member_LEFT))
		}
	}
	for _, address := range slices.Sorted(maps.Keys(is.people)) {
		if name, before := was.people[address]; !before || name != is.people[address] {
			l.queue = append(l.queue, memberFrame(l, address, is.people[address], contractv1.Member_JOINED))
		}
	}
	if was.title != is.title || was.readOnly != is.readOnly {
		l.queue = append(l.queue, eventFrame(l.handle, &contractv1.Event{Event: &contractv1.Event_Conversation{
			Conversation: &contractv1.Conversation{Id: now.GetId(), Kind: now.GetKind(), Title: now.GetTitle(), ReadOnly: now.GetReadOnly()}}}))
	}
	e.pump(l)
}

func memberFrame(l *live, address, name string, st contractv1.Member_State) *contractv1.HostFrame {
	return eventFrame(l.handle, &contractv1.Event{Event: &contractv1.Event_Member{
		Member: &contractv1.Member{Address: address, Name: name, State: st}}})
}

// endHere ends what was offered in a group that this account is no longer in.
// How it goes on for the others is not told here any more.
func (e *Engine) endHere(c *conversation) {
	ends := map[*session]Fold{}
	for _, s := range c.sessions {
		if !s.standing && !s.foreseen && s.fold.Over == "" {
			ends[s] = s.fold.lost("")
		}
	}
	if len(ends) == 0 || e.write(func(tx *store.Tx) error {
		for _, f := range ends {
			if err := keepFold(tx, &f, e.now()); err != nil {
				return err
			}
		}
		return nil
	}) != nil {
		return // the network says it again
	}
	for s, f := range ends {
		s.fold = f
		e.lifeChanged(s.key)
	}
}

// lost is a session of a group that this account is no longer in.
func (f Fold) lost(by string) Fold {
	f.Over, f.OverBy, f.OverReason, f.Payload = OverEnded, by, notInGroup, nil
	return f
}

// Gone folds a membership entry by which somebody is no longer in the group: in
// a session that lives they have left.
func (f Fold) Gone(e *contractv1.Envelope, address string, removed bool) (Fold, bool) {
	if f.Over != "" {
		return f, false
	}
	if f.Expired(e.GetTimeMs()) {
		f.Over, f.Payload = OverTimedOut, nil
		return f, true
	}
	i := slices.IndexFunc(f.Seats, func(s Seat) bool { return s.Address == address })
	if i < 0 || f.Seats[i].State == SeatLeft {
		return f, false
	}
	why := &contractv1.ReasonBody{Reason: leftGroup}
	if removed {
		why.Reason = removedGroup
	}
	f.Seats = slices.Clone(f.Seats)
	if f.Seats[i].State != SeatJoined {
		f.Seats[i] = Seat{Address: address, State: SeatLeft, Reason: why.GetReason()}
		return f, true
	}
	return f, f.leave(i, &contractv1.Envelope{From: address}, why)
}

// membership takes an entry of the directory in a group's order: it is kept for
// the sessions that always exist there, and folded into those that were offered.
func (t *taking) membership(c *conversation, env *contractv1.Envelope) error {
	var body contractv1.MembershipBody
	if !isGroup(c.id) || !goodID(env.GetId()) || len(env.GetBody()) > maxMembership || len(env.GetFrom()) > maxAddress ||
		len(env.GetDevice()) > maxID || proto.Unmarshal(env.GetBody(), &body) != nil {
		return nil
	}
	added, err := t.tx.AddMembership(env)
	if err != nil || !added {
		return err
	}
	if body.GetOp() == contractv1.MembershipBody_LEFT || body.GetOp() == contractv1.MembershipBody_REMOVED {
		t.gone(c, env, &body)
	}
	t.then(func() { t.e.membershipArrived(c, env) })
	return nil
}

// gone folds somebody's end in a group into every session there that lives.
func (t *taking) gone(c *conversation, env *contractv1.Envelope, body *contractv1.MembershipBody) {
	keys := map[model.SessionKey]bool{}
	for id := range c.sessions {
		keys[key(c.id, id)] = true
	}
	for k := range t.folds {
		if k.Conversation == c.id {
			keys[k] = true
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(keys), func(a, b model.SessionKey) int { return cmp.Compare(a.Session, b.Session) }) {
		f := t.folding(k)
		if f == nil || f.fold.Over != "" {
			continue
		}
		fold, changed := f.fold.Gone(env, body.GetAddress(), body.GetOp() == contractv1.MembershipBody_REMOVED)
		if body.GetAddress() == t.address {
			fold, changed = f.fold.lost(body.GetBy()), true
		}
		if !changed {
			continue
		}
		f.fold, f.changed = fold, true
		t.ofKnown(k, func(s *session) {
			s.entry = env.GetTimeMs()
			t.e.lifeChanged(k)
		})
		t.snapshotMembers(k, fold)
	}
}

// membershipArrived is when a membership entry is in the store: sessions that
// always exist hear of it in its place among the updates.
func (e *Engine) membershipArrived(c *conversation, env *contractv1.Envelope) {
	for _, s := range c.sessions {
		if s.standing {
			e.arrivedAs(s, env.GetSeq(), func() *contractv1.Event { return e.membershipEvent(env) })
		}
	}
}

// membershipEvent is what a plugin is told of a membership entry.
func (e *Engine) membershipEvent(env *contractv1.Envelope) *contractv1.Event {
	var b contractv1.MembershipBody
	_ = proto.Unmarshal(env.GetBody(), &b) // it was looked at before it was stored
	by := cmp.Or(b.GetBy(), env.GetFrom())
	m := &contractv1.Membership{Id: env.GetId(), Seq: env.GetSeq(), TimeMs: env.GetTimeMs(),
		Op: contractv1.Membership_Op(b.GetOp()), By: e.person(cut(by, maxAddress)), On: b.GetOn()}
	name := oneLine(cut(b.GetName(), maxGroupName))
	switch b.GetOp() {
	case contractv1.MembershipBody_RENAMED, contractv1.MembershipBody_CREATED:
		m.Name = name
	}
	if address := cut(b.GetAddress(), maxAddress); address != "" {
		m.Whom = &contractv1.Person{Address: address, Name: name}
		if m.Name != "" || name == "" {
			m.Whom.Name = e.o.Name(address)
		}
	}
	switch b.GetRole() {
	case contractv1.Group_OWNER:
		m.Role = "owner"
	case contractv1.Group_ADMIN:
		m.Role = "admin"
	case contractv1.Group_MEMBER:
		m.Role = "member"
	}
	return &contractv1.Event{Event: &contractv1.Event_Membership{Membership: m}}
}

// timeline reads what a session lacks from the store, as events with their seqs.
func (e *Engine) timeline(l *live) (events []*contractv1.Event, pos int64, more bool, err error) {
	k := l.s.key
	pos = l.pos
	if !l.s.standing || !isGroup(k.Conversation) {
		list, more, err := e.o.Store.Updates(e.ctx, k.Conversation, k.Session, l.pos, 0, pageSize)
		for _, u := range list {
			pos = u.GetSeq()
			events = append(events, &contractv1.Event{Event: &contractv1.Event_Update{Update: u}})
		}
		return events, pos, more, err
	}
	list, more, err := e.o.Store.Timeline(e.ctx, k.Conversation, k.Session, l.pos, pageSize)
	for _, env := range list {
		pos = env.GetSeq()
		if env.GetKind() == contractv1.Envelope_MEMBERSHIP {
			events = append(events, e.membershipEvent(env))
			continue
		}
		events = append(events, updateEvent(env))
	}
	return events, pos, more, err
}
