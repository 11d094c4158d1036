package control

import (
	"context"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// Devices lists the account's devices.
func (s *service) Devices(ctx context.Context, _ *controlv1.Empty) (*controlv1.DevicesReply, error) {
	list, err := s.host.Devices(ctx)
	reply := &controlv1.DevicesReply{}
	for _, d := range list {
		reply.Devices = append(reply.Devices, &controlv1.Device{Id: d.ID, Name: d.Name, LinkedMs: ms(d.Linked), SeenMs: ms(d.Seen), This: d.This, Online: d.Online})
	}
	return reply, refusal(err)
}

// LinkDevice makes a one-shot code.
func (s *service) LinkDevice(ctx context.Context, _ *controlv1.Empty) (*controlv1.LinkReply, error) {
	code, err := s.host.LinkDevice(ctx)
	return &controlv1.LinkReply{Code: code}, refusal(err)
}

// RevokeDevice locks a device out.
func (s *service) RevokeDevice(ctx context.Context, r *controlv1.RevokeRequest) (*controlv1.Empty, error) {
	return done(s.host.RevokeDevice(ctx, r.Id))
}

// AskLink makes a code with which a device asks to be let in.
func (s *service) AskLink(ctx context.Context, _ *controlv1.Empty) (*controlv1.LinkReply, error) {
	c, err := s.host.AskLink(ctx)
	return &controlv1.LinkReply{Code: c.Code, Link: c.Link, ExpiresMs: ms(c.Expires)}, refusal(err)
}

// AnswerLink lets a device in, or not.
func (s *service) AnswerLink(ctx context.Context, r *controlv1.JoinAnswerRequest) (*controlv1.Empty, error) {
	return done(s.host.AnswerLink(ctx, r.Id, r.Allow))
}

// RenameDevice gives a device another name.
func (s *service) RenameDevice(ctx context.Context, r *controlv1.RenameDeviceRequest) (*controlv1.Empty, error) {
	return done(s.host.RenameDevice(ctx, r.Id, r.Name))
}

// CreateRecovery makes a recovery code.
func (s *service) CreateRecovery(ctx context.Context, _ *controlv1.Empty) (*controlv1.RecoveryReply, error) {
	link, err := s.host.CreateRecovery(ctx)
	return &controlv1.RecoveryReply{Link: link}, refusal(err)
}

// DismissRecovery ends the offer of a recovery code.
func (s *service) DismissRecovery(context.Context, *controlv1.Empty) (*controlv1.Empty, error) {
	s.host.DismissRecovery()
	return &controlv1.Empty{}, nil
}

// waits adds what waits for somebody: sign-up, devices, the offer of a recovery code.
func waits(reply *controlv1.StatusReply, s *model.Snapshot) {
	if s.SignUp != nil {
		reply.SignUp = &controlv1.SignUpWaits{Digits: s.SignUp.Digits, Detail: s.SignUp.Detail}
	}
	for _, r := range s.LinkRequests {
		reply.LinkRequests = append(reply.LinkRequests, &controlv1.LinkRequest{Id: r.ID, Computer: r.Computer, Digits: r.Digits, TimeMs: ms(r.Time)})
	}
	reply.Recovery, reply.RecoveryOffer = s.Recovery, s.RecoveryOffer
}
