package app

import (
	"context"
	"errors"
	"fmt"

	"switchboard/host/control"
	"switchboard/host/policy"
	"switchboard/host/session"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// engineOptions joins the engine with what it needs.
func (a *App) engineOptions() session.Options {
	return session.Options{
		Store: a.store, Plugins: a.sup, Network: a.net, Views: a.views, Catalog: (*plugins)(a), Permit: a.permit,
		Self: a.self, Name: a.nameOf, DeviceName: a.deviceName, Capabilities: a.capabilitiesOf,
		Group: a.groupOf, MentionsAlways: func() bool { return a.settings.Bool("alerts.mentions") }, Keyword: a.keyword,
		Changed: a.changed, Notify: a.engineEvent, Log: a.log.Named("sessions"),
	}
}

// controlHost is the app as the control socket sees it: what was just changed
// stands in its snapshots.
type controlHost struct{ *App }

// Snapshot is the state now.
func (h controlHost) Snapshot() *model.Snapshot { return h.current() }

// Version is this program's.
func (h controlHost) Version() string { return Version }

// OpenView starts what is needed to show a session and keeps it until release.
func (a *App) OpenView(key model.SessionKey) (release func()) { return a.engine.OpenView(key) }

// View is the latest of an open view, nil when it is not open.
func (a *App) View(key model.SessionKey) *model.View { return a.views.View(key) }

// Compact is the last compact view, from the store; nil when there is none.
func (a *App) Compact(key model.SessionKey) *model.View { return a.engine.Compact(key) }

// Want asks for list items around an anchor.
func (a *App) Want(key model.SessionKey, list, anchor string, before, after int) {
	a.engine.Want(key, list, anchor, before, after)
}

// Seen tells which item was looked at.
func (a *App) Seen(key model.SessionKey, list, item string) { a.engine.Seen(key, list, item) }

// Focus tells whether the window has the focus and which conversation is open.
func (a *App) Focus(conversation string, focused bool) {
	a.alerts.look(conversation, focused)
	a.engine.Focus(conversation, focused)
}

// Edited hands over an editor's text as the person types.
func (a *App) Edited(key model.SessionKey, node, text string) { a.engine.Edited(key, node, text) }

// Act journals an action and hands it to the plugin.
func (a *App) Act(key model.SessionKey, action model.Action) error {
	a.views.Acted(key)
	return a.engine.Act(key, action)
}

// ActSoon is Act for the window: it never waits for the disk. What could not be
// done comes back through the view.
func (a *App) ActSoon(key model.SessionKey, action model.Action) error {
	a.views.Acted(key)
	return a.engine.ActSoon(key, action)
}

// CommandDone tells that view commands up to n were carried out.
func (a *App) CommandDone(key model.SessionKey, n uint64) { a.views.CommandDone(key, n) }

// Reconnect tries now.
func (a *App) Reconnect() {
	a.net.mu.Lock()
	a.net.signedIn = false // the plugin takes a repeated sign-in as "try now"
	a.net.mu.Unlock()
	a.net.poke()
}

// SetPresence keeps my presence and announces it, now or when the network is back.
func (a *App) SetPresence(ctx context.Context, s model.Status, text string) error {
	if len(text) > contractv1.MaxPresenceText {
		return fmt.Errorf("the text of a presence is at most %d bytes long", contractv1.MaxPresenceText)
	}
	if s == model.Offline || s == "" {
		return errors.New("a presence is available, away, busy or invisible")
	}
	if v := a.decide(policy.Question{Ask: policy.AskSend}); !v.Allowed {
		return errors.New(v.Reason)
	}
	mine := model.Presence{Status: s, Text: text}
	if err := a.save(keyPresence, mine); err != nil {
		return err
	}
	a.mu.Lock()
	a.people.presence = mine
	a.people.idle = false // somebody is here who chose this
	connected := a.people.connection.State == model.Connected
	a.mu.Unlock()
	a.changed()
	defer a.pokeAway()
	if !connected {
		return nil
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Presence{Presence: a.presenceToSend()}})
	return err
}

var rosterOps = map[string]contractv1.RosterChange_Op{
	"add": contractv1.RosterChange_REQUEST, "accept": contractv1.RosterChange_ACCEPT, "remove": contractv1.RosterChange_REMOVE,
	"block": contractv1.RosterChange_BLOCK, "unblock": contractv1.RosterChange_UNBLOCK, "rename": contractv1.RosterChange_RENAME,
}

// Contact does one of: add, accept, remove, block, unblock, rename.
func (a *App) Contact(ctx context.Context, op, address, text string) error {
	code, ok := rosterOps[op]
	if !ok {
		return fmt.Errorf("a contact can be added, accepted, removed, blocked, unblocked or renamed, not %q", op)
	}
	if address == "" {
		return errors.New("name somebody by address")
	}
	if err := a.mayAsk(); err != nil {
		return err
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Roster{Roster: &contractv1.RosterChange{Op: code, Address: address, Text: text}}})
	return err
}

// mayAsk refuses what leaves this computer before there is an account and when
// policy forbids it.
func (a *App) mayAsk() error {
	if _, _, ok := a.self(); !ok {
		return errors.New("there is no account here yet; set one up first")
	}
	if v := a.decide(policy.Question{Ask: policy.AskSend}); !v.Allowed {
		return errors.New(v.Reason)
	}
	return nil
}

// Session does one of: accept, decline, cancel, leave, end.
func (a *App) Session(ctx context.Context, op string, key model.SessionKey) error {
	ops := map[string]func(context.Context, model.SessionKey) error{
		"accept": a.engine.Accept, "decline": a.engine.Decline, "cancel": a.engine.Cancel, "leave": a.engine.Leave, "end": a.engine.End,
	}
	f := ops[op]
	if f == nil {
		return fmt.Errorf("a session can be accepted, declined, cancelled, left or ended, not %q", op)
	}
	err := f(ctx, key)
	a.changed()
	return err
}

// Offer starts a session of a plugin in a conversation. The action is the entry
// of the manifest that was pressed; its title is the session's.
func (a *App) Offer(ctx context.Context, conversation, plugin, action string) (model.SessionKey, error) {
	m, ok := a.Manifest(plugin)
	if !ok {
		return model.SessionKey{}, fmt.Errorf("there is no plugin %s", plugin)
	}
	title := m.Name
	for _, one := range m.Actions {
		if one.ID == action {
			title = one.Title
		}
	}
	key, err := a.engine.Offer(ctx, conversation, plugin, title, []byte(action))
	a.changed()
	return key, err
}

// Command runs a contributed command; with an empty plugin that of the first
// enabled plugin that contributes it.
func (a *App) Command(ctx context.Context, conversation, plugin, name string, args []byte) ([]byte, error) {
	if plugin == "" {
		for _, e := range a.catalog {
			if e.Err != nil {
				continue
			}
			if c, ok := e.Manifest.Command(name); ok && c.Session == (conversation != "") {
				plugin = e.ID
				if on, _ := a.enabled(e.ID); on {
					break
				}
			}
		}
	}
	if plugin == "" {
		return nil, fmt.Errorf("no plugin here knows the command %s", name)
	}
	if on, why := a.enabled(plugin); !on {
		return nil, errors.New(why)
	}
	if v := a.decide(policy.Question{Ask: policy.AskCommand, Plugin: plugin, Name: name}); !v.Allowed {
		return nil, errors.New(v.Reason)
	}
	if len(args) == 0 {
		args = []byte("{}")
	}
	return a.engine.Command(ctx, conversation, plugin, name, args)
}

// Invite makes an invitation to the network.
func (a *App) Invite(ctx context.Context) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Invite{Invite: &contractv1.InviteCreate{}}})
	if err != nil {
		return "", err
	}
	return reply.GetInvite().GetLink(), nil
}

// Devices lists the account's devices; the last known ones while offline.
func (a *App) Devices(ctx context.Context) ([]model.Device, error) {
	if _, _, ok := a.self(); !ok {
		return nil, errors.New("there is no account here yet; set one up first")
	}
	a.mu.Lock()
	last, connected := a.people.devices, a.people.connection.State == model.Connected
	a.mu.Unlock()
	if !connected && len(last) > 0 {
		return last, nil
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Devices{Devices: &contractv1.DevicesList{}}})
	if err != nil {
		return nil, err
	}
	list := devicesOf(reply.GetDevices())
	a.devicesChanged(list)
	return list, nil
}

// LinkDevice makes a one-shot code for a further device.
func (a *App) LinkDevice(ctx context.Context) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceLink{DeviceLink: &contractv1.DeviceLink{}}})
	if err != nil {
		return "", err
	}
	return reply.GetDeviceCode().GetCode(), nil
}

// RevokeDevice locks a device out for good.
func (a *App) RevokeDevice(ctx context.Context, id string) error {
	if err := a.mayAsk(); err != nil {
		return err
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceRevoke{DeviceRevoke: &contractv1.DeviceRevoke{Id: id}}})
	return err
}

// Row does one of: pin, unpin, mute-1h, mute-8h, mute, unmute, archive, unarchive.
func (a *App) Row(ctx context.Context, op, conversation string) error {
	err := a.engine.Row(ctx, op, conversation)
	a.changed()
	return err
}

// SetUp is what the first run asks.
type SetUp = control.SetUp
