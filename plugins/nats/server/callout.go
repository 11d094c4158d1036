package server

import (
	"encoding/base64"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
)

// onCallout decides who a new connection is. The connection signed the
// server's nonce with its device key; the directory knows whose key that is.
func (s *Server) onCallout(msg *nats.Msg) {
	req, err := jwt.DecodeAuthorizationRequestClaims(string(msg.Data))
	if err != nil {
		s.o.Log.Warn("callout", "error", err)
		return
	}
	answer := jwt.NewAuthorizationResponseClaims(req.UserNkey)
	answer.Audience = req.Server.ID
	claims, refusal := s.admit(req)
	if refusal == "" {
		answer.Jwt, err = claims.Encode(s.issuer)
		if err != nil {
			refusal = "internal error"
			s.o.Log.Error("callout", "error", err)
		}
	}
	answer.Error = refusal
	token, err := answer.Encode(s.issuer)
	if err != nil {
		s.o.Log.Error("callout", "error", err)
		return
	}
	if err := msg.Respond([]byte(token)); err != nil {
		s.o.Log.Warn("callout", "error", err)
	}
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
	if req.ConnectOptions.Username == wire.RegisterUser {
		pub, sub := wire.RegisterGrants(key)
		c.Name = "register." + key
		c.Limits.Subs = 2
		c.Expires = time.Now().Add(2 * time.Minute).Unix()
		c.Permissions.Pub.Allow.Add(pub...)
		c.Permissions.Sub.Allow.Add(sub...)
		s.conns.note(req.ClientInformation.ID, req.Server.ID, "", key)
		return c, ""
	}
	d, ok := s.dir.byKey(key)
	if !ok {
		return nil, "unknown device"
	}
	if d.RevokedMS != 0 {
		return nil, "revoked device"
	}
	if !wire.ValidName(d.User) || !wire.ValidDevice(d.ID) {
		return nil, "bad name"
	}
	pub, sub := wire.Grants(d.User, d.ID)
	c.Name = d.User + "." + d.ID
	c.Limits.Subs = 16
	c.Permissions.Pub.Allow.Add(pub...)
	c.Permissions.Sub.Allow.Add(sub...)
	s.conns.note(req.ClientInformation.ID, req.Server.ID, d.User, d.ID)
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
