package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Invitations and codes.
const (
	defaultInviteUses = 1
	maxInviteUses     = 10000
	defaultInviteLife = 7 * 24 * time.Hour
	maxInviteLife     = 366 * 24 * time.Hour
	maxInvites        = 200 // open ones of one user
	codeLife          = 10 * time.Minute
	codeBytes         = 8
	maxRegisterErrors = 5
)

// onRegister answers a connection whose key nobody knows yet. It can reach
// nothing but this, and is cut after a few wrong guesses.
func (s *Server) onRegister(msg *nats.Msg) {
	t, ok := wire.Tokens(msg.Subject, 2)
	req := msg.Header.Get(wire.HeaderRequest)
	if !ok || !nkeys.IsValidPublicUserKey(t[1]) || !wire.ValidToken(req) {
		return
	}
	key := t[1]
	if ok, dropped := s.requests.allow("register." + key); !ok || dropped > 0 {
		s.conns.kick("", key)
		return
	}
	data := append([]byte(nil), msg.Data...)
	s.shards.do(key, func() {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		var body []byte
		var answer *wire.Registered
		err := s.dir.settled(ctx, func() (err error) {
			answer, err = s.register(ctx, key, data)
			return err
		})
		if err == nil {
			body, err = json.Marshal(answer)
		}
		if err == nil {
			s.counters.registered.Add(1)
		} else {
			s.counters.registerErrors.Add(1)
		}
		s.reply(wire.RegisterAnswer(key, req), body, err)
		if err != nil && s.dir.failed(key) {
			s.conns.kick("", key)
		}
	})
}

func (s *Server) register(ctx context.Context, key string, data []byte) (*wire.Registered, error) {
	var r wire.Register
	if err := wire.Decode(data, &r); err != nil {
		return nil, err
	}
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	have, known := d.byKey(key)
	switch {
	case known && s.barred(have.User) != nil:
		return nil, s.barred(have.User)
	case known && have.RevokedMS != 0:
		return nil, wire.Errorf(contractv1.Error_REFUSED, "This device was removed from the account %s.", s.address(have.User))
	case known && r.Op == wire.RegisterNew && have.User != r.User:
		return nil, wire.Errorf(contractv1.Error_TAKEN, "This device has the account %s already.", s.address(have.User))
	case known: // a repeat, or a question
		if r.Op == wire.RegisterRecover {
			return s.registered(have), d.burnRecovery(ctx, have.User, r.Code)
		}
		return s.registered(have), nil
	}
	r.Name = strings.TrimSpace(r.Name) // a blank name would show nobody
	for _, name := range []string{r.Name, r.DeviceName} {
		if len(name) > wire.MaxDisplayName || !printable(name) {
			return nil, wire.Errorf(contractv1.Error_INVALID, "A name has at most %d bytes and no control characters.", wire.MaxDisplayName)
		}
	}
	switch r.Op {
	case wire.RegisterNew:
		return d.registerUser(ctx, key, r)
	case wire.RegisterEnrol:
		return d.enrolUser(ctx, key, r)
	case wire.RegisterDevice:
		return d.registerDevice(ctx, key, r)
	case wire.RegisterRecover:
		return d.recover(ctx, key, r)
	case wire.RegisterAsk, wire.RegisterReveal, wire.RegisterWait:
		return d.joinStep(ctx, key, r)
	case wire.RegisterWho:
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "The network %s does not know this device; set it up again.", s.o.Network)
	}
	return nil, wire.Errorf(contractv1.Error_INVALID, "The request is malformed.")
}

func (s *Server) registered(dev deviceRecord) *wire.Registered {
	u, _ := s.dir.user(dev.User)
	return &wire.Registered{
		User: dev.User, Name: u.Name, Device: dev.ID, Network: s.o.Network,
		Owner: u.Owner, Addresses: s.addressesFor(dev.User),
	}
}

func (d *directory) registerUser(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	if err := d.mayBeNamed(r.User); err != nil {
		return nil, err
	}
	owner, err := d.useInvite(ctx, r.Token)
	if err != nil {
		return nil, err
	}
	return d.makeUser(ctx, key, r, owner, "")
}

// mayBeNamed refuses what is no name, or somebody's.
func (d *directory) mayBeNamed(user string) error {
	if !wire.ValidName(user) {
		return wire.Errorf(contractv1.Error_INVALID,
			"%q cannot be a name here: use small letters, digits, - and _, at most 32, beginning with a letter or digit.", user)
	}
	if _, taken := d.user(user); taken {
		return wire.Errorf(contractv1.Error_TAKEN, "The name %s is taken on %s; choose another.", user, d.s.o.Network)
	}
	return nil
}

// makeUser writes the account and its first device.
func (d *directory) makeUser(ctx context.Context, key string, r wire.Register, owner bool, enrolled string) (*wire.Registered, error) {
	dev := d.newDevice(r.User, key, r.DeviceName)
	dev.Founder = true
	if err := d.put(ctx, "dev."+r.User+"."+dev.ID, dev); err != nil {
		return nil, err
	}
	name := r.Name
	if name == "" {
		name = r.User
	}
	u := &userRecord{Name: name, CreatedMS: d.s.nowMS(), Owner: owner, Founder: dev.ID, Enrolled: enrolled}
	if err := d.put(ctx, "user."+r.User, u); err != nil {
		return nil, err
	}
	return d.s.registered(*dev), nil
}

func (d *directory) newDevice(user, key, name string) *deviceRecord {
	if name == "" {
		name = "a device"
	}
	return &deviceRecord{User: user, ID: wire.DeviceID(key), Key: key, Name: name, LinkedMS: d.s.nowMS()}
}

// useInvite burns one use of an invitation and tells whether it makes an owner.
func (d *directory) useInvite(ctx context.Context, token string) (bool, error) {
	if token == "" {
		if d.s.o.OpenRegistration {
			return false, nil
		}
		return false, wire.Errorf(contractv1.Error_REFUSED,
			"The network %s takes new people by invitation only; ask somebody there for a link.", d.s.o.Network)
	}
	h := hash(token)
	d.mu.RLock()
	have := d.invites[h]
	d.mu.RUnlock()
	if have == nil {
		return false, wire.Errorf(contractv1.Error_NOT_FOUND, "This invitation is not known on %s; ask for a new link.", d.s.o.Network)
	}
	v := *have
	if v.ExpiresMS < d.s.nowMS() {
		return false, wire.Errorf(contractv1.Error_REFUSED, "This invitation has expired; ask for a new link.")
	}
	if v.Uses == 0 {
		return false, wire.Errorf(contractv1.Error_REFUSED, "This invitation has been used up; ask for a new link.")
	}
	v.Uses--
	v.Used++
	return v.Owner, d.put(ctx, "inv."+h, &v)
}

// invite makes an invitation and returns its token. by is empty for the server itself.
func (d *directory) invite(ctx context.Context, by string, uses uint32, life time.Duration, owner bool) (string, error) {
	d.write.Lock()
	defer d.write.Unlock()
	if life <= 0 {
		life = defaultInviteLife
	}
	if uses == 0 {
		uses = defaultInviteUses
	}
	if uses > maxInviteUses || life > maxInviteLife {
		return "", wire.Errorf(contractv1.Error_INVALID, "An invitation is for at most %d people and %d days.",
			maxInviteUses, maxInviteLife/(24*time.Hour))
	}
	now, open := d.s.nowMS(), 0
	d.mu.RLock()
	for _, v := range d.invites {
		if v.By == by && by != "" && v.Uses > 0 && v.ExpiresMS >= now {
			open++
		}
	}
	d.mu.RUnlock()
	if open >= maxInvites {
		return "", wire.Errorf(contractv1.Error_TOO_LARGE, "You have %d open invitations; wait until some expire.", open)
	}
	if err := d.mayMake(by); err != nil {
		return "", err
	}
	token := secret(16)
	err := d.put(ctx, "inv."+hash(token), &inviteRecord{By: by, Uses: uses, CreatedMS: now, ExpiresMS: now + life.Milliseconds(), Owner: owner})
	return token, err
}

// failed counts a wrong guess of a registering key, in the memory of its
// connection only: nobody can be locked out by somebody else's guesses.
func (d *directory) failed(key string) bool {
	return d.s.conns.failed(key) >= maxRegisterErrors
}

func secret(n int) string {
	raw := make([]byte, n)
	if _, err := rand.Read(raw); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// newCode is a short secret that people read out: three groups of four.
func newCode() string {
	raw := make([]byte, codeBytes)
	if _, err := rand.Read(raw); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	s := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)[:12]
	return s[:4] + "-" + s[4:8] + "-" + s[8:]
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return false
		}
	}
	return true
}
