package app

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// mergeGroups works a change into what is known. Values are never changed in
// place. A group that one was in stays, readable; others that are over go. What
// a full list does not name is known with its last page: seen are the groups of
// the pages so far, which it fills.
func mergeGroups(before map[string]*contractv1.Group, in *contractv1.Groups, seen map[string]bool) (now map[string]*contractv1.Group, keep []*contractv1.Group, gone []string) {
	now = maps.Clone(before)
	if in.GetFull() && in.GetPage() == 0 {
		clear(seen)
	}
	for _, g := range in.GetGroups() {
		old := before[g.GetId()]
		if g.GetId() == "" || len(g.Id) > 64 || g.Conversation != "room."+g.Id || old == nil && len(now) >= maxGroups {
			continue
		}
		seen[g.Id] = true
		if old != nil && !in.GetFull() && g.Revision < old.Revision {
			continue // it comes late
		}
		next := mergeGroup(old, g)
		switch {
		case groupStates[next.State] == "", next.State == contractv1.Group_OUT && !wasIn(old) && !(old == nil && in.GetFull()):
			// A full list names one that was left where it can be read still, on another device.
			if old != nil {
				delete(now, g.Id)
				gone = append(gone, g.Id)
			}
		default:
			now[g.Id] = next
			keep = append(keep, next)
		}
	}
	if !in.GetFull() || in.GetMore() {
		return now, keep, gone
	}
	for id, old := range before {
		switch {
		case seen[id]:
		case !wasIn(old):
			delete(now, id)
			gone = append(gone, id)
		case old.State != contractv1.Group_OUT:
			out := proto.Clone(old).(*contractv1.Group)
			out.State, out.Role = contractv1.Group_OUT, contractv1.Group_ROLE_UNSPECIFIED
			now[id] = out
			keep = append(keep, out)
		}
	}
	return now, keep, gone
}

func wasIn(g *contractv1.Group) bool {
	return g.GetState() == contractv1.Group_IN || g.GetState() == contractv1.Group_OUT
}

// mergeGroup is a group after a change of it, with all its members.
func mergeGroup(old, in *contractv1.Group) *contractv1.Group {
	g := proto.Clone(in).(*contractv1.Group)
	g.Name, g.MembersFull = groupName(g.Name), true
	if g.State == contractv1.Group_OUT && old != nil { // who is out is told no more than that
		g.Name, g.Picture = cmp.Or(g.Name, old.Name), cmp.Or(g.Picture, old.Picture)
		g.Role = contractv1.Group_ROLE_UNSPECIFIED
	}
	members := map[string]*contractv1.GroupMember{}
	if !in.MembersFull || g.State == contractv1.Group_OUT && len(in.Members) == 0 {
		for _, m := range old.GetMembers() {
			members[m.Address] = m
		}
	}
	for _, m := range in.Members {
		if m.Address == "" || len(m.Address) > maxGroupAddress {
			continue
		}
		delete(members, m.Address)
		if m.State != contractv1.Group_OUT && groupStates[m.State] != "" && len(members) < maxGroupPeople {
			members[m.Address] = &contractv1.GroupMember{Address: m.Address, Name: groupName(m.Name), Role: m.Role, State: m.State, SinceMs: m.SinceMs, By: m.By}
		}
	}
	g.Members = g.Members[:0]
	for _, address := range slices.Sorted(maps.Keys(members)) {
		g.Members = append(g.Members, members[address])
	}
	return g
}

// groupName is a name from the network as it may stand in a row: one line of
// bounded length.
func groupName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	for len(name) > maxGroupAddress {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return strings.TrimSpace(name)
}
