package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// maxJoins bounds what a network can make the host show.
const maxJoins = 64

// joinsChanged takes who waits at the door of the network that I own.
func (a *App) joinsChanged(l *contractv1.JoinRequests) {
	joins := make([]model.JoinRequest, 0, len(l.Requests))
	for _, r := range l.Requests[:min(len(l.Requests), maxJoins)] {
		joins = append(joins, model.JoinRequest{ID: r.Id, User: r.User, Name: r.Name, Computer: r.Computer, Digits: r.Digits, Time: time.UnixMilli(r.TimeMs)})
	}
	a.mu.Lock()
	before := len(a.people.joins)
	a.people.joins = joins
	a.mu.Unlock()
	if len(joins) > before {
		last := joins[len(joins)-1]
		a.hub.tell(&controlv1.Event{Type: "join", Id: last.ID, From: last.User, Device: last.Computer, Text: last.Digits})
		a.tellAsking(last.ID, a.says("Somebody asks to join the network"), a.says("%s shows %s", cutText(last.Computer, maxLinkText), cutText(last.Digits, maxDigits)))
	}
	a.changed()
}

// Discover looks for networks near this computer. It works before there is an
// account, and joins none.
func (a *App) Discover(ctx context.Context) ([]model.FoundNetwork, error) {
	id, err := a.net.plugin()
	if err != nil {
		return nil, err
	}
	if err := a.sup.Ensure(ctx, id); err != nil {
		return nil, err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Discover{Discover: &contractv1.Discover{}}})
	if err != nil {
		return nil, err
	}
	list := []model.FoundNetwork{}
	for _, n := range reply.GetFound().GetNetworks() {
		list = append(list, model.FoundNetwork{Name: n.Name, Link: n.Link, Computer: n.Computer, Owner: n.Owner, Joined: n.Joined})
	}
	return list, nil
}

// InviteFor makes an invitation for a number of people and days; 0 leaves either
// to the network.
func (a *App) InviteFor(ctx context.Context, uses, days int) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	if uses < 0 || uses > 10000 || days < 0 || days > 366 {
		return "", errors.New("an invitation is for 1 to 10000 people and 1 to 366 days")
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Invite{Invite: &contractv1.InviteCreate{
		Uses: uint32(uses), TtlS: uint32(days) * 86400}}})
	if err != nil {
		return "", err
	}
	return reply.GetInvite().GetLink(), nil
}

// Invitations lists those that are open: mine, or all for an owner.
func (a *App) Invitations(ctx context.Context) ([]model.Invitation, error) {
	if err := a.mayAsk(); err != nil {
		return nil, err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Invites{Invites: &contractv1.InvitesList{}}})
	if err != nil {
		return nil, err
	}
	list := []model.Invitation{}
	for _, i := range reply.GetInvites().GetInvites() {
		one := model.Invitation{ID: i.Id, By: i.By, Expires: time.UnixMilli(i.ExpiresMs), Uses: int(i.Uses), Used: int(i.Used)}
		if i.CreatedMs > 0 {
			one.Created = time.UnixMilli(i.CreatedMs)
		}
		list = append(list, one)
	}
	return list, nil
}

// RevokeInvitation makes an invitation open nothing any more.
func (a *App) RevokeInvitation(ctx context.Context, id string) error {
	if err := a.mayAsk(); err != nil {
		return err
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_InviteRevoke{InviteRevoke: &contractv1.InviteRevoke{Id: id}}})
	return err
}

// AnswerJoin lets somebody into the network that I own, or not.
func (a *App) AnswerJoin(ctx context.Context, id string, allow bool) error {
	if err := a.mayAsk(); err != nil {
		return err
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_JoinAnswer{JoinAnswer: &contractv1.JoinAnswer{Id: id, Allow: allow}}})
	return err
}

// Carry changes how this computer carries its network, and tells it.
func (a *App) Carry(ctx context.Context, c model.CarryChange) (model.Carry, error) {
	if err := a.mayAsk(); err != nil {
		return model.Carry{}, err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Carry{Carry: &contractv1.CarryChange{
		Open: c.Open, Approval: c.Approval, Interfaces: c.Interfaces}}})
	if err != nil {
		return model.Carry{}, err
	}
	r := reply.GetCarry()
	now := model.Carry{Here: r.GetHere(), Open: r.GetOpen(), Approval: r.GetApproval(), Addresses: r.GetAddresses(), Others: int(r.GetOthers()), Moved: r.GetMoved()}
	for _, i := range r.GetInterfaces() {
		now.Interfaces = append(now.Interfaces, model.CarryInterface{Name: i.Name, Address: i.Address, Chosen: i.Chosen, Private: i.Private, Kind: i.Kind})
	}
	if len(now.Addresses) > 0 {
		if _, port, err := net.SplitHostPort(now.Addresses[0]); err == nil {
			now.Firewall = firewall(ctx, port)
		}
	}
	return now, nil
}

// Others is how many devices of other computers are connected to the network
// that this computer carries: who would be cut off by Quit. When it cannot be
// known, it is 0 and the error says why.
func (a *App) Others(ctx context.Context) (int, error) {
	if _, _, ok := a.self(); !ok {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Carry{Carry: &contractv1.CarryChange{}}})
	if err != nil {
		return 0, fmt.Errorf("who else is connected cannot be told: %w", err)
	}
	return int(reply.GetCarry().GetOthers()), nil
}
