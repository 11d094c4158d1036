package server

import (
	"context"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// profile changes what belongs to an account; absent fields stay. Avatars are
// blobs, which this network does not carry.
func (d *directory) profile(ctx context.Context, user string, p *contractv1.ProfileChange) error {
	if p.Avatar != nil {
		return wire.Errorf(contractv1.Error_INVALID, "This network does not keep pictures of people.")
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
	if p.AskGroups != nil {
		v.AskGroups = *p.AskGroups
	}
	if v == before {
		return nil
	}
	if err := d.put(ctx, "user."+user, &v); err != nil {
		return err
	}
	if v.Name == before.Name {
		return nil
	}
	for _, contact := range d.known(user) {
		if c := d.contact(contact, user); d.open(user, contact) && c.Name == v.Name {
			d.s.push(contact, wire.PushRoster, &contractv1.Roster{Contacts: []*contractv1.Contact{c}})
		}
	}
	return nil
}
