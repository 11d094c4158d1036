package server

import (
	"strconv"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// caller is who asks: taken from the subject, which the permissions of the
// connection allow for nobody else.
type caller struct {
	user, device string
	request      string // where the answer goes; empty for none
}

// address is the caller's full name.
func (s *Server) address(user string) string { return wire.Address(user, s.o.Network) }

// caller reads who asks out of the last two tokens. The reply subject and all
// headers but one are ignored, and that one must be a plain token.
func (s *Server) caller(tokens []string, msg *nats.Msg) (caller, bool) {
	c := caller{user: tokens[len(tokens)-2], device: tokens[len(tokens)-1]}
	if !wire.ValidName(c.user) || !wire.ValidDevice(c.device) {
		return c, false
	}
	if r := msg.Header.Get(wire.HeaderRequest); r != "" {
		if !wire.ValidToken(r) {
			return c, false
		}
		c.request = r
	}
	ok, dropped := s.requests.allow(c.user + "." + c.device)
	if !ok {
		if dropped == floodLimit {
			s.o.Log.Warn("flood", "user", c.user, "device", c.device)
			s.conns.kick(c.user, c.device)
		}
		return c, false
	}
	return c, true
}

// floodLimit is how many requests a device may have refused in a second before
// its connections are cut.
const floodLimit = 10000

// answer tells the caller the result. The subject is built from the tokens of
// the request's subject, so nobody can direct an answer to somebody else.
func (s *Server) answer(c caller, body []byte, err error, header ...string) {
	if c.request == "" {
		return
	}
	s.reply(wire.AnswerSubject(c.user, c.device, c.request), body, err, header...)
}

func (s *Server) reply(subject string, body []byte, err error, header ...string) {
	m := nats.NewMsg(subject)
	m.Data = body
	if err != nil {
		e := wire.AsError(err)
		if e.Code == contractv1.Error_INTERNAL {
			s.o.Log.Error("request", "subject", subject, "error", err)
		}
		m.Header.Set(wire.HeaderCode, strconv.Itoa(int(e.Code)))
		m.Header.Set(wire.HeaderError, e.Message)
		m.Data = nil
	}
	for i := 0; i+1 < len(header); i += 2 {
		m.Header.Set(header[i], header[i+1])
	}
	if err := s.sb.PublishMsg(m); err != nil {
		s.o.Log.Debug("answer", "subject", subject, "error", err)
	}
}

// push tells all devices of a user something.
func (s *Server) push(user, what string, m proto.Message) {
	data, err := proto.Marshal(m)
	if err != nil {
		s.o.Log.Error("push", "what", what, "error", err)
		return
	}
	if err := s.sb.Publish(wire.PushSubject(user, what), data); err != nil {
		s.o.Log.Debug("push", "what", what, "error", err)
	}
}

func (s *Server) nowMS() int64 { return s.o.Now().UnixMilli() }
