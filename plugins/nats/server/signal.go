package server

import (
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// onSignal passes sig.dm.<peer>.U.D on to the peer, and sig.room.<R>.U.D on to
// the members of a group, now or never. It goes
// through here so that blocking and rates hold for signals too: what a client
// could publish to somebody directly, nobody could stop.
func (s *Server) onSignal(msg *nats.Msg) {
	t, ok := wire.Tokens(msg.Subject, 5)
	if !ok {
		return
	}
	conv, ok := named(t)
	if !ok {
		return
	}
	c, ok := s.caller(t, msg)
	if !ok {
		return
	}
	if ok, _ := s.signals.allow(c.user + "." + c.device); !ok {
		return
	}
	var in contractv1.NetSignal
	if len(msg.Data) > contractv1.MaxSignal+1024 || proto.Unmarshal(msg.Data, &in) != nil || in.Signal == nil {
		return
	}
	sig := in.Signal
	if len(sig.Body) > contractv1.MaxSignal || in.Conversation != conv ||
		!wire.ValidToken(in.Session) || !wire.ValidName(in.Plugin) || !s.maySignal(conv, c.user) ||
		(sig.TargetDevice != "" && !wire.ValidDevice(sig.TargetDevice)) {
		return
	}
	out := &contractv1.NetSignal{Conversation: in.Conversation, Session: in.Session, Plugin: in.Plugin,
		Signal: &contractv1.Signal{From: s.address(c.user), Device: c.device, Body: sig.Body,
			TargetDevice: sig.TargetDevice, Target: sig.Target}}
	if room, ok := wire.Room(conv); ok {
		s.fanSignal(room, c, out)
		return
	}
	to, _ := wire.Peer(conv, c.user)
	if sig.Target == s.address(c.user) {
		to = c.user // among my own devices
	}
	data, err := proto.Marshal(out)
	if err != nil {
		return
	}
	if err := s.sb.Publish(wire.EphemeralSubject(to, c.user, c.device), data); err != nil {
		s.o.Log.Debug("signal", "error", err)
	}
}

// maySignal reports whether a user is heard in a conversation.
func (s *Server) maySignal(conv, user string) bool {
	if room, ok := wire.Room(conv); ok {
		return s.dir.isIn(room, user)
	}
	peer, err := wire.Peer(conv, user)
	return err == nil && s.dir.open(user, peer)
}
