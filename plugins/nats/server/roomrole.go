package server

import (
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// leave ends one's own membership, invitation or request. An owner hands over
// first; the last one ends the group.
func (v *decision) leave() (bool, error) {
	switch v.mine.State {
	case contractv1.Group_IN:
	case contractv1.Group_INVITED:
		return v.decline()
	case contractv1.Group_REQUESTED:
		v.exit(v.me, v.mine)
		return true, nil
	case contractv1.Group_OUT:
		return false, nil
	default:
		return false, wire.ErrNoMember
	}
	if v.mine.Role == contractv1.Group_OWNER {
		if err := v.succeed(); err != nil {
			return false, err
		}
	}
	v.say(contractv1.MembershipBody_LEFT, v.me, "")
	v.exit(v.me, v.mine)
	return true, nil
}

// succeed finds who owns the group after me: whom I name, or who has been admin
// for the longest, or else member.
func (v *decision) succeed() error {
	next := v.other
	if next == "" {
		next = v.s.dir.heir(v.id, v.me)
	} else if v.its.State != contractv1.Group_IN || next == v.me {
		return wire.Errorf(contractv1.Error_REFUSED, "%s is not in the group and cannot own it.", next)
	}
	if next == "" {
		v.out.next.EndedMS = v.s.nowMS()
		return nil
	}
	v.promote(next, v.s.dir.member(v.id, next), contractv1.Group_OWNER)
	return nil
}

// heir is who owns a group when its owner goes without a word; empty for nobody.
func (d *directory) heir(id, owner string) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	best, name := &memberRecord{}, ""
	for user, m := range d.rooms[id].members {
		if m.State != contractv1.Group_IN || user == owner {
			continue
		}
		if name == "" || m.Role > best.Role || m.Role == best.Role &&
			(m.SinceMS < best.SinceMS || m.SinceMS == best.SinceMS && user < name) {
			best, name = m, user
		}
	}
	return name
}

func (v *decision) promote(who string, was memberRecord, role contractv1.Group_Role) {
	v.say(contractv1.MembershipBody_ROLE, who, "").Role = role
	was.Role = role
	v.out.members = append(v.out.members, memberChange{User: who, Record: was})
}

func (v *decision) role() (bool, error) {
	switch {
	case v.mine.Role != contractv1.Group_OWNER:
		return false, wire.Errorf(contractv1.Error_REFUSED, "Only the owner of the group says who is admin.")
	case v.its.State != contractv1.Group_IN:
		return false, wire.Errorf(contractv1.Error_NOT_FOUND, "%s is not in the group.", v.other)
	case v.c.Role < contractv1.Group_MEMBER || v.c.Role > contractv1.Group_OWNER:
		return false, wire.Errorf(contractv1.Error_INVALID, "A role is owner, admin or member.")
	case v.its.Role == v.c.Role:
		return false, nil
	case v.other == v.me:
		return false, wire.Errorf(contractv1.Error_REFUSED, "Hand the group over to somebody else first.")
	}
	v.promote(v.other, v.its, v.c.Role)
	if v.c.Role == contractv1.Group_OWNER {
		v.promote(v.me, v.mine, contractv1.Group_ADMIN)
	}
	return true, nil
}
