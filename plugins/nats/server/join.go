package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/netip"
	"sort"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of the door at which people nearby ask to be let in.
const (
	joinLife      = 10 * time.Minute
	maxJoins      = 16 // that wait for an answer
	maxJoinsFrom  = 3  // of one source
	maxAsked      = 64 // records in all, answered ones too
	maxJoinRedraw = 5  // times that one key may begin again
)

// States of a request.
const (
	joinAsked   = "asked"   // committed, not revealed: nobody sees it
	joinOpen    = "open"    // the owner sees it
	joinRefused = "refused" // kept so that the asker hears it
)

// joinRecord is somebody at the door, in the directory under join.<id>: it
// outlives the server's process.
type joinRecord struct {
	Key      string `json:"key"`
	User     string `json:"user"`
	Name     string `json:"name,omitempty"`
	Computer string `json:"computer,omitempty"`
	Source   string `json:"source,omitempty"`
	Commit   string `json:"commit"`
	Nonce    []byte `json:"nonce"` // the server's
	Digits   string `json:"digits,omitempty"`
	State    string `json:"state"`
	TimeMS   int64  `json:"time_ms"`
	Draws    int    `json:"draws,omitempty"`
	// Link: it is no person but a further device of User, and User's devices answer.
	Link bool `json:"link,omitempty"`
}

func (j *joinRecord) expires() int64 { return j.TimeMS + joinLife.Milliseconds() }

func (j *joinRecord) what(network []byte) wire.Joining {
	return wire.Joining{Network: network, Device: j.Key, User: j.User, Computer: j.Computer}
}

// joinStep answers ask, reveal and wait of a key that nobody knows yet.
func (d *directory) joinStep(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	switch r.Op {
	case wire.RegisterAsk:
		return d.joinAsk(ctx, key, r)
	case wire.RegisterReveal:
		return d.joinReveal(ctx, key, r)
	}
	id, j := d.joinOf(key)
	switch {
	case j == nil:
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "The request to be let into %s is not there any more; ask again.", d.s.o.Network)
	case j.State == joinRefused:
		return nil, wire.Errorf(contractv1.Error_REFUSED, "You were not let into %s; ask again in ten minutes, or have somebody there send you an invitation.", d.s.o.Network)
	case j.expires() < d.s.nowMS():
		return nil, wire.Errorf(contractv1.Error_DEADLINE, "Nobody answered the request to be let into %s in time; ask again.", d.s.o.Network)
	}
	return waiting(id, j, nil), nil
}

func waiting(id string, j *joinRecord, nonce []byte) *wire.Registered {
	return &wire.Registered{Waiting: &wire.Waiting{ID: id, Nonce: nonce, ExpiresMS: j.expires()}}
}

// joinAsk notes what a newcomer commits to and draws the server's nonce.
func (d *directory) joinAsk(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	if !d.s.door.approves() {
		return nil, wire.Errorf(contractv1.Error_REFUSED, "The network %s takes new people by invitation only; ask somebody there for a link.", d.s.o.Network)
	}
	if !wire.ValidName(r.User) {
		return nil, wire.Errorf(contractv1.Error_INVALID,
			"%q cannot be a name here: use small letters, digits, - and _, at most 32, beginning with a letter or digit.", r.User)
	}
	if _, taken := d.user(r.User); taken {
		return nil, wire.Errorf(contractv1.Error_TAKEN, "The name %s is taken on %s; choose another.", r.User, d.s.o.Network)
	}
	if len(r.Commit) != 64 {
		return nil, wire.Errorf(contractv1.Error_INVALID, "The request is malformed.")
	}
	last, j := d.joinOf(key)
	source, now := d.s.conns.host(key), d.s.nowMS()
	switch {
	case j != nil && (j.Link || j.expires() < now): // over, and not yet forgotten; or another matter
		j = nil
	case j != nil && j.State == joinRefused:
		return nil, wire.Errorf(contractv1.Error_REFUSED, "You were not let into %s; ask again in ten minutes, or have somebody there send you an invitation.", d.s.o.Network)
	}
	if j == nil {
		if err := d.joinRoom(source, now); err != nil {
			return nil, err
		}
		j = &joinRecord{TimeMS: now}
	}
	if j.Draws >= maxJoinRedraw {
		return nil, errDoorBusy
	}
	// Each try has an id of its own: an owner's answer is for the name and the
	// digits that the owner has seen, and for nothing that came in their place.
	id := newJoinID()
	v := joinRecord{Key: key, User: r.User, Name: wire.Clean(r.Name), Computer: wire.Clean(r.DeviceName), Source: source,
		Commit: r.Commit, Nonce: make([]byte, wire.NonceBytes), State: joinAsked, TimeMS: j.TimeMS, Draws: j.Draws + 1}
	if _, err := rand.Read(v.Nonce); err != nil {
		return nil, err
	}
	if v.Computer != r.DeviceName {
		return nil, wire.Errorf(contractv1.Error_INVALID, "The computer's name cannot be shown; choose a plainer one.")
	}
	if last != "" {
		if err := d.drop(ctx, "join."+last); err != nil {
			return nil, err
		}
	}
	if err := d.put(ctx, "join."+id, &v); err != nil {
		return nil, err
	}
	if last != "" {
		d.pushJoins() // what owners saw is not there any more
	}
	return waiting(id, &v, v.Nonce), nil
}

var errDoorBusy = wire.Errorf(contractv1.Error_UNAVAILABLE, "Too many ask to be let in at the moment; try again in some minutes, or use an invitation.")

// joinRoom refuses more requests than an owner could look at.
func (d *directory) joinRoom(source string, now int64) error {
	all, open, same := 0, 0, 0
	d.mu.RLock()
	for _, j := range d.joins {
		if j.expires() < now {
			continue
		}
		if j.Link {
			continue
		}
		all++
		if j.State == joinRefused {
			continue
		}
		open++
		if j.Source == source {
			same++
		}
	}
	d.mu.RUnlock()
	if all >= maxAsked || open >= maxJoins || same >= maxJoinsFrom {
		return errDoorBusy
	}
	if d.s.door.asks.wait("from "+source) > 0 || d.s.door.everyone.wait("all") > 0 {
		return errDoorBusy
	}
	return nil
}

// joinReveal checks the commitment and shows the request to the owners.
func (d *directory) joinReveal(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	id, j := d.joinOf(key)
	if j == nil || j.State == joinRefused || j.expires() < d.s.nowMS() {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "The request to be let into %s is not there any more; ask again.", d.s.o.Network)
	}
	v := *j
	if !v.what(d.s.public).Keeps(v.Commit, r.Nonce) {
		return nil, wire.Errorf(contractv1.Error_UNAUTHENTICATED,
			"Somebody stands between this computer and %s; nothing was joined.", d.s.o.Network)
	}
	digits := v.what(d.s.public).Digits(r.Nonce, v.Nonce)
	if v.State == joinOpen {
		if v.Digits != digits {
			return nil, wire.Errorf(contractv1.Error_INVALID, "The request is malformed.")
		}
		return waiting(id, &v, nil), nil // a repeat
	}
	v.State, v.Digits = joinOpen, digits
	if err := d.put(ctx, "join."+id, &v); err != nil {
		return nil, err
	}
	d.pushJoins()
	return waiting(id, &v, nil), nil
}

// answerJoin lets somebody in, or not; only owners may.
func (d *directory) answerJoin(ctx context.Context, user string, a *contractv1.JoinAnswer) error {
	if u, _ := d.user(user); !u.Owner {
		return errOwners
	}
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.RLock()
	have := d.joins[a.Id]
	d.mu.RUnlock()
	if have == nil || have.Link || have.State != joinOpen || have.expires() < d.s.nowMS() {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "Nobody asks to be let in under %q any more.", a.Id)
	}
	v := *have
	if !a.Allow {
		v.State = joinRefused
		if err := d.put(ctx, "join."+a.Id, &v); err != nil {
			return err
		}
		d.pushJoins()
		return nil
	}
	if have, known := d.byKey(v.Key); known {
		if have.User != v.User {
			return errElsewhere
		}
		return d.joined(ctx, a.Id) // a crash was between the two
	}
	if _, taken := d.user(v.User); taken {
		return wire.Errorf(contractv1.Error_TAKEN, "The name %s was taken meanwhile; refuse the request, so that another name is asked for.", v.User)
	}
	if _, err := d.makeUser(ctx, v.Key, wire.Register{User: v.User, Name: v.Name, DeviceName: v.Computer}, false, ""); err != nil {
		return err
	}
	return d.joined(ctx, a.Id)
}

// joined forgets a request that was granted.
func (d *directory) joined(ctx context.Context, id string) error {
	if err := d.drop(ctx, "join."+id); err != nil {
		return err
	}
	d.pushJoins()
	return nil
}

// errElsewhere: a device is in one account, whatever else it asked for.
var errElsewhere = wire.Errorf(contractv1.Error_TAKEN, "This device has an account by now; refuse the request.")

var errOwners = wire.Errorf(contractv1.Error_REFUSED, "Only an owner of the network may do this.")

// joinList is who waits, the longest waiting first.
func (d *directory) joinList() *contractv1.JoinRequests {
	now := d.s.nowMS()
	l := &contractv1.JoinRequests{}
	d.mu.RLock()
	for id, j := range d.joins {
		if !j.Link && j.State == joinOpen && j.expires() >= now {
			l.Requests = append(l.Requests, &contractv1.JoinRequest{Id: id, User: j.User, Name: j.Name, Computer: j.Computer, Digits: j.Digits, TimeMs: j.TimeMS})
		}
	}
	d.mu.RUnlock()
	sort.Slice(l.Requests, func(i, k int) bool {
		x, y := l.Requests[i], l.Requests[k]
		return x.TimeMs < y.TimeMs || x.TimeMs == y.TimeMs && x.Id < y.Id
	})
	return l
}

// pushJoins tells every owner who waits.
func (d *directory) pushJoins() {
	l := d.joinList()
	for _, o := range d.owners() {
		d.s.push(o, wire.PushJoins, l)
	}
}

func (d *directory) owners() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var list []string
	for name, u := range d.users {
		if u.Owner {
			list = append(list, name)
		}
	}
	return list
}

// joinOf finds the request of a key, of those that have not been forgotten.
func (d *directory) joinOf(key string) (string, *joinRecord) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for id, j := range d.joins {
		if j.Key == key {
			return id, j
		}
	}
	return "", nil
}

// doorOp answers the owner's questions about who waits.
func (s *Server) doorOp(ctx context.Context, c caller, op string, data []byte) ([]byte, error) {
	switch op {
	case wire.OpJoins:
		if u, _ := s.dir.user(c.user); !u.Owner {
			return nil, errOwners
		}
		return proto.Marshal(s.dir.joinList())
	case wire.OpJoin:
		var a contractv1.JoinAnswer
		if err := unmarshal(data, &a); err != nil {
			return nil, err
		}
		return nil, s.dir.answerJoin(ctx, c.user, &a)
	case wire.OpInvites:
		return proto.Marshal(s.dir.inviteList(c.user))
	}
	var r contractv1.InviteRevoke
	if err := unmarshal(data, &r); err != nil {
		return nil, err
	}
	return nil, s.dir.revokeInvite(ctx, c.user, r.Id)
}

// inviteList is the open invitations that a user made; an owner sees all.
func (d *directory) inviteList(user string) *contractv1.InviteList {
	u, _ := d.user(user)
	now := d.s.nowMS()
	l := &contractv1.InviteList{}
	d.mu.RLock()
	for h, v := range d.invites {
		if v.Uses == 0 || v.ExpiresMS < now || v.By != user && !u.Owner {
			continue
		}
		one := &contractv1.Invite{Id: h[:inviteID], ExpiresMs: v.ExpiresMS, Uses: v.Uses + v.Used, Used: v.Used, CreatedMs: v.CreatedMS}
		if v.By != "" {
			one.By = d.s.address(v.By)
		}
		l.Invites = append(l.Invites, one)
	}
	d.mu.RUnlock()
	sort.Slice(l.Invites, func(i, k int) bool {
		x, y := l.Invites[i], l.Invites[k]
		return x.CreatedMs < y.CreatedMs || x.CreatedMs == y.CreatedMs && x.Id < y.Id
	})
	l.Invites = l.Invites[:min(len(l.Invites), maxInviteList)]
	return l
}

// inviteID is how much of an invitation's hash names it: enough to be unique,
// and it opens nothing.
const (
	inviteID      = 12
	maxInviteList = 1000
)

// revokeInvite makes an invitation open nothing any more. A repeat is harmless.
func (d *directory) revokeInvite(ctx context.Context, user, id string) error {
	u, _ := d.user(user)
	d.write.Lock()
	defer d.write.Unlock()
	found := ""
	d.mu.RLock()
	for h, v := range d.invites {
		if len(id) == inviteID && strings.HasPrefix(h, id) && (v.By == user || u.Owner) {
			found = h
		}
	}
	d.mu.RUnlock()
	if found == "" {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "There is no open invitation %q of yours.", id)
	}
	return d.drop(ctx, "inv."+found)
}

func newJoinID() string {
	var raw [5]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err) // crypto/rand never fails on a supported system
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw[:]))
}

// others counts the devices that are connected from other computers.
func (c *conns) others() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := map[string]bool{}
	for _, o := range c.open {
		a, err := netip.ParseAddr(o.host)
		if o.user != "" && o.confirmed && err == nil && !a.Unmap().IsLoopback() {
			names[o.name()] = true
		}
	}
	return len(names)
}
