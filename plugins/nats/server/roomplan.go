package server

import (
	"strings"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// plan is what a change of a group comes to; decided without writing anything.
type plan struct {
	next    roomRecord
	bodies  []*contractv1.MembershipBody
	members []memberChange
	// goes: somebody only goes, which no share that is used up prevents.
	goes bool
}

// decision is one change being decided: who wants what, and how the group is.
type decision struct {
	s     *Server
	id    string
	me    string
	c     *contractv1.GroupChange
	rec   roomRecord
	mine  memberRecord
	other string // whom it is about, when it is about somebody
	its   memberRecord
	out   *plan
}

var errNotAdmin = wire.Errorf(contractv1.Error_REFUSED, "Only the owner and the admins of the group can do this.")

// decide makes a plan, nil where nothing is to be changed.
func (s *Server) decide(id, me string, c *contractv1.GroupChange) (*plan, error) {
	v := &decision{s: s, id: id, me: me, c: c, mine: s.dir.member(id, me)}
	rec, exists := s.dir.group(id)
	v.rec = rec
	if c.Op == contractv1.GroupChange_CREATE {
		return v.create(exists)
	}
	if !exists || rec.EndedMS != 0 || (v.mine.State != contractv1.Group_IN && !outsiders[c.Op]) {
		return nil, wire.ErrNoMember
	}
	v.out = &plan{next: rec, goes: goings[c.Op]}
	v.out.next.Revision++
	if err := v.whom(); err != nil {
		return nil, err
	}
	step, known := changes[c.Op]
	if !known {
		return nil, wire.Errorf(contractv1.Error_INVALID, "The server does not know this change; it may be older than this program.")
	}
	if admins[c.Op] && v.mine.Role < contractv1.Group_ADMIN {
		return nil, errNotAdmin
	}
	changed, err := step(v)
	if err != nil || !changed {
		return nil, err
	}
	return v.out, nil
}

// outsiders are the changes that somebody who is not in may want.
var outsiders = map[contractv1.GroupChange_Op]bool{
	contractv1.GroupChange_REQUEST: true, contractv1.GroupChange_ACCEPT: true,
	contractv1.GroupChange_DECLINE: true, contractv1.GroupChange_LEAVE: true,
}

// goings are the changes by which somebody only goes. How many there are is bounded
// by those who came, and by the changes of a person in a second.
var goings = map[contractv1.GroupChange_Op]bool{
	contractv1.GroupChange_LEAVE: true, contractv1.GroupChange_REMOVE: true,
	contractv1.GroupChange_REFUSE: true, contractv1.GroupChange_DECLINE: true,
}

// admins are the changes that only owner and admins make.
var admins = map[contractv1.GroupChange_Op]bool{
	contractv1.GroupChange_RENAME: true, contractv1.GroupChange_PICTURE: true, contractv1.GroupChange_INVITE: true,
	contractv1.GroupChange_REMOVE: true, contractv1.GroupChange_EARLIER: true, contractv1.GroupChange_OPEN: true,
	contractv1.GroupChange_ADMIT: true, contractv1.GroupChange_REFUSE: true,
}

var changes = map[contractv1.GroupChange_Op]func(*decision) (bool, error){
	contractv1.GroupChange_RENAME: (*decision).rename, contractv1.GroupChange_PICTURE: (*decision).picture,
	contractv1.GroupChange_INVITE: (*decision).invite, contractv1.GroupChange_REMOVE: (*decision).remove,
	contractv1.GroupChange_LEAVE: (*decision).leave, contractv1.GroupChange_ROLE: (*decision).role,
	contractv1.GroupChange_EARLIER: (*decision).earlier, contractv1.GroupChange_OPEN: (*decision).open,
	contractv1.GroupChange_REQUEST: (*decision).request, contractv1.GroupChange_ADMIT: (*decision).admit,
	contractv1.GroupChange_REFUSE: (*decision).refuse, contractv1.GroupChange_ACCEPT: (*decision).accept,
	contractv1.GroupChange_DECLINE: (*decision).decline,
}

// whom reads the address, where the change is about somebody.
func (v *decision) whom() (err error) {
	switch v.c.Op {
	case contractv1.GroupChange_INVITE, contractv1.GroupChange_REMOVE, contractv1.GroupChange_ROLE,
		contractv1.GroupChange_ADMIT, contractv1.GroupChange_REFUSE:
	case contractv1.GroupChange_LEAVE:
		if v.c.Address == "" {
			return nil
		}
	default:
		return nil
	}
	if v.other, err = wire.User(v.c.Address, v.s.o.Network); err != nil {
		return err
	}
	v.its = v.s.dir.member(v.id, v.other)
	return nil
}

func checkGroupName(name string) error {
	if name == "" || len(name) > contractv1.MaxGroupName || !printable(name) || strings.TrimSpace(name) != name {
		return wire.Errorf(contractv1.Error_INVALID,
			"A group's name has 1 to %d bytes, no control characters and no spaces around it.", contractv1.MaxGroupName)
	}
	return nil
}

func (v *decision) create(exists bool) (*plan, error) {
	if exists {
		return nil, nil // a repeat: the id is made from who asks and the change's id
	}
	if err := checkGroupName(v.c.Name); err != nil {
		return nil, err
	}
	now := v.s.nowMS()
	live, made := v.s.dir.live(v.me, v.id, dayOf(now)*dayMS)
	switch {
	case live >= v.s.o.Groups:
		return nil, wire.Errorf(contractv1.Error_TOO_LARGE, "You are in %d groups already; leave one first.", live)
	case made >= v.s.o.GroupsADay:
		return nil, wire.Errorf(contractv1.Error_TOO_LARGE, "You have made %d groups today, which is all that the network takes in a day.", made)
	}
	v.out = &plan{next: roomRecord{Name: v.c.Name, Earlier: v.c.Earlier, Open: v.c.Open, By: v.me, CreatedMS: now, Revision: 1}}
	v.say(contractv1.MembershipBody_CREATED, "", v.c.Name)
	v.enter(v.me, v.mine, contractv1.Group_OWNER, v.me)
	return v.out, nil
}

// say adds an entry; whom may be empty.
func (v *decision) say(op contractv1.MembershipBody_Op, whom, name string) *contractv1.MembershipBody {
	b := &contractv1.MembershipBody{Op: op, By: v.s.address(v.me), Name: name}
	if whom != "" {
		b.Address = v.s.address(whom)
		u, _ := v.s.dir.user(whom)
		b.Name = u.Name
	}
	v.out.bodies = append(v.out.bodies, b)
	return b
}

// enter makes somebody a member from the change's last entry on.
func (v *decision) enter(who string, was memberRecord, role contractv1.Group_Role, by string) {
	now := memberRecord{State: contractv1.Group_IN, Role: role, By: by, SinceMS: v.s.nowMS(), Spans: was.Spans}
	v.out.members = append(v.out.members, memberChange{User: who, Record: now, Opens: true, Earlier: v.out.next.Earlier})
}

// exit takes somebody out with the change's last entry.
func (v *decision) exit(who string, was memberRecord) {
	was.State, was.Role, was.SinceMS, was.Name = contractv1.Group_OUT, 0, v.s.nowMS(), v.rec.Name
	v.out.members = append(v.out.members, memberChange{User: who, Record: was, Closes: true, Gone: len(was.Spans) == 0})
}

func (v *decision) rename() (bool, error) {
	if err := checkGroupName(v.c.Name); err != nil || v.c.Name == v.rec.Name {
		return false, err
	}
	v.out.next.Name = v.c.Name
	v.say(contractv1.MembershipBody_RENAMED, "", v.c.Name)
	return true, nil
}

func (v *decision) picture() (bool, error) {
	if v.c.Picture != "" && !wire.ValidHash(v.c.Picture) {
		return false, wire.Errorf(contractv1.Error_INVALID, "A picture is named by its hash.")
	}
	if v.c.Picture == v.rec.Picture {
		return false, nil
	}
	if v.c.Picture != "" {
		if r, ok := v.s.dir.blob(v.me, v.c.Picture); !ok || !r.Done || r.Size > wire.MaxAvatar {
			return false, wire.Errorf(contractv1.Error_INVALID, "A picture of a group is put on the network first, and has at most %d KB.", wire.MaxAvatar>>10)
		}
	}
	v.out.next.Picture = v.c.Picture
	v.say(contractv1.MembershipBody_PICTURE, "", "")
	return true, nil
}

func (v *decision) earlier() (bool, error) {
	v.out.next.Earlier = v.c.On
	v.say(contractv1.MembershipBody_EARLIER, "", "").On = v.c.On
	return v.c.On != v.rec.Earlier, nil
}

func (v *decision) open() (bool, error) {
	v.out.next.Open = v.c.On
	return v.c.On != v.rec.Open, nil
}

// room says whether one more fits, into the group and into what a person has.
func (v *decision) room(who string) error {
	v.s.dir.mu.RLock()
	n := v.s.dir.rooms[v.id].count(contractv1.Group_IN, contractv1.Group_INVITED)
	v.s.dir.mu.RUnlock()
	if n >= contractv1.MaxGroupMembers && v.s.dir.member(v.id, who).State != contractv1.Group_INVITED {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A group has at most %d members.", contractv1.MaxGroupMembers)
	}
	live, _ := v.s.dir.live(who, v.id, 0)
	switch {
	case live < v.s.o.Groups:
		return nil
	case who == v.me:
		return wire.Errorf(contractv1.Error_TOO_LARGE, "You are in %d groups already; leave one first.", live)
	}
	return wire.Errorf(contractv1.Error_TOO_LARGE, "%s is in too many groups.", who)
}

func (v *decision) invite() (bool, error) {
	u, exists := v.s.dir.user(v.other)
	switch {
	case v.its.State == contractv1.Group_IN || v.its.State == contractv1.Group_INVITED:
		return false, nil
	case v.other == v.me || !exists || u.RemovedMS != 0 || !v.s.dir.open(v.me, v.other):
		return false, wire.Errorf(contractv1.Error_REFUSED,
			"Only your contacts can be invited, and %s is not one of them or takes nothing from you.", v.other)
	}
	if err := v.room(v.other); err != nil {
		return false, err
	}
	if u.AskGroups && v.its.State != contractv1.Group_REQUESTED {
		v.say(contractv1.MembershipBody_INVITED, v.other, "")
		was := v.its
		was.State, was.Role, was.By, was.SinceMS = contractv1.Group_INVITED, contractv1.Group_MEMBER, v.me, v.s.nowMS()
		v.out.members = append(v.out.members, memberChange{User: v.other, Record: was})
		return true, nil
	}
	return v.joins(v.other, v.its, v.me), nil
}

// joins lets somebody in as a member.
func (v *decision) joins(who string, was memberRecord, by string) bool {
	v.say(contractv1.MembershipBody_JOINED, who, "").Role = contractv1.Group_MEMBER
	v.enter(who, was, contractv1.Group_MEMBER, by)
	return true
}

func (v *decision) remove() (bool, error) {
	switch {
	case v.other == v.me:
		return false, wire.Errorf(contractv1.Error_INVALID, "To go yourself, leave the group.")
	case v.its.State == contractv1.Group_REQUESTED:
		return v.refuse()
	case v.its.State != contractv1.Group_IN && v.its.State != contractv1.Group_INVITED:
		return false, nil
	case v.its.Role == contractv1.Group_OWNER:
		return false, wire.Errorf(contractv1.Error_REFUSED, "Nobody removes the owner of a group.")
	}
	v.say(contractv1.MembershipBody_REMOVED, v.other, "")
	v.exit(v.other, v.its)
	return true, nil
}

func (v *decision) request() (bool, error) {
	switch v.mine.State {
	case contractv1.Group_IN, contractv1.Group_REQUESTED:
		return false, nil
	case contractv1.Group_INVITED:
		return v.accept()
	}
	if !v.rec.Open {
		return false, wire.ErrNoMember
	}
	if err := v.room(v.me); err != nil {
		return false, err
	}
	v.s.dir.mu.RLock()
	waiting := v.s.dir.rooms[v.id].count(contractv1.Group_REQUESTED)
	v.s.dir.mu.RUnlock()
	if waiting >= wire.MaxRequests {
		return false, wire.Errorf(contractv1.Error_TOO_LARGE, "%d people wait to be let into this group; try again later.", waiting)
	}
	was := v.mine
	was.State, was.Role, was.SinceMS = contractv1.Group_REQUESTED, contractv1.Group_MEMBER, v.s.nowMS()
	v.out.members = append(v.out.members, memberChange{User: v.me, Record: was})
	return true, nil
}

func (v *decision) admit() (bool, error) {
	switch v.its.State {
	case contractv1.Group_IN:
		return false, nil
	case contractv1.Group_REQUESTED:
		if err := v.room(v.other); err != nil {
			return false, err
		}
		return v.joins(v.other, v.its, v.me), nil
	}
	return false, wire.Errorf(contractv1.Error_NOT_FOUND, "%s does not ask to be let in.", v.other)
}

func (v *decision) refuse() (bool, error) {
	if v.its.State != contractv1.Group_REQUESTED {
		return false, nil
	}
	v.exit(v.other, v.its)
	return true, nil
}

func (v *decision) accept() (bool, error) {
	switch v.mine.State {
	case contractv1.Group_IN:
		return false, nil
	case contractv1.Group_INVITED:
		if err := v.room(v.me); err != nil {
			return false, err
		}
		return v.joins(v.me, v.mine, v.mine.By), nil
	case contractv1.Group_STATE_UNSPECIFIED:
		return false, wire.ErrNoMember
	}
	return false, wire.Errorf(contractv1.Error_NOT_FOUND, "You are not invited to this group any more.")
}

func (v *decision) decline() (bool, error) {
	switch v.mine.State {
	case contractv1.Group_INVITED:
	case contractv1.Group_STATE_UNSPECIFIED:
		return false, wire.ErrNoMember
	default:
		return false, nil
	}
	v.say(contractv1.MembershipBody_DECLINED, v.me, "")
	v.exit(v.me, v.mine)
	return true, nil
}
