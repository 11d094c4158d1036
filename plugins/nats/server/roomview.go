package server

import (
	"slices"
	"sort"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// groupView is what a user sees of a group: with the members named, or with all.
// Members see who is in and who is invited; admins also who asks to be let in;
// others see themselves and who invited them.
func (s *Server) groupView(id, user string, names []string, full bool) *contractv1.Group {
	d := s.dir
	d.mu.RLock()
	defer d.mu.RUnlock()
	g := &contractv1.Group{Id: id, Conversation: wire.RoomConversation(id), State: contractv1.Group_OUT}
	r := d.rooms[id]
	if r == nil || r.rec == nil {
		return g
	}
	g.Revision = r.rec.Revision
	mine := r.members[user]
	if mine == nil {
		return g
	}
	if r.rec.EndedMS == 0 {
		g.State = mine.State
	}
	if g.State == contractv1.Group_OUT {
		g.Name = mine.Name // as it was then
		return g
	}
	g.Role = mine.Role
	if g.State != contractv1.Group_IN {
		g.Role = contractv1.Group_ROLE_UNSPECIFIED
	}
	g.Name, g.Picture, g.Earlier, g.Open = r.rec.Name, r.rec.Picture, r.rec.Earlier, r.rec.Open
	g.Count = uint32(r.count(contractv1.Group_IN))
	g.MembersFull = full
	if full {
		names = make([]string, 0, len(r.members))
		for n := range r.members {
			names = append(names, n)
		}
		sort.Strings(names)
	}
	for _, n := range names {
		if m := r.members[n]; sees(mine, user, n, m) && (!full || m != nil && m.State != contractv1.Group_OUT) {
			g.Members = append(g.Members, d.groupMember(n, m))
		}
	}
	return g
}

// sees reports whether a viewer is told of somebody's place in a group.
func sees(mine *memberRecord, me, who string, its *memberRecord) bool {
	switch {
	case who == me:
		return true
	case mine.State == contractv1.Group_INVITED:
		return who == mine.By
	case mine.State != contractv1.Group_IN:
		return false
	case its != nil && its.State == contractv1.Group_REQUESTED:
		return mine.Role >= contractv1.Group_ADMIN
	}
	return true
}

// groupMember is a line of the list; the caller holds the lock.
func (d *directory) groupMember(name string, m *memberRecord) *contractv1.GroupMember {
	out := &contractv1.GroupMember{Address: d.s.address(name), State: contractv1.Group_OUT}
	if u := d.users[name]; u != nil {
		out.Name = u.Name
	}
	if m != nil {
		out.State, out.SinceMs = m.State, m.SinceMS
		if m.State == contractv1.Group_IN {
			out.Role = m.Role
		}
		if m.By != "" {
			out.By = d.s.address(m.By)
		}
	}
	return out
}

// changed lists whom a change was about.
func changed(members []memberChange) []string {
	var names []string
	for _, m := range members {
		names = append(names, m.User)
	}
	return names
}

// viewAfter answers whoever changed a group: everything where that is new to
// them, else what changed.
func (s *Server) viewAfter(id, me string, c *contractv1.GroupChange, p *plan) *contractv1.Group {
	switch c.Op {
	case contractv1.GroupChange_CREATE, contractv1.GroupChange_ACCEPT, contractv1.GroupChange_REQUEST:
		return s.groupView(id, me, nil, true)
	}
	if p == nil {
		return s.groupView(id, me, nil, false)
	}
	return s.groupView(id, me, changed(p.members), false)
}

func (s *Server) pushGroup(user string, g *contractv1.Group) {
	s.push(user, wire.PushGroup, &contractv1.Groups{Groups: []*contractv1.Group{g}})
}

// tellGroup tells a change to all whom it concerns. Members of one role are
// told the same, so it is made once for each role.
func (s *Server) tellGroup(c *carried) {
	names := changed(c.change.Members)
	s.dir.mu.RLock()
	asks := len(c.change.Entries) == 0 && len(names) > 0 // a request, or its end: for admins
	var outside []string
	roles := map[contractv1.Group_Role][]string{}
	if r := s.dir.rooms[c.id]; r != nil {
		for user, m := range r.members {
			switch {
			case slices.Contains(names, user):
			case m.State == contractv1.Group_IN && (!asks || m.Role >= contractv1.Group_ADMIN):
				roles[m.Role] = append(roles[m.Role], user)
			case m.State == contractv1.Group_INVITED || m.State == contractv1.Group_REQUESTED:
				if c.change.Next.EndedMS != 0 || len(names) == 0 {
					outside = append(outside, user)
				}
			}
		}
	}
	s.dir.mu.RUnlock()
	for _, m := range c.change.Members {
		if !m.Opens {
			s.pushGroup(m.User, s.groupView(c.id, m.User, names, false))
		}
	}
	for _, user := range outside {
		s.pushGroup(user, s.groupView(c.id, user, nil, false))
	}
	for _, users := range roles {
		data, err := proto.Marshal(&contractv1.Groups{Groups: []*contractv1.Group{s.groupView(c.id, users[0], names, false)}})
		if err != nil {
			s.o.Log.Error("push", "error", err)
			return
		}
		for _, user := range users {
			if err := s.sb.Publish(wire.PushSubject(user, wire.PushGroup), data); err != nil {
				s.o.Log.Debug("push", "error", err)
				return
			}
		}
	}
}

// groupsPage is one page of all the groups a user has to do with, after one of
// them; next is empty at the end. Those left are named while they can be read.
func (s *Server) groupsPage(user, after string) (page *contractv1.Groups, next string) {
	ids := s.dir.groupsOf(user)
	page = &contractv1.Groups{Full: after == ""}
	size := 0
	for _, id := range ids[sort.SearchStrings(ids, after):] {
		if id == after {
			continue
		}
		g := s.groupView(id, user, nil, true)
		if g.State == contractv1.Group_OUT && len(s.dir.member(id, user).Spans) == 0 {
			continue
		}
		n := proto.Size(g)
		if size > 0 && size+n > wire.MaxPageBytes {
			return page, next
		}
		page.Groups, next, size = append(page.Groups, g), id, size+n
	}
	return page, ""
}
