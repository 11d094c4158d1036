package app

import (
	"context"
	"errors"
	"strings"
	"time"

	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Bounds of what the network tells about devices that wait.
const (
	maxLinkRequests = 64
	maxLinkText     = 256 // bytes of a name or a sentence
	maxDigits       = 16
)

// cutText makes something that somebody else wrote fit to be kept and shown.
func cutText(s string, most int) string {
	s = strings.ToValidUTF8(s, "?")
	for i := range s {
		if i > most-4 {
			return s[:i]
		}
	}
	return s
}

// linksChanged takes the devices that wait to be let into the account.
func (a *App) linksChanged(l *contractv1.JoinRequests) {
	now := make([]model.LinkRequest, 0, min(len(l.Requests), maxLinkRequests))
	for _, r := range l.Requests[:min(len(l.Requests), maxLinkRequests)] {
		now = append(now, model.LinkRequest{ID: cutText(r.Id, maxLinkText), Computer: cutText(r.Computer, maxLinkText),
			Digits: cutText(r.Digits, maxDigits), Time: time.UnixMilli(r.TimeMs)})
	}
	a.mu.Lock()
	known := map[string]bool{}
	for _, r := range a.people.links {
		known[r.ID] = true
	}
	a.people.links = now
	a.mu.Unlock()
	for _, r := range now {
		if known[r.ID] {
			delete(known, r.ID)
			continue
		}
		a.hub.tell(&controlv1.Event{Type: "link", Id: r.ID, Text: r.Digits, Device: r.Computer, State: "asks"})
		a.tellAsking(r.ID, a.says("A device asks to be linked"), a.says("%s shows %s", r.Computer, r.Digits))
	}
	for id := range known {
		a.hub.tell(&controlv1.Event{Type: "link", Id: id, State: "over"})
	}
	a.changed()
}

// signUpWaits takes the word that a sign-up waits to be let in elsewhere.
func (a *App) signUpWaits(p *contractv1.SignUpProgress) {
	now := &model.SignUp{Digits: cutText(p.Digits, maxDigits), Detail: cutText(p.Detail, maxLinkText)}
	a.mu.Lock()
	if p.SignUpId == "" || p.SignUpId != a.people.signing {
		a.mu.Unlock()
		return // of one that was given up
	}
	a.people.signUp = now
	a.mu.Unlock()
	a.hub.tell(&controlv1.Event{Type: "sign-up", Text: now.Digits, Reason: now.Detail, State: "waiting"})
	a.changed()
}

// signing notes which sign-up is under way; "" that none is.
func (a *App) signing(id string) {
	a.mu.Lock()
	a.people.signing, a.people.signUp = id, nil
	a.mu.Unlock()
	a.changed()
}

// AskLink makes a code and a link with which a further device asks to be let in.
func (a *App) AskLink(ctx context.Context) (model.LinkCode, error) {
	if err := a.mayAsk(); err != nil {
		return model.LinkCode{}, err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceLink{DeviceLink: &contractv1.DeviceLink{Ask: true}}})
	if err != nil {
		return model.LinkCode{}, err
	}
	c := reply.GetDeviceCode()
	if c.GetCode() == "" {
		return model.LinkCode{}, errors.New("the network made no code")
	}
	return model.LinkCode{Code: c.Code, Link: c.Link, Expires: time.UnixMilli(c.ExpiresMs)}, nil
}

// AnswerLink lets a device that waits into the account, or not.
func (a *App) AnswerLink(ctx context.Context, id string, allow bool) error {
	if err := a.mayAsk(); err != nil {
		return err
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_LinkAnswer{LinkAnswer: &contractv1.JoinAnswer{Id: id, Allow: allow}}})
	return err
}

// RenameDevice gives a device of mine another name.
func (a *App) RenameDevice(ctx context.Context, id, name string) error {
	if err := a.mayAsk(); err != nil {
		return err
	}
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_DeviceRename{
		DeviceRename: &contractv1.DeviceRename{Id: id, Name: strings.TrimSpace(name)}}})
	return err
}

// CreateRecovery makes a recovery code, which replaces an older one. It is kept
// nowhere but where the person puts it.
func (a *App) CreateRecovery(ctx context.Context) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Recovery{Recovery: &contractv1.RecoveryCreate{}}})
	if err != nil {
		return "", err
	}
	link := reply.GetRecovery().GetCode()
	if link == "" {
		return "", errors.New("the network made no recovery code")
	}
	a.recoveryKnown(true)
	return link, nil
}

// keptRecovery is what is kept of recovery: whether a code exists as far as is
// known, and where the one offer of it stands.
type keptRecovery struct {
	Exists bool
	Wrote  []string // conversations in which I wrote and nobody has answered yet
	Due    bool     // the first conversation took place
	Done   bool     // offered, and answered in one way or the other
}

// maxWrote bounds the conversations that are remembered until one is answered.
const maxWrote = 32

// offer says whether a recovery code is to be offered now.
func (k *keptRecovery) offer() bool { return k.Due && !k.Done && !k.Exists }

// recoveryKnown takes whether a recovery code exists. Once there was one the
// person knows of it: it is not offered again, unless using it burns it.
func (a *App) recoveryKnown(exists bool) {
	a.changeRecovery(func(k *keptRecovery) bool {
		if k.Exists == exists && (!exists || k.Done) {
			return false
		}
		k.Exists, k.Done, k.Wrote = exists, k.Done || exists, nil
		return true
	})
}

// talked follows conversations until the first message was sent and answered.
func (a *App) talked(conversation, from string, mine bool) {
	if conversation == "" {
		return
	}
	a.changeRecovery(func(k *keptRecovery) bool {
		if k.Due || k.Done {
			return false
		}
		at := -1
		for i, c := range k.Wrote {
			if c == conversation {
				at = i
			}
		}
		switch {
		case mine && at < 0 && len(k.Wrote) < maxWrote:
			k.Wrote = append(k.Wrote, conversation)
		case !mine && from != "" && at >= 0:
			k.Due, k.Wrote = true, nil
		default:
			return false
		}
		return true
	})
}

// DismissRecovery ends the offer of a recovery code for good; it never blocks.
func (a *App) DismissRecovery() {
	a.changeRecovery(func(k *keptRecovery) bool {
		was := k.Done
		k.Done, k.Wrote = true, nil
		return !was
	})
}

// changeRecovery changes what is kept of recovery, and keeps it soon: what is
// lost with a crash here is an offer that comes once more.
func (a *App) changeRecovery(change func(k *keptRecovery) bool) {
	a.mu.Lock()
	now := a.people.recovery
	now.Wrote = append([]string(nil), now.Wrote...)
	if !change(&now) {
		a.mu.Unlock()
		return
	}
	offered := !a.people.recovery.offer() && now.offer()
	a.people.recovery = now
	a.mu.Unlock()
	a.spawn(a.keepRecovery)
	if offered {
		a.hub.tell(&controlv1.Event{Type: "recovery", State: "offered"})
	}
	a.changed()
}

// keepRecovery writes what is so now; the last to write has the last word.
func (a *App) keepRecovery() {
	a.recoveryMu.Lock()
	defer a.recoveryMu.Unlock()
	a.mu.Lock()
	now := a.people.recovery
	a.mu.Unlock()
	if err := a.save(keyRecovery, now); err != nil {
		a.log.Error("the state of recovery could not be kept", "error", err)
	}
}

// offerAfter settles the offer of a recovery code on a device that came to an
// account that was there: a code that was used is to be replaced, and an account
// whose devices were all lost needs one. Otherwise it is the first device's.
func (a *App) offerAfter(ctx context.Context, s *contractv1.SignUp) {
	if s.DeviceCode == "" && !model.OpensAccount(s.Link) {
		return
	}
	due := model.Restores(s.Link)
	if !due {
		list, err := a.Devices(ctx)
		due = err == nil && len(list) == 1
	}
	a.changeRecovery(func(k *keptRecovery) bool {
		*k = keptRecovery{Exists: k.Exists, Due: due, Done: !due}
		return true
	})
}
