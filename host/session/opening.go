package session

import (
	"cmp"

	"google.golang.org/protobuf/proto"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// sessionOpen says all that a plugin needs to begin; what does not fit follows.
func (e *Engine) sessionOpen(s *session) (*contractv1.SessionOpen, []*contractv1.HostFrame, error) {
	address, device := e.self()
	m, _ := e.o.Catalog.Manifest(s.plugin)
	open := &contractv1.SessionOpen{
		Conversation: e.describe(s.key.Conversation, address), SessionId: s.key.Session,
		Protocol: uint32(m.Protocol), Standing: s.standing, Solo: s.fold.Solo, Mine: s.fold.By == address,
		Self: e.person(address), SelfDevice: device, Offer: s.fold.Payload,
	}
	if !s.standing {
		open.Protocol = s.fold.Protocol
		for _, seat := range s.fold.Seats {
			open.Members = append(open.Members, memberOf(seat))
		}
	}
	states, err := e.o.Store.States(e.ctx, s.key.Conversation, s.key.Session)
	if err != nil {
		return nil, nil, err
	}
	var rest []*contractv1.HostFrame
	size := 0
	for _, r := range states {
		if size += proto.Size(r.Value); size <= maxOpenBytes {
			open.State = append(open.State, r.Value)
			continue
		}
		rest = append(rest, eventFrame(0, &contractv1.Event{Event: &contractv1.Event_State{State: r.Value}}))
	}
	failed, err := e.openPending(s, open, &size)
	return open, append(rest, failed...), err
}

// openPending tells what of this device is not at the network: waiting or failed.
func (e *Engine) openPending(s *session, open *contractv1.SessionOpen, size *int) (rest []*contractv1.HostFrame, err error) {
	own := e.own.of(s.key)
	if len(own) == 0 {
		return nil, nil
	}
	bodies, err := e.o.Store.OutBodies(e.ctx, s.key.Conversation, s.key.Session)
	if err != nil {
		return nil, err
	}
	for _, r := range own {
		if r.State == store.OutSent {
			continue
		}
		p := pendingOf(r, bodies[r.ID])
		if r.State == store.OutFailed { // with its body: the plugin may have gone before it kept that
			rest = append(rest, eventFrame(0, &contractv1.Event{Event: &contractv1.Event_Pending{Pending: p}}), eventFrame(0, failedEvent(r)))
			continue
		}
		if *size += proto.Size(p); *size <= maxOpenBytes {
			open.Pending = append(open.Pending, p)
			continue
		}
		rest = append(rest, eventFrame(0, &contractv1.Event{Event: &contractv1.Event_Pending{Pending: p}}))
	}
	return rest, nil
}

// memberOf is what a plugin is told of a seat.
func memberOf(s Seat) *contractv1.Member {
	m := &contractv1.Member{Address: s.Address, Device: s.Device}
	switch s.State {
	case SeatInvited:
		m.State = contractv1.Member_INVITED
	case SeatJoined:
		m.State = contractv1.Member_JOINED
	case SeatLeft:
		m.State = contractv1.Member_LEFT
	case SeatDeclined:
		m.State = contractv1.Member_DECLINED
	}
	return m
}

func (e *Engine) person(address string) *contractv1.Person {
	return &contractv1.Person{Address: address, Name: e.o.Name(address)}
}

// describe is what a plugin is told of a conversation.
func (e *Engine) describe(id, self string) *contractv1.Conversation {
	kind, peer := kindOf(id, self)
	c := &contractv1.Conversation{Id: id, Kind: conversationKinds[kind], Members: []*contractv1.Person{e.person(self)}}
	switch kind {
	case model.Direct:
		c.Members = append(c.Members, e.person(peer))
		c.Title = e.o.Name(peer)
	case model.Self:
		c.Title = e.o.Name(self)
	case model.Group:
		c.Title = id
		if g, known := e.group(id); known {
			c.Title, c.ReadOnly = cmp.Or(g.Title, id), e.readOnly(id)
			c.Members = g.Members[:min(len(g.Members), contractv1.MaxGroupMembers)]
		}
	}
	return c
}
