package server

import (
	"context"
	"sort"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// recoveryBytes are what a recovery code is made of: nobody guesses it.
const recoveryBytes = 20

// askLink lets a new device, whose code is burnt by now, wait for the answer of
// an old one.
func (d *directory) askLink(ctx context.Context, key, user string, r wire.Register) (*wire.Registered, error) {
	id := newJoinID()
	v := joinRecord{Key: key, User: user, Computer: wire.Clean(r.DeviceName), Source: d.s.conns.host(key), State: joinOpen,
		Link: true, TimeMS: d.s.nowMS(), Digits: wire.LinkDigits(d.s.public, key, r.Code)}
	if err := d.put(ctx, "join."+id, &v); err != nil {
		return nil, err
	}
	d.s.push(user, wire.PushLinks, d.linkList(user))
	return waiting(id, &v, nil), nil
}

// linkList is the devices that wait to be linked to an account: one at most for
// each code, and so few.
func (d *directory) linkList(user string) *contractv1.JoinRequests {
	now := d.s.nowMS()
	l := &contractv1.JoinRequests{}
	d.mu.RLock()
	for id, j := range d.joins {
		if j.Link && j.User == user && j.State == joinOpen && j.expires() >= now {
			l.Requests = append(l.Requests, &contractv1.JoinRequest{Id: id, User: user, Computer: j.Computer, Digits: j.Digits, TimeMs: j.TimeMS})
		}
	}
	d.mu.RUnlock()
	sort.Slice(l.Requests, func(i, k int) bool {
		x, y := l.Requests[i], l.Requests[k]
		return x.TimeMs < y.TimeMs || x.TimeMs == y.TimeMs && x.Id < y.Id
	})
	return l
}

// answerLink links a device that waits, or refuses it. A repeat of what was
// done is refused: there is nobody at the door.
func (d *directory) answerLink(ctx context.Context, user string, a *contractv1.JoinAnswer) error {
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.RLock()
	have := d.joins[a.Id]
	d.mu.RUnlock()
	if have == nil || !have.Link || have.User != user || have.State != joinOpen || have.expires() < d.s.nowMS() {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "No device waits to be linked under %q any more.", a.Id)
	}
	v := *have
	if !a.Allow {
		v.State = joinRefused
		if err := d.put(ctx, "join."+a.Id, &v); err != nil {
			return err
		}
	} else {
		have, known := d.byKey(v.Key)
		switch {
		case known && have.User != user:
			return errElsewhere
		case !known && len(d.deviceList(user, "").Devices) >= d.s.o.Devices:
			return wire.Errorf(contractv1.Error_TOO_LARGE, "The account has %d devices; remove one first.", d.s.o.Devices)
		case !known:
			// The device first: a crash between the two leaves a request that is answered again.
			if _, err := d.addDevice(ctx, v.Key, user, v.Computer); err != nil {
				return err
			}
		}
		if err := d.drop(ctx, "join."+a.Id); err != nil {
			return err
		}
	}
	d.s.push(user, wire.PushLinks, d.linkList(user))
	return nil
}

// rename gives a device another name.
func (d *directory) rename(ctx context.Context, user string, r *contractv1.DeviceRename) error {
	if r.Name == "" || len(r.Name) > wire.MaxDisplayName || !printable(r.Name) {
		return wire.Errorf(contractv1.Error_INVALID, "A name has 1 to %d bytes and no control characters.", wire.MaxDisplayName)
	}
	d.write.Lock()
	defer d.write.Unlock()
	v, ok := d.device(user, r.Id)
	if !ok || v.RevokedMS != 0 {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "The account has no device %q.", r.Id)
	}
	if v.Name == r.Name {
		return nil
	}
	v.Name = r.Name
	if err := d.put(ctx, "dev."+user+"."+r.Id, &v); err != nil {
		return err
	}
	d.s.pushDevices(user)
	return nil
}

// recovery makes the code that restores an account; it replaces an older one.
func (d *directory) recovery(ctx context.Context, user, device string) (*contractv1.Recovery, error) {
	d.write.Lock()
	defer d.write.Unlock()
	v, ok := d.user(user)
	if !ok {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "There is no such account.")
	}
	l := d.s.Link()
	l.Recovery = secret(recoveryBytes)
	v.Recovery, v.RecoveryBy = hash(l.Recovery), device
	if err := d.put(ctx, "user."+user, &v); err != nil {
		return nil, err
	}
	return &contractv1.Recovery{Code: l.String(), CreatedMs: d.s.nowMS()}, nil
}

// recover makes a device one of the account that its code restores. Roster,
// groups, name and what is kept of conversations are the account's and so come
// with it. The code is burnt only when the device is there: a crash between the
// two must not cost the last way in. Other devices hear of the new one; contacts
// do not, since only the person can have the code.
func (d *directory) recover(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	if !wire.ValidToken(r.Code) {
		return nil, errRecovery
	}
	h, user := hash(r.Code), ""
	d.mu.RLock()
	for name, u := range d.users {
		if u.Recovery == h {
			user = name
		}
	}
	d.mu.RUnlock()
	if user == "" {
		return nil, errRecovery
	}
	if err := d.s.barred(user); err != nil {
		return nil, err
	}
	if len(d.deviceList(user, "").Devices) >= d.s.o.Devices {
		return nil, wire.Errorf(contractv1.Error_TOO_LARGE, "The account has %d devices; remove one on a device you have, or ask the network's owner.", d.s.o.Devices)
	}
	answer, err := d.addDevice(ctx, key, user, r.DeviceName)
	if err != nil {
		return nil, err
	}
	return answer, d.burnRecovery(ctx, user, r.Code)
}

func (d *directory) burnRecovery(ctx context.Context, user, code string) error {
	v, ok := d.user(user)
	if !ok || v.Recovery != hash(code) {
		return nil
	}
	v.Recovery = ""
	return d.put(ctx, "user."+user, &v)
}

var errRecovery = wire.Errorf(contractv1.Error_NOT_FOUND,
	"This recovery code is wrong, was used, or was replaced by a newer one; the network's owner can reset the account.")

// deviceOp answers what concerns the devices of the one who asks.
func (s *Server) deviceOp(ctx context.Context, c caller, op string, data []byte) ([]byte, error) {
	switch op {
	case wire.OpRename:
		var r contractv1.DeviceRename
		if err := unmarshal(data, &r); err != nil {
			return nil, err
		}
		return nil, s.dir.rename(ctx, c.user, &r)
	case wire.OpLinked:
		var a contractv1.JoinAnswer
		if err := unmarshal(data, &a); err != nil {
			return nil, err
		}
		return nil, s.dir.answerLink(ctx, c.user, &a)
	}
	r, err := s.dir.recovery(ctx, c.user, c.device)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(r)
}
