package server

import (
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// onSignal passes sig.dm.<peer>.U.D on to the peer, now or never. It goes
// through here so that blocking and rates hold for signals too: what a client
// could publish to somebody directly, nobody could stop.
func (s *Server) onSignal(msg *nats.Msg) {
	t, ok := wire.Tokens(msg.Subject, 5)
	if !ok || t[1] != "dm" || !wire.ValidName(t[2]) {
		return
	}
	c, ok := s.caller(t, msg)
	if !ok {
		return
	}
	if ok, _ := s.signals.allow(c.user + "." + c.device); !ok {
		return
	}
	peer := t[2]
	var in contractv1.NetSignal
	if len(msg.Data) > contractv1.MaxSignal+1024 || proto.Unmarshal(msg.Data, &in) != nil || in.Signal == nil {
		return
	}
	sig := in.Signal
	if len(sig.Body) > contractv1.MaxSignal || in.Conversation != wire.Conversation(c.user, peer) ||
		!wire.ValidToken(in.Session) || !wire.ValidName(in.Plugin) || !s.dir.open(c.user, peer) ||
		(sig.TargetDevice != "" && !wire.ValidDevice(sig.TargetDevice)) {
		return
	}
	to := peer
	if sig.Target == s.address(c.user) {
		to = c.user // among my own devices
	}
	out := &contractv1.NetSignal{Conversation: in.Conversation, Session: in.Session, Plugin: in.Plugin,
		Signal: &contractv1.Signal{From: s.address(c.user), Device: c.device, Body: sig.Body,
			TargetDevice: sig.TargetDevice, Target: sig.Target}}
	data, err := proto.Marshal(out)
	if err != nil {
		return
	}
	if err := s.sb.Publish(wire.EphemeralSubject(to, c.user, c.device), data); err != nil {
		s.o.Log.Debug("signal", "error", err)
	}
}
