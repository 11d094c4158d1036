package server

import (
	"context"
	"sort"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// deviceList is what a user sees of its devices; asked by one of them.
func (d *directory) deviceList(user, asking string) *contractv1.DeviceList {
	d.mu.RLock()
	all := make([]deviceRecord, 0, len(d.devices[user]))
	for _, v := range d.devices[user] {
		if v.RevokedMS == 0 {
			all = append(all, *v)
		}
	}
	d.mu.RUnlock()
	sort.Slice(all, func(i, j int) bool {
		if all[i].LinkedMS != all[j].LinkedMS {
			return all[i].LinkedMS < all[j].LinkedMS
		}
		return all[i].ID < all[j].ID
	})
	l := &contractv1.DeviceList{}
	for _, v := range all {
		online := d.s.conns.has(user, v.ID)
		seen := v.SeenMS
		if online {
			seen = d.s.nowMS()
		}
		l.Devices = append(l.Devices, &contractv1.Device{
			Id: v.ID, Name: v.Name, LinkedMs: v.LinkedMS, SeenMs: seen, This: v.ID == asking, Online: online,
		})
	}
	return l
}

// link makes a one-shot code with which one more device joins the account. A
// new code replaces the one before.
func (d *directory) link(ctx context.Context, user string, ask bool) (*contractv1.DeviceCode, error) {
	d.write.Lock()
	defer d.write.Unlock()
	if len(d.deviceList(user, "").Devices) >= d.s.o.Devices {
		return nil, wire.Errorf(contractv1.Error_TOO_LARGE, "The account has %d devices; remove one first.", d.s.o.Devices)
	}
	if err := d.mayMake(user); err != nil {
		return nil, err
	}
	if err := d.dropCodes(ctx, user); err != nil {
		return nil, err
	}
	code := newCode()
	expires := d.s.nowMS() + codeLife.Milliseconds()
	if err := d.put(ctx, "code."+hash(wire.PlainCode(code)), &codeRecord{User: user, ExpiresMS: expires, Ask: ask}); err != nil {
		return nil, err
	}
	l := d.s.Link()
	l.Code = code
	return &contractv1.DeviceCode{Code: code, ExpiresMs: expires, Link: l.String()}, nil
}

// registerDevice adds a device by a code. The code is burnt before the device
// exists: a crash between the two costs a code, never opens a door twice.
func (d *directory) registerDevice(ctx context.Context, key string, r wire.Register) (*wire.Registered, error) {
	h := hash(wire.PlainCode(r.Code))
	d.mu.RLock()
	have := d.codes[h]
	d.mu.RUnlock()
	if have != nil && have.Used { // a repeat by the device that waits
		if _, j := d.joinOf(key); j != nil && j.Link && j.User == have.User && j.Digits == wire.LinkDigits(d.s.public, key, r.Code) {
			return d.joinStep(ctx, key, wire.Register{Op: wire.RegisterWait})
		}
	}
	if have == nil || have.Used {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND,
			"This code is wrong or has been used; make a new one on a device you have.")
	}
	v := *have
	if v.ExpiresMS < d.s.nowMS() {
		return nil, wire.Errorf(contractv1.Error_REFUSED, "This code has expired; make a new one on a device you have.")
	}
	if err := d.s.barred(v.User); err != nil {
		return nil, err
	}
	if len(d.deviceList(v.User, "").Devices) >= d.s.o.Devices {
		return nil, wire.Errorf(contractv1.Error_TOO_LARGE, "The account has %d devices; remove one first.", d.s.o.Devices)
	}
	v.Used = true
	if err := d.put(ctx, "code."+h, &v); err != nil {
		return nil, err
	}
	if v.Ask {
		return d.askLink(ctx, key, v.User, r)
	}
	return d.addDevice(ctx, key, v.User, r.DeviceName)
}

func (d *directory) addDevice(ctx context.Context, key, user, name string) (*wire.Registered, error) {
	if err := d.forgetRevoked(ctx, user); err != nil {
		return nil, err
	}
	dev := d.newDevice(user, key, name)
	if err := d.put(ctx, "dev."+user+"."+dev.ID, dev); err != nil {
		return nil, err
	}
	d.s.pushDevices(user)
	return d.s.registered(*dev), nil
}

// revoke locks a device out: its key opens nothing any more, its connections are
// cut, and so is the way back that it may have made for itself: the codes of the
// account, and the recovery code if this device made it and another removes it.
func (d *directory) revoke(ctx context.Context, c caller, id string) error {
	user := c.user
	d.write.Lock()
	defer d.write.Unlock()
	v, ok := d.device(user, id)
	if !ok {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "The account has no device %q.", id)
	}
	if v.RevokedMS == 0 {
		v.RevokedMS = d.s.nowMS()
		if err := d.put(ctx, "dev."+user+"."+id, &v); err != nil {
			return err
		}
	}
	if err := d.dropCodes(ctx, user); err != nil {
		return err
	}
	if u, ok := d.user(user); ok && u.Recovery != "" && u.RecoveryBy == id && c.device != id {
		u.Recovery, u.RecoveryBy = "", ""
		if err := d.put(ctx, "user."+user, &u); err != nil {
			return err
		}
	}
	d.s.conns.kick(user, id)
	d.s.pres.drop(user, id)
	d.s.pushDevices(user)
	return nil
}

// seen notes when a device was last here.
func (d *directory) seen(ctx context.Context, user, id string) {
	d.write.Lock()
	defer d.write.Unlock()
	v, ok := d.device(user, id)
	if !ok {
		return
	}
	v.SeenMS = d.s.nowMS()
	if err := d.put(ctx, "dev."+user+"."+id, &v); err != nil {
		d.s.o.Log.Debug("note a device", "error", err)
	}
}

func (s *Server) pushDevices(user string) {
	s.push(user, wire.PushDevices, s.dir.deviceList(user, ""))
}
