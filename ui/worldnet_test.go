package ui_test

import (
	"context"
	"fmt"
	"time"

	"switchboard/shared/model"
)

func (w *world) Discover(context.Context) ([]model.FoundNetwork, error) {
	w.mu.Lock()
	found := w.found
	w.mu.Unlock()
	return found, w.note("discover")
}

func (w *world) AnswerJoin(_ context.Context, id string, allow bool) error {
	return w.note("join %s %v", id, allow)
}

func (w *world) InviteFor(_ context.Context, uses, days int) (string, error) {
	return "switchboard://192.0.2.7:4222/lab#k=UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4&i=7QF3KD2M", w.note("invite %d %d", uses, days)
}

func (w *world) Invitations(context.Context) ([]model.Invitation, error) {
	return []model.Invitation{
		{ID: "i1", By: "alice@lab", Created: now.Add(-time.Hour), Expires: now.AddDate(0, 0, 7), Uses: 5, Used: 3},
		{ID: "i2", By: "dora@lab", Created: now.AddDate(0, 0, -2), Expires: now.AddDate(0, 0, 1), Uses: 1},
	}, w.note("invitations")
}

func (w *world) RevokeInvitation(_ context.Context, id string) error {
	return w.note("revoke invitation %s", id)
}

func (w *world) Carry(_ context.Context, c model.CarryChange) (model.Carry, error) {
	w.mu.Lock()
	if c.Open != nil {
		w.carry.Open = *c.Open
	}
	if c.Approval != nil {
		w.carry.Approval = *c.Approval
	}
	for i := range w.carry.Interfaces {
		if c.Interfaces != nil {
			w.carry.Interfaces[i].Chosen = false
		}
		for _, name := range c.Interfaces {
			if w.carry.Interfaces[i].Name == name {
				w.carry.Interfaces[i].Chosen = true
			}
		}
	}
	now := w.carry
	now.Interfaces = append([]model.CarryInterface(nil), w.carry.Interfaces...)
	w.mu.Unlock()
	show := func(b *bool) string {
		if b == nil {
			return "-"
		}
		return fmt.Sprint(*b)
	}
	return now, w.note("carry %s %s %v", show(c.Open), show(c.Approval), c.Interfaces)
}

func (w *world) Others(context.Context) (int, error) {
	w.mu.Lock()
	n := w.others
	w.mu.Unlock()
	return n, w.note("others")
}
