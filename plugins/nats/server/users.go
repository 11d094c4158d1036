package server

import (
	"context"
	"sort"
	"strings"
	"time"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// UserInfo is what whoever runs the network sees of an account.
type UserInfo struct {
	User      string `json:"user"`
	Name      string `json:"name"`
	Owner     bool   `json:"owner"`
	State     string `json:"state"` // active, disabled or removed
	CreatedMS int64  `json:"created_ms"`
	Devices   int    `json:"devices"`
	Online    int    `json:"online"` // devices
	// NewKeysMS is when the account was reset; 0 never.
	NewKeysMS int64 `json:"new_keys_ms,omitempty"`
	// Enrolled is the id of the token that the account was made with.
	Enrolled string `json:"enrolled,omitempty"`
	// TodayBytes is what it has stored today (UTC).
	TodayBytes int64 `json:"today_bytes"`
	// StoredBytes is what the network keeps of its entries.
	StoredBytes int64 `json:"stored_bytes"`
}

// States of an account.
const (
	userActive   = "active"
	userDisabled = "disabled"
	userRemoved  = "removed"
)

func (u *userRecord) state() string {
	switch {
	case u.RemovedMS != 0:
		return userRemoved
	case u.DisabledMS != 0:
		return userDisabled
	}
	return userActive
}

// Lives of the codes that whoever runs the network gives out.
const (
	DefaultCodeLife = 24 * time.Hour
	maxCodeLife     = 30 * 24 * time.Hour
)

// MaxUsersPage bounds one answer of Users.
const MaxUsersPage = 500

// Users lists accounts in order of name, after one; at most MaxUsersPage.
func (s *Server) Users(after string) []UserInfo {
	d := s.dir
	d.mu.RLock()
	names := make([]string, 0, len(d.users))
	for n := range d.users {
		if n > after {
			names = append(names, n)
		}
	}
	d.mu.RUnlock()
	sort.Strings(names)
	out := make([]UserInfo, 0, min(len(names), MaxUsersPage))
	for _, n := range names[:min(len(names), MaxUsersPage)] {
		u, ok := d.user(n)
		if !ok {
			continue
		}
		i := UserInfo{User: n, Name: u.Name, Owner: u.Owner, State: u.state(), CreatedMS: u.CreatedMS,
			NewKeysMS: u.NewKeysMS, Enrolled: u.Enrolled, TodayBytes: s.daily.of(n, s.nowMS()), StoredBytes: s.index.keeps(n)}
		for _, dev := range d.deviceList(n, "").Devices {
			i.Devices++
			if dev.Online {
				i.Online++
			}
		}
		out = append(out, i)
	}
	return out
}

// of is what a user has stored today.
func (d *daily) of(user string, timeMS int64) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.day != dayOf(timeMS) {
		return 0
	}
	return d.used[user]
}

// AddUser makes an account without a device and gives the one-shot code for its
// first one.
func (s *Server) AddUser(ctx context.Context, user, name string, life time.Duration) (*contractv1.DeviceCode, error) {
	d := s.dir
	name = strings.TrimSpace(name)
	switch {
	case !wire.ValidName(user):
		return nil, wire.Errorf(contractv1.Error_INVALID,
			"%q cannot be a name here: use small letters, digits, - and _, at most 32, beginning with a letter or digit.", user)
	case len(name) > wire.MaxDisplayName || !printable(name):
		return nil, wire.Errorf(contractv1.Error_INVALID, "A name has at most %d bytes and no control characters.", wire.MaxDisplayName)
	}
	if name == "" {
		name = user
	}
	d.write.Lock()
	defer d.write.Unlock()
	if _, taken := d.user(user); taken {
		return nil, wire.Errorf(contractv1.Error_TAKEN, "The name %s is taken on %s.", user, s.o.Network)
	}
	if err := d.put(ctx, "user."+user, &userRecord{Name: name, CreatedMS: s.nowMS(), Founder: nobody}); err != nil {
		return nil, err
	}
	return d.code(ctx, user, life)
}

// nobody is the founder of an account that the network's administrator made: no
// device founded it.
const nobody = "-"

// change loads an account for a change; d.write is held.
func (d *directory) account(user string) (*userRecord, error) {
	u, ok := d.user(user)
	if !ok {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "Nobody is called %s on %s.", user, d.s.o.Network)
	}
	if u.RemovedMS != 0 {
		return nil, wire.Errorf(contractv1.Error_REFUSED, "The account %s was removed; nothing brings it back.", user)
	}
	return &u, nil
}

// DisableUser locks every device of an account out until EnableUser.
func (s *Server) DisableUser(ctx context.Context, user string) error {
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	u, err := d.account(user)
	if err != nil {
		return err
	}
	if u.DisabledMS == 0 {
		u.DisabledMS = s.nowMS()
		if err := d.put(ctx, "user."+user, u); err != nil {
			return err
		}
	}
	s.expel(user)
	return nil
}

// EnableUser lets a disabled account in again.
func (s *Server) EnableUser(ctx context.Context, user string) error {
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	u, err := d.account(user)
	if err != nil || u.DisabledMS == 0 {
		return err
	}
	u.DisabledMS = 0
	return d.put(ctx, "user."+user, u)
}

// ResetUser takes an account from all its devices and gives a one-shot code for
// the person's next one. Contacts see that it signs in with new keys.
func (s *Server) ResetUser(ctx context.Context, user string, life time.Duration) (*contractv1.DeviceCode, error) {
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	u, err := d.account(user)
	if err != nil {
		return nil, err
	}
	// The mark comes first: should the rest fail, contacts are warned too early
	// rather than never.
	u.NewKeysMS, u.Recovery = s.nowMS(), ""
	if err := d.put(ctx, "user."+user, u); err != nil {
		return nil, err
	}
	if err := d.revokeAll(ctx, user); err != nil {
		return nil, err
	}
	code, err := d.code(ctx, user, life)
	if err != nil {
		return nil, err
	}
	d.tellNewKeys(user)
	return code, nil
}

// tellNewKeys warns the contacts of an account: whoever signs in for it now has
// none of the keys that they knew.
func (d *directory) tellNewKeys(user string) {
	for _, contact := range d.known(user) {
		if p := d.pair(user, contact); p.Friends {
			d.s.push(contact, wire.PushRoster, &contractv1.Roster{Contacts: []*contractv1.Contact{d.contact(contact, user)}})
		}
	}
}

// RemoveUser ends an account. What it wrote stays where others read it, and its
// name is never given to anybody else. Its groups go on without it.
func (s *Server) RemoveUser(ctx context.Context, user string) error {
	if err := s.endAccount(ctx, user); err != nil {
		return err
	}
	return s.leaveGroups(ctx, user)
}

func (s *Server) endAccount(ctx context.Context, user string) error {
	d := s.dir
	d.write.Lock()
	defer d.write.Unlock()
	u, ok := d.user(user)
	if !ok {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "Nobody is called %s on %s.", user, s.o.Network)
	}
	if u.RemovedMS == 0 {
		u.RemovedMS, u.Owner, u.Recovery = s.nowMS(), false, ""
		if err := d.put(ctx, "user."+user, &u); err != nil {
			return err
		}
	}
	if err := d.dropCodes(ctx, user); err != nil {
		return err
	}
	return d.revokeAll(ctx, user)
}

// expel cuts all connections of an account.
func (s *Server) expel(user string) {
	s.dir.mu.RLock()
	devices := make([]string, 0, len(s.dir.devices[user]))
	for id := range s.dir.devices[user] {
		devices = append(devices, id)
	}
	s.dir.mu.RUnlock()
	for _, id := range devices {
		s.conns.kick(user, id)
		s.pres.drop(user, id)
	}
}

// revokeAll takes an account from all its devices; d.write is held.
func (d *directory) revokeAll(ctx context.Context, user string) error {
	for _, v := range d.deviceList(user, "").Devices {
		dev, ok := d.device(user, v.Id)
		if !ok {
			continue
		}
		dev.RevokedMS = d.s.nowMS()
		if err := d.put(ctx, "dev."+user+"."+v.Id, &dev); err != nil {
			return err
		}
	}
	d.s.expel(user)
	return d.dropLinks(ctx, user)
}

// dropLinks sends away the devices that wait to be linked to an account: they came
// with codes of devices that it has no more.
func (d *directory) dropLinks(ctx context.Context, user string) error {
	var waiting []string
	d.mu.RLock()
	for id, j := range d.joins {
		if j.Link && j.User == user {
			waiting = append(waiting, id)
		}
	}
	d.mu.RUnlock()
	for _, id := range waiting {
		if err := d.drop(ctx, "join."+id); err != nil {
			return err
		}
	}
	return nil
}

// code makes a one-shot code of an account, in place of those before it; d.write
// is held.
func (d *directory) code(ctx context.Context, user string, life time.Duration) (*contractv1.DeviceCode, error) {
	if life <= 0 {
		life = DefaultCodeLife
	}
	if life > maxCodeLife {
		return nil, wire.Errorf(contractv1.Error_INVALID, "A code is good for at most %d days.", maxCodeLife/(24*time.Hour))
	}
	if err := d.dropCodes(ctx, user); err != nil {
		return nil, err
	}
	code := newCode()
	expires := d.s.nowMS() + life.Milliseconds()
	if err := d.put(ctx, "code."+hash(wire.PlainCode(code)), &codeRecord{User: user, ExpiresMS: expires}); err != nil {
		return nil, err
	}
	return &contractv1.DeviceCode{Code: code, ExpiresMs: expires}, nil
}

// dropCodes makes all codes of an account open nothing; d.write is held.
func (d *directory) dropCodes(ctx context.Context, user string) error {
	var old []string
	d.mu.RLock()
	for h, v := range d.codes {
		if v.User == user {
			old = append(old, h)
		}
	}
	d.mu.RUnlock()
	for _, h := range old {
		if err := d.drop(ctx, "code."+h); err != nil {
			return err
		}
	}
	return nil
}

// barred says why an account may not sign in, or nil.
func (s *Server) barred(user string) error {
	u, ok := s.dir.user(user)
	switch {
	case !ok:
		return nil
	case u.RemovedMS != 0:
		return wire.Errorf(contractv1.Error_REFUSED, "The account %s was ended by whoever runs %s.", s.address(user), s.o.Network)
	case u.DisabledMS != 0:
		// Not refused: it may be enabled again, and devices go on asking.
		return wire.Errorf(contractv1.Error_UNAVAILABLE, "The account %s is disabled; ask whoever runs %s.", s.address(user), s.o.Network)
	}
	return nil
}
