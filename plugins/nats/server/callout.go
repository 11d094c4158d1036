package server

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
)

// onCallout decides who a new connection is. The connection signed the
// server's nonce with its device key; the directory knows whose key that is.
func (s *Server) onCallout(msg *nats.Msg) {
	data, sealedFor, err := s.unseal(msg)
	if err != nil {
		s.o.Log.Warn("callout", "error", err)
		return
	}
	req, err := jwt.DecodeAuthorizationRequestClaims(string(data))
	if err != nil {
		s.o.Log.Warn("callout", "error", err)
		return
	}
	if s.o.Cluster == nil {
		s.callout(msg, req, sealedFor)
		return
	}
	// A refusal may have to wait for the directory; nobody else waits for it.
	s.admits.do(req.ConnectOptions.Nkey, func() { s.callout(msg, req, sealedFor) })
}

func (s *Server) callout(msg *nats.Msg, req *jwt.AuthorizationRequestClaims, sealedFor string) {
	answer := jwt.NewAuthorizationResponseClaims(req.UserNkey)
	answer.Audience = req.Server.ID
	claims, refusal := s.admit(req)
	var err error
	if refusal == "" {
		answer.Jwt, err = claims.Encode(s.issuer)
		if err != nil {
			refusal = "internal error"
			s.o.Log.Error("callout", "error", err)
		}
	}
	if answer.Error = refusal; refusal == "" {
		s.counters.admitted.Add(1)
	} else {
		s.counters.turnedAway.Add(1)
	}
	token, err := answer.Encode(s.issuer)
	if err != nil {
		s.o.Log.Error("callout", "error", err)
		return
	}
	data := []byte(token)
	if sealedFor != "" {
		if data, err = s.xkey.Seal(data, sealedFor); err != nil {
			s.o.Log.Error("callout", "error", err)
			return
		}
	}
	if err := msg.Respond(data); err != nil {
		s.o.Log.Warn("callout", "error", err)
	}
}

// unseal opens a question that came over the wire, and tells for whom the answer
// is to be sealed. In one process nothing is sealed; in a cluster everything is.
func (s *Server) unseal(msg *nats.Msg) (data []byte, sealedFor string, err error) {
	if s.xkey == nil {
		return msg.Data, "", nil
	}
	from := msg.Header.Get(server.AuthRequestXKeyHeader)
	if from == "" {
		return nil, "", errors.New("a question that is not sealed")
	}
	data, err = s.xkey.Open(msg.Data, from)
	return data, from, err
}

// admit makes the permissions of a connection, or says why there are none. The
// reason goes to the server's log; clients learn theirs through registration.
func (s *Server) admit(req *jwt.AuthorizationRequestClaims) (*jwt.UserClaims, string) {
	key := req.ConnectOptions.Nkey
	if !signedNonce(key, req.ConnectOptions.SignedNonce, req.ClientInformation.Nonce) {
		return nil, "the device key is not proven"
	}
	c := jwt.NewUserClaims(req.UserNkey)
	c.Audience = accountUsers
	c.Limits.Payload = wire.MaxPayload
	c.AllowedConnectionTypes.Add(jwt.ConnectionTypeStandard)
	if s.o.Door {
		c.AllowedConnectionTypes.Add(jwt.ConnectionTypeInProcess)
	}
	if req.ConnectOptions.Username == wire.RegisterUser {
		if ok, _ := s.sources.allow(req.ClientInformation.Host); !ok {
			return nil, "too many registrations from " + req.ClientInformation.Host
		}
		pub, sub := wire.RegisterGrants(key)
		c.Name = "register." + key
		c.Limits.Subs = 2
		c.Expires = time.Now().Add(2 * time.Minute).Unix()
		c.Permissions.Pub.Allow.Add(pub...)
		c.Permissions.Sub.Allow.Add(sub...)
		s.conns.note(connID{req.Server.ID, req.ClientInformation.ID}, "", key, req.ClientInformation.Host)
		return c, ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	id, err := s.auth.Authenticate(ctx, Proof{Key: key, Host: req.ClientInformation.Host})
	if err != nil {
		return nil, err.Error()
	}
	if !wire.ValidName(id.User) || !wire.ValidDevice(id.Device) {
		return nil, "bad name"
	}
	pub, sub := wire.Grants(id.User, id.Device)
	c.Name = id.User + "." + id.Device
	c.Limits.Subs = 16
	c.Permissions.Pub.Allow.Add(pub...)
	c.Permissions.Sub.Allow.Add(sub...)
	s.conns.note(connID{req.Server.ID, req.ClientInformation.ID}, id.User, id.Device, req.ClientInformation.Host)
	return c, ""
}

func signedNonce(key, signature, nonce string) bool {
	if !nkeys.IsValidPublicUserKey(key) || nonce == "" {
		return false
	}
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	pub, err := nkeys.FromPublicKey(key)
	return err == nil && pub.Verify([]byte(nonce), sig) == nil
}
