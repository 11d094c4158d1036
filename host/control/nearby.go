package control

import (
	"context"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// Discover looks for networks near this computer.
func (s *service) Discover(ctx context.Context, _ *controlv1.Empty) (*controlv1.DiscoverReply, error) {
	list, err := s.host.Discover(ctx)
	r := &controlv1.DiscoverReply{}
	for _, n := range list {
		r.Networks = append(r.Networks, &controlv1.FoundNetwork{Name: n.Name, Link: n.Link, Computer: n.Computer, Owner: n.Owner, Joined: n.Joined})
	}
	return r, refusal(err)
}

// InviteFor makes an invitation for a number of people and a time.
func (s *service) InviteFor(ctx context.Context, r *controlv1.InviteRequest) (*controlv1.InviteReply, error) {
	link, err := s.host.InviteFor(ctx, int(r.Uses), int(r.Days))
	return &controlv1.InviteReply{Link: link}, refusal(err)
}

// Invites lists the open invitations.
func (s *service) Invites(ctx context.Context, _ *controlv1.Empty) (*controlv1.InvitesReply, error) {
	list, err := s.host.Invitations(ctx)
	r := &controlv1.InvitesReply{}
	for _, i := range list {
		r.Invites = append(r.Invites, &controlv1.InviteRow{Id: i.ID, CreatedMs: ms(i.Created), ExpiresMs: ms(i.Expires), Uses: uint32(i.Uses), Used: uint32(i.Used), By: i.By})
	}
	return r, refusal(err)
}

// RevokeInvite makes an invitation open nothing any more.
func (s *service) RevokeInvite(ctx context.Context, r *controlv1.RevokeRequest) (*controlv1.Empty, error) {
	return done(s.host.RevokeInvitation(ctx, r.Id))
}

// Joins lists who asks to be let in.
func (s *service) Joins(context.Context, *controlv1.Empty) (*controlv1.JoinsReply, error) {
	r := &controlv1.JoinsReply{}
	for _, j := range s.host.Snapshot().Joins {
		r.Joins = append(r.Joins, &controlv1.JoinRow{Id: j.ID, User: j.User, Name: j.Name, Computer: j.Computer, Digits: j.Digits, TimeMs: ms(j.Time)})
	}
	return r, nil
}

// AnswerJoin lets somebody in, or not.
func (s *service) AnswerJoin(ctx context.Context, r *controlv1.JoinAnswerRequest) (*controlv1.Empty, error) {
	return done(s.host.AnswerJoin(ctx, r.Id, r.Allow))
}

// Carry tells and changes how this computer carries its network.
func (s *service) Carry(ctx context.Context, r *controlv1.CarryRequest) (*controlv1.CarryReply, error) {
	var c model.CarryChange
	if r.Change {
		c = model.CarryChange{Open: &r.Open, Approval: r.Approval, Interfaces: r.Interfaces}
	}
	now, err := s.host.Carry(ctx, c)
	if err != nil {
		return nil, refusal(err)
	}
	reply := &controlv1.CarryReply{Here: now.Here, Open: now.Open, Approval: now.Approval, Addresses: now.Addresses, Firewall: now.Firewall, Others: uint32(now.Others), Moved: now.Moved}
	for _, i := range now.Interfaces {
		reply.Interfaces = append(reply.Interfaces, &controlv1.CarryInterface{Name: i.Name, Address: i.Address, Chosen: i.Chosen, Private: i.Private, Kind: i.Kind})
	}
	return reply, nil
}
