package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"switchboard/host/session"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// people is the account and whom it knows. It is guarded by App.mu.
type people struct {
	account    *model.Account
	network    string        // the plugin that made the account
	retention  time.Duration // how long the network keeps messages, 0 for ever or unknown
	connection model.Connection
	presence   model.Presence // mine, as set
	contacts   map[string]model.Contact
	sorted     []string // addresses by name; nil when contacts have changed
	locale     string   // in which names are sorted
	presences  map[string]model.Presence
	devices    []model.Device
	links      []model.LinkRequest // replaced, never changed
	signing    string              // id of the sign-up under way
	signUp     *model.SignUp       // while it waits; replaced, never changed
	recovery   keptRecovery
	joins      []model.JoinRequest          // replaced, never changed
	groups     map[string]*contractv1.Group // by id; values and map are replaced, never changed
	rooms      map[string]session.Group     // by conversation, as the engine is told
	groupRows  []model.GroupInfo            // as the window is told; nil when they have changed
	drawn      map[string]drawnGroup        // rows as they were made last
	known      map[string]string            // names of members; nil when groups have changed
	watch      map[string]string            // by address: once or always
	since      time.Time                    // when the network was reached last
	idle       bool                         // nobody is at this device
	idleTold   bool                         // what the network was told of that
	quota      int64                        // bytes of blobs that I may keep at the network, and do
	used       int64
}

func (p *people) init() {
	p.contacts = map[string]model.Contact{}
	p.presences = map[string]model.Presence{}
	p.setGroups(map[string]*contractv1.Group{})
	p.connection = model.Connection{State: model.NoAccount}
	p.presence = model.Presence{Status: model.Available}
}

// Keys of what the app itself keeps in the store.
const (
	keyAccount  = "app.account"
	keyPresence = "app.presence"
	keySetUp    = "app.setup"
	keyDevices  = "app.devices"
	keyRecovery = "app.recovery"
	keyWatch    = "app.watch"
	windowKeys  = "window."
)

// savedAccount is how the account is kept.
type savedAccount struct {
	model.Account
	Plugin string
}

func (a *App) loadPeople(ctx context.Context) error {
	var saved savedAccount
	found, err := a.load(keyAccount, &saved)
	if err != nil {
		return err
	}
	p := &a.people
	if found {
		p.account, p.network = &saved.Account, saved.Plugin
		p.connection = model.Connection{State: model.Connecting}
	}
	if _, err := a.load(keyPresence, &p.presence); err != nil {
		return err
	}
	if _, err := a.load(keyDevices, &p.devices); err != nil {
		return err
	}
	if _, err := a.load(keyRecovery, &p.recovery); err != nil {
		return err
	}
	if _, err := a.load(keyWatch, &p.watch); err != nil {
		return err
	}
	contacts, err := a.store.Contacts(ctx)
	if err != nil {
		return fmt.Errorf("the contacts cannot be read: %w", err)
	}
	for _, c := range contacts {
		p.contacts[c.Address] = contactOf(c)
	}
	return a.loadGroups(ctx)
}

// load reads a value that the app keeps; found is false when there is none.
func (a *App) load(key string, into any) (found bool, err error) {
	text, found, err := a.store.Value(a.ctx, key)
	if err != nil || !found {
		return false, err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return false, fmt.Errorf("%s in the store cannot be understood: %w", key, err)
	}
	return true, nil
}

func (a *App) save(key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s cannot be kept: %w", key, err)
	}
	return a.store.SetValue(a.ctx, key, string(data))
}

func contactOf(c *contractv1.Contact) model.Contact {
	states := map[contractv1.Contact_State]model.ContactState{
		contractv1.Contact_REQUESTED: model.Requested, contractv1.Contact_REQUEST: model.Request,
		contractv1.Contact_FRIEND: model.Friend, contractv1.Contact_BLOCKED: model.Blocked,
	}
	one := model.Contact{Address: c.Address, Name: c.Name, State: states[c.State], Greeting: c.Text, Conversation: c.Conversation,
		Avatar: blobHash(c.Avatar)}
	if c.NewKeysMs > 0 {
		one.NewKeys = time.UnixMilli(c.NewKeysMs)
	}
	return one
}

// maxContacts bounds what a network can make the host remember.
const maxContacts = 20_000

// rosterChanged takes the whole roster or what changed of it.
func (a *App) rosterChanged(r *contractv1.Roster) {
	a.mu.Lock()
	p := &a.people
	before := p.contacts
	now := make(map[string]model.Contact, len(before))
	if !r.Full {
		for k, v := range before {
			now[k] = v
		}
	}
	var keep []*contractv1.Contact
	var gone []string
	for _, c := range r.Contacts {
		switch {
		case c.State == contractv1.Contact_REMOVED:
			delete(now, c.Address)
			gone = append(gone, c.Address)
			keep = append(keep, c)
		case c.State == contractv1.Contact_STATE_UNSPECIFIED || c.Address == "" || len(now) >= maxContacts:
		default:
			now[c.Address] = contactOf(c)
			keep = append(keep, c)
		}
	}
	if r.Full {
		for address := range before {
			if _, still := now[address]; !still {
				gone = append(gone, address)
			}
		}
	}
	p.contacts, p.sorted = now, nil
	var told []model.Contact
	for address, c := range now {
		if !samePerson(before[address], c) {
			told = append(told, c)
		}
	}
	if len(told)+len(gone) > 0 { // their names stand in the groups
		p.drawn = nil
		p.setGroups(p.groups)
	}
	a.mu.Unlock()
	if err := a.store.SaveContacts(a.ctx, r.Full, keep); err != nil {
		a.log.Error("contacts could not be kept", "error", err)
	}
	for _, c := range told {
		a.fetchAhead(c.Avatar)
		a.hub.tell(contactEvent(c, string(c.State)))
	}
	for _, address := range gone {
		a.hub.tell(contactEvent(model.Contact{Address: address}, "removed"))
	}
	a.changed()
}

func samePerson(x, y model.Contact) bool {
	return x.Address == y.Address && x.Name == y.Name && x.State == y.State && x.Greeting == y.Greeting && x.Conversation == y.Conversation &&
		x.NewKeys.Equal(y.NewKeys) && x.Avatar == y.Avatar
}

var statusNames = map[contractv1.SetPresence_Status]model.Status{
	contractv1.SetPresence_AVAILABLE: model.Available, contractv1.SetPresence_AWAY: model.Away, contractv1.SetPresence_BUSY: model.Busy,
	contractv1.SetPresence_INVISIBLE: model.Invisible, contractv1.SetPresence_OFFLINE: model.Offline,
}

func statusCode(s model.Status) contractv1.SetPresence_Status {
	for code, name := range statusNames {
		if name == s {
			return code
		}
	}
	return contractv1.SetPresence_AVAILABLE
}

// presenceChanged takes a contact's presence, or mine as another device set it.
func (a *App) presenceChanged(c *contractv1.PresenceChange) {
	now := model.Presence{Status: statusNames[c.Status], Text: c.Text, Capabilities: slices.Clone(c.Capabilities)}
	if now.Status == "" || now.Status == model.Invisible && !c.Mine {
		now.Status = model.Offline
	}
	a.mu.Lock()
	p := &a.people
	if c.Mine {
		if now.Status == model.Offline {
			a.mu.Unlock()
			return // a device of mine went away: what I set stays
		}
		p.presence = model.Presence{Status: now.Status, Text: now.Text}
		a.mu.Unlock()
		if err := a.save(keyPresence, model.Presence{Status: now.Status, Text: now.Text}); err != nil {
			a.log.Error("presence could not be kept", "error", err)
		}
		a.changed()
		a.pokeAway()
		return
	}
	before, known := p.presences[c.Address]
	if now.Status == model.Offline && len(now.Capabilities) == 0 {
		now.Capabilities = before.Capabilities // last known
	}
	if !known && len(p.presences) >= maxContacts {
		a.mu.Unlock()
		return
	}
	p.presences[c.Address] = now
	a.mu.Unlock()
	if before.Status != now.Status || before.Text != now.Text {
		a.hub.tell(presenceEvent(c.Address, now))
	}
	if now.Status != model.Offline && (before.Status == model.Offline || before.Status == "") {
		a.cameOnline(c.Address)
	}
	a.changed()
}

// nobodyThere is what we know of others while we are away from the network.
func (p *people) nobodyThere() {
	for address, one := range p.presences {
		one.Status = model.Offline
		p.presences[address] = one
	}
}

// connectionChanged takes what the network plugin, or its end, says.
func (a *App) connectionChanged(c model.Connection) {
	a.mu.Lock()
	p := &a.people
	before := p.connection
	if p.account == nil {
		c = model.Connection{State: model.NoAccount}
	}
	p.connection = c
	if c.State == model.Connected && before.State != model.Connected {
		p.since = a.alerts.now()
	}
	if c.State != model.Connected {
		p.nobodyThere()
		p.links = nil // told anew when the network is back
	}
	a.mu.Unlock()
	if before.State != c.State || before.Detail != c.Detail {
		a.hub.tell(connectionEvent(c))
	}
	if before.State != c.State {
		a.blobsOnline(c.State == model.Connected)
		a.tellAskGroups()
		a.pokeAway()
	}
	a.changed()
}

func connectionOf(c *contractv1.ConnectionChanged) model.Connection {
	states := map[contractv1.ConnectionChanged_State]model.ConnectionState{
		contractv1.ConnectionChanged_CONNECTING: model.Connecting, contractv1.ConnectionChanged_CONNECTED: model.Connected,
		contractv1.ConnectionChanged_OFFLINE: model.Disconnected, contractv1.ConnectionChanged_WRONG_KEY: model.WrongKey,
		contractv1.ConnectionChanged_REFUSED: model.RefusedState,
	}
	now := model.Connection{State: states[c.State], Detail: c.Detail}
	if now.State == "" {
		now.State = model.Connecting
	}
	if c.RetryMs > 0 {
		now.RetryAt = time.UnixMilli(c.RetryMs)
	}
	return now
}

// maxRetention bounds what a network can say of it, in seconds: a hundred years.
const maxRetention = 100 * 366 * 86400

// infoChanged takes the network's name and key as the plugin sees them now.
func (a *App) infoChanged(i *contractv1.NetworkInfo) {
	a.recoveryKnown(i.Recovery)
	a.mu.Lock()
	p := &a.people
	p.quota, p.used = max(i.BlobQuota, 0), max(i.BlobUsed, 0)
	p.retention = time.Duration(min(max(i.RetentionS, 0), maxRetention)) * time.Second
	if p.account == nil || i.Name == "" {
		a.mu.Unlock()
		return
	}
	changed := *p.account
	changed.Network, changed.Avatar = i.Name, blobHash(i.Avatar)
	if changed.NetworkKey == "" { // one that is pinned does not follow
		changed.NetworkKey = i.Key
	}
	same := changed == *p.account
	p.account = &changed
	saved := savedAccount{changed, p.network}
	a.mu.Unlock()
	if !same {
		if err := a.save(keyAccount, saved); err != nil {
			a.log.Error("account could not be kept", "error", err)
		}
		a.fetchAhead(changed.Avatar)
	}
	a.changed()
}

func devicesOf(l *contractv1.DeviceList) []model.Device {
	list := make([]model.Device, 0, len(l.Devices))
	for _, d := range l.Devices {
		one := model.Device{ID: d.Id, Name: d.Name, This: d.This, Online: d.Online}
		if d.LinkedMs > 0 {
			one.Linked = time.UnixMilli(d.LinkedMs)
		}
		if d.SeenMs > 0 {
			one.Seen = time.UnixMilli(d.SeenMs)
		}
		list = append(list, one)
	}
	return list
}

func (a *App) devicesChanged(list []model.Device) {
	a.mu.Lock()
	a.people.devices = list
	a.mu.Unlock()
	if err := a.save(keyDevices, list); err != nil {
		a.log.Error("devices could not be kept", "error", err)
	}
}

// self is this account and device.
func (a *App) self() (address, device string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.people.account == nil {
		return "", "", false
	}
	return a.people.account.Address, a.people.account.Device, true
}

// nameOf is a person's display name.
func (a *App) nameOf(address string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.people.nameOf(address)
}

func (p *people) nameOf(address string) string {
	if p.account != nil && p.account.Address == address && p.account.Name != "" {
		return p.account.Name
	}
	if c, ok := p.contacts[address]; ok && c.Name != "" {
		return c.Name
	}
	if name := p.groupNames()[address]; name != "" {
		return name
	}
	name, _, _ := strings.Cut(address, "@")
	return name
}

func (a *App) deviceName(id string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range a.people.devices {
		if d.ID == id && d.Name != "" {
			return d.Name
		}
	}
	return id
}

// capabilitiesOf are what a person's devices announce; known is false for
// somebody who has never been seen.
func (a *App) capabilitiesOf(address string) ([]string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, ok := a.people.presences[address]
	return p.Capabilities, ok && len(p.Capabilities) > 0
}
