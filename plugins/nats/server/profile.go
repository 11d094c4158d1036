package server

import (
	"context"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// profile changes what belongs to an account; absent fields stay. An
// avatar is a blob of the person's own.
func (d *directory) profile(ctx context.Context, user string, p *contractv1.ProfileChange) error {
	if p.Avatar != nil && *p.Avatar != "" {
		if r, ok := d.blob(user, *p.Avatar); !ok || !r.Done || r.Size > wire.MaxAvatar {
			return wire.Errorf(contractv1.Error_INVALID, "A picture of a person is put on the network first, and has at most %d KB.", wire.MaxAvatar>>10)
		}
	}
	if p.Name != nil && (*p.Name == "" || len(*p.Name) > wire.MaxDisplayName || !printable(*p.Name)) {
		return wire.Errorf(contractv1.Error_INVALID, "A name has 1 to %d bytes and no control characters.", wire.MaxDisplayName)
	}
	d.write.Lock()
	defer d.write.Unlock()
	v, ok := d.user(user)
	if !ok {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "There is no such account.")
	}
	before := v
	if p.Name != nil {
		v.Name = *p.Name
	}
	if p.Avatar != nil {
		v.Avatar = *p.Avatar
	}
	if p.AskGroups != nil {
		v.AskGroups = *p.AskGroups
	}
	if v == before {
		return nil
	}
	if err := d.put(ctx, "user."+user, &v); err != nil {
		return err
	}
	if v.Name == before.Name && v.Avatar == before.Avatar {
		return nil
	}
	for _, contact := range d.known(user) {
		if c := d.contact(contact, user); d.open(user, contact) && (c.Name == v.Name || v.Avatar != before.Avatar) {
			d.s.push(contact, wire.PushRoster, &contractv1.Roster{Contacts: []*contractv1.Contact{c}})
		}
	}
	return nil
}
