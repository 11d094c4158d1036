package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"switchboard/host/catalog"
	"switchboard/host/policy"
	"switchboard/host/session"
	"switchboard/host/settings"
	"switchboard/host/supervise"
	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// entry finds an installed plugin.
func (a *App) entry(id string) (catalog.Entry, bool) {
	i := slices.IndexFunc(a.catalog, func(e catalog.Entry) bool { return e.ID == id })
	if i < 0 {
		return catalog.Entry{}, false
	}
	return a.catalog[i], true
}

// Manifest of an installed plugin that can be used.
func (a *App) Manifest(id string) (*manifest.Manifest, bool) {
	e, ok := a.entry(id)
	if !ok || e.Err != nil {
		return nil, false
	}
	return e.Manifest, true
}

// plugins is the catalog as the engine sees it.
type plugins App

// Manifest finds a usable plugin's manifest.
func (p *plugins) Manifest(id string) (*manifest.Manifest, bool) { return (*App)(p).Manifest(id) }

// Enabled tells whether a plugin may run, and if not why.
func (p *plugins) Enabled(id string) (bool, string) { return (*App)(p).enabled(id) }

func (a *App) enabled(id string) (bool, string) {
	e, ok := a.entry(id)
	switch {
	case !ok:
		return false, fmt.Sprintf("the plugin %s is not installed here", id)
	case e.Err != nil:
		return false, fmt.Sprintf("the plugin %s cannot be used: %v", id, e.Err)
	}
	if v := a.decide(a.question(policy.AskEnable, e)); !v.Allowed {
		return false, v.Reason
	}
	if !a.settings.Bool(enabledKey(id)) {
		return false, e.Manifest.Name + " is switched off"
	}
	for _, g := range e.Manifest.Grants {
		if !g.Optional {
			if v := a.decide(a.grantQuestion(e, g.Name)); !v.Allowed {
				return false, v.Reason
			}
		}
	}
	return true, ""
}

func enabledKey(id string) string { return "enabled." + id }

func settingKey(id, key string) string { return "plugin." + id + "." + key }

func (a *App) decide(q policy.Question) policy.Verdict {
	if e, ok := a.entry(q.Plugin); ok && e.Manifest != nil {
		q.Version, q.Publisher, q.Origin = e.Manifest.Version, e.Manifest.Publisher, e.Origin
	}
	return a.policy.Load().Decide(q)
}

func (a *App) question(ask policy.Ask, e catalog.Entry) policy.Question {
	return policy.Question{Ask: ask, Plugin: e.ID}
}

func (a *App) grantQuestion(e catalog.Entry, grant string) policy.Question {
	return policy.Question{Ask: policy.AskGrant, Plugin: e.ID, Grant: grant, Name: grant}
}

// permit is policy for the engine.
func (a *App) permit(p session.Permission, plugin string) (bool, string) {
	q := policy.Question{Plugin: plugin}
	switch p {
	case session.PermitSend:
		q.Ask = policy.AskSend
	case session.PermitOffer:
		q.Ask = policy.AskOffer
	case session.PermitCommand:
		q.Ask = policy.AskCommand
	case session.PermitPeers:
		q.Ask, q.Grant, q.Name = policy.AskGrant, manifest.GrantPeers, manifest.GrantPeers
	default:
		return false, fmt.Sprintf("this host cannot decide about %q", p) // never open by omission
	}
	v := a.decide(q)
	return v.Allowed, v.Reason
}

func (a *App) locked(key string) (value, message string, locked bool) {
	return a.policy.Load().Locked(key)
}

// checkLock says whether a lock in the policy means something here. What is
// locked of a plugin that is not installed does nothing and is fine.
func (a *App) checkLock(key, value string) error {
	if rest, ok := strings.CutPrefix(key, "plugin."); ok {
		id, _, _ := strings.Cut(rest, ".")
		if _, installed := a.entry(id); !installed {
			return nil
		}
	}
	return a.settings.Check(key, value)
}

// defineSettings makes the plugins' settings known.
func (a *App) defineSettings() {
	for _, e := range a.catalog {
		if e.Err != nil {
			continue
		}
		defs := []settings.Def{{Hidden: true, Setting: model.Setting{Key: enabledKey(e.ID), Title: e.Manifest.Name,
			Kind: model.BoolSetting, Default: strconv.FormatBool(e.DefaultOn())}}}
		for _, s := range e.Manifest.Settings {
			row := model.Setting{Key: settingKey(e.ID, s.Key), Title: s.Title, Help: s.Help, Page: e.Manifest.Name, Section: s.Section,
				Kind: model.SettingKind(s.Kind), Default: s.Default, Min: s.Min, Max: s.Max}
			for _, c := range s.Choices {
				row.Choices = append(row.Choices, model.Choice{ID: c.ID, Text: c.Text})
			}
			defs = append(defs, settings.Def{Setting: row})
		}
		a.settings.Define(defs)
	}
}

// enableAll makes every enabled plugin known to the supervisor; it starts the
// resident ones itself.
func (a *App) enableAll() {
	for _, e := range a.catalog {
		if on, _ := a.enabled(e.ID); on {
			a.sup.Set(a.spec(e))
		}
	}
}

// quotaOf is what a plugin may keep: what the rules say, or else what fits where
// it comes from.
func quotaOf(e catalog.Entry, rules *policy.Policy) int64 {
	if n := rules.Quota(e.ID); n > 0 {
		return n
	}
	if e.Origin == catalog.User {
		return supervise.DefaultQuota
	}
	return supervise.InstalledQuota
}

func (a *App) spec(e catalog.Entry) supervise.Spec {
	m := e.Manifest
	var grants []string
	for _, g := range m.Grants {
		if a.decide(a.grantQuestion(e, g.Name)).Allowed {
			grants = append(grants, g.Name)
		}
	}
	return supervise.Spec{Manifest: m, Dir: e.Dir, DataDir: a.profile.PluginData(e.ID), Quota: quotaOf(e, a.policy.Load()), Grants: grants, Hello: func() *contractv1.Hello {
		h := &contractv1.Hello{Contract: contractv1.Contract, HostVersion: Version, PluginId: m.ID,
			DataDir: a.profile.PluginData(m.ID), Locale: locale(a.settings.Get("appearance.language")), Grants: grants}
		for key, value := range a.settings.With("plugin." + m.ID + ".") {
			h.Settings = append(h.Settings, &contractv1.SettingValue{Key: key, Value: value})
		}
		return h
	}}
}

// capabilities are what presence announces: every protocol that every enabled
// feature accepts.
func (a *App) capabilities() []string {
	var list []string
	for _, e := range a.catalog {
		if e.Err != nil || e.Manifest.Kind != manifest.Feature {
			continue
		}
		if on, _ := a.enabled(e.ID); !on {
			continue
		}
		list = append(list, e.Manifest.Capability())
		for _, p := range e.Manifest.Accepts {
			if p != e.Manifest.Protocol {
				list = append(list, e.ID+"/"+strconv.Itoa(p))
			}
		}
	}
	slices.Sort(list)
	return list[:min(len(list), contractv1.MaxCapabilities)]
}

// Plugin does one of: enable, disable, restart.
func (a *App) Plugin(ctx context.Context, op, id string) error {
	e, ok := a.entry(id)
	if !ok {
		return fmt.Errorf("there is no plugin %s", id)
	}
	defer a.rebuild()
	switch op {
	case "enable":
		return a.setEnabled(ctx, e, true)
	case "disable":
		return a.setEnabled(ctx, e, false)
	case "restart":
		if on, why := a.enabled(id); !on {
			return errors.New(why)
		}
		return a.sup.Restart(ctx, id)
	}
	return fmt.Errorf("a plugin can be enabled, disabled or restarted, not %q", op)
}

// setEnabled switches one plugin; switching the same plugin twice at a time
// happens one after the other.
func (a *App) setEnabled(ctx context.Context, e catalog.Entry, on bool) error {
	if e.Err != nil {
		return fmt.Errorf("%s cannot be used: %w", e.ID, e.Err)
	}
	turn := a.turn(e.ID)
	turn.Lock()
	defer turn.Unlock()
	if on {
		if v := a.decide(a.question(policy.AskEnable, e)); !v.Allowed {
			return errors.New(v.Reason)
		}
	}
	was, _ := a.enabled(e.ID)
	if err := a.settings.Set(enabledKey(e.ID), strconv.FormatBool(on)); err != nil {
		return err
	}
	now, why := a.enabled(e.ID)
	switch {
	case now && !was:
		a.sup.Set(a.spec(e))
		a.engine.PluginEnabled(e.ID)
		a.pluginChanged(e.ID)
	case !now && was:
		a.engine.PluginDisabled(e.ID, why)
		a.sup.Remove(ctx, e.ID)
		a.hub.tell(&controlv1.Event{Type: "plugin", Plugin: e.ID, State: string(model.Disabled), Reason: why})
	}
	if now != was {
		a.capabilitiesChanged(e)
	}
	if on && !now {
		return errors.New(why)
	}
	return nil
}

func (a *App) turn(id string) *sync.Mutex {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.switches[id]
	if m == nil {
		m = &sync.Mutex{}
		a.switches[id] = m
	}
	return m
}

// capabilitiesChanged announces what others can do with me now.
func (a *App) capabilitiesChanged(e catalog.Entry) {
	if e.Manifest.Kind == manifest.Network {
		a.net.poke()
		return
	}
	a.announce()
}

// announce sends my presence if the network is there; it goes with the next
// sign-in otherwise.
func (a *App) announce() {
	a.spawn(func() {
		ctx, cancel := context.WithTimeout(a.ctx, 10*time.Second)
		defer cancel()
		if a.Snapshot().Connection.State != model.Connected {
			return
		}
		if _, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Presence{Presence: a.presenceToSend()}}); err != nil {
			a.log.Warn("presence could not be announced", "error", err)
		}
	})
}

// pluginChanged is the supervisor's word that a status changed.
func (a *App) pluginChanged(id string) {
	s := a.sup.Status(id)
	a.hub.tell(&controlv1.Event{Type: "plugin", Plugin: id, State: string(s.State), Reason: s.Reason})
	a.changed()
}

// settingChanged hands a setting to whom it concerns.
func (a *App) settingChanged(key, value string) {
	if rest, ok := strings.CutPrefix(key, "plugin."); ok {
		if id, name, ok := strings.Cut(rest, "."); ok {
			frame := &contractv1.HostFrame{Body: &contractv1.HostFrame_Setting{Setting: &contractv1.SettingValue{Key: name, Value: value}}}
			if err := a.sup.Send(id, frame); err != nil && !errors.Is(err, supervise.ErrNotRunning) && !errors.Is(err, supervise.ErrUnknown) {
				a.log.Warn("setting could not be handed on", "plugin", id, "key", name, "error", err)
			}
		}
	}
	if strings.HasPrefix(key, "network.") {
		a.setWay()
	}
	if strings.HasPrefix(key, "presence.") {
		a.pokeAway()
	}
	if key == keyEcho {
		a.spawn(a.echoSwitched)
	}
	if key == "groups.ask" {
		a.tellAskGroups()
	}
	a.changed()
}

// SetSetting changes one setting, of the host or of a plugin.
func (a *App) SetSetting(_ context.Context, key, value string) error {
	if v := a.decide(policy.Question{Ask: policy.AskSetting, Name: key, Value: value}); !v.Allowed {
		return errors.New(v.Reason)
	}
	if strings.HasPrefix(key, "enabled.") {
		return fmt.Errorf("plugins are switched on and off with: plugin enable, plugin disable")
	}
	err := a.settings.Set(key, value)
	a.rebuild()
	return err
}
