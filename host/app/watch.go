package app

import (
	"context"
	"fmt"
	"maps"
	"strings"
)

// Modes of Watch.
const (
	watchOnce   = "once"
	watchAlways = "always"
	watchNever  = "never"
)

// Watch asks to be told when a contact comes online: once, always or never. It is
// on the disk when Watch returns and is known to this device alone.
func (a *App) Watch(_ context.Context, address, mode string) error {
	if mode != watchOnce && mode != watchAlways && mode != watchNever {
		return fmt.Errorf("a contact is watched once, always or never, not %q", mode)
	}
	a.watchMu.Lock() // one writing of the list at a time, in the order of the calls
	defer a.watchMu.Unlock()
	a.mu.Lock()
	if a.people.account != nil && !strings.Contains(address, "@") { // a user's name alone
		_, network, _ := strings.Cut(a.people.account.Address, "@")
		address += "@" + network
	}
	_, known := a.people.contacts[address]
	list := maps.Clone(a.people.watch)
	a.mu.Unlock()
	if !known && mode != watchNever {
		return fmt.Errorf("%s is not among your contacts; add them first", address)
	}
	if list == nil {
		list = map[string]string{}
	}
	if mode == watchNever {
		delete(list, address)
	} else {
		list[address] = mode
	}
	if err := a.save(keyWatch, list); err != nil {
		return err
	}
	a.mu.Lock()
	a.people.watch = list
	a.mu.Unlock()
	a.changed()
	return nil
}
