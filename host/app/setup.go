package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"switchboard/host/policy"
	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Times of setting up: making a network starts a server.
const (
	setUpTime   = 60 * time.Second
	admitTime   = 12 * time.Minute // where somebody may have to let this device in; longer than the network waits
	setUpOnline = 10 * time.Second // waited for the first sign-in, then left to it
)

// attempt is kept before the network is asked, so that the same try after a
// crash carries the same id and makes no second account.
type attempt struct{ Words, ID string }

// SetUp makes the account or links this device, and returns when the account is
// kept and, if that is quick, online.
func (a *App) SetUp(ctx context.Context, s SetUp) error {
	call, err := signUp(s)
	if err != nil {
		return err
	}
	return a.setUp(ctx, s, call)
}

func (a *App) setUp(ctx context.Context, s SetUp, call *contractv1.SignUp) error {
	turn := a.turn("setup ") // no plugin has such an id
	turn.Lock()
	defer turn.Unlock()
	if address, _, ok := a.self(); ok {
		return fmt.Errorf("this profile belongs to %s already; use another --profile for another account", address)
	}
	if v := a.decide(policy.Question{Ask: policy.AskSend}); !v.Allowed {
		return errors.New(v.Reason)
	}
	id, err := a.net.plugin()
	if err != nil {
		return err
	}
	if v := a.decide(policy.Question{Ask: policy.AskSend, Plugin: id}); !v.Allowed {
		return errors.New(v.Reason)
	}
	limit := setUpTime
	if call.Mode == contractv1.SignUp_FOUND || call.DeviceCode != "" || model.OpensAccount(call.Link) {
		limit = admitTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if call.Id, err = a.attemptID(s); err != nil {
		return err
	}
	a.signing(call.Id)
	defer a.signing("")
	if err := a.sup.Ensure(ctx, id); err != nil {
		return err
	}
	reply, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_SignUp{SignUp: call}})
	if err != nil {
		return err
	}
	if err := a.takeAccount(id, reply.GetAccount()); err != nil {
		return err
	}
	a.awaitOnline(ctx)
	a.offerAfter(ctx, call)
	a.rebuild()
	return nil
}

func signUp(s SetUp) (*contractv1.SignUp, error) {
	modes := map[string]contractv1.SignUp_Mode{"local": contractv1.SignUp_LOCAL, "invite": contractv1.SignUp_INVITE,
		"server": contractv1.SignUp_SERVER, "device": contractv1.SignUp_INVITE, "recover": contractv1.SignUp_RECOVER,
		"found": contractv1.SignUp_FOUND}
	mode, ok := modes[s.Mode]
	opens := s.DeviceCode != "" || s.Mode != "local" && model.OpensAccount(s.Link)
	switch {
	case !ok:
		return nil, fmt.Errorf("an account is made on local, by invite, on a server, on a network that was found, for a device or by recover, not %q", s.Mode)
	case s.Mode == "device" && !opens:
		return nil, errors.New("give the code that your other device shows")
	case s.Mode == "recover" && !opens:
		return nil, errors.New("give the recovery code: the whole link, as it was shown")
	case !opens && strings.TrimSpace(s.User) == "":
		return nil, errors.New("choose a user name")
	case s.Mode != "local" && s.Link == "":
		return nil, errors.New("give the invitation link or the server's address")
	}
	device := deviceName(s.DeviceName)
	name := s.Name
	if name == "" {
		name = s.User
	}
	return &contractv1.SignUp{Mode: mode, User: s.User, Name: name, Link: s.Link, DeviceCode: s.DeviceCode, DeviceName: device}, nil
}

// deviceName is what this device is called: as was said, or like the computer.
func deviceName(said string) string {
	if said == "" {
		if host, err := os.Hostname(); err == nil {
			said = host
		}
	}
	return said
}

func (a *App) attemptID(s SetUp) (string, error) {
	words := strings.Join([]string{s.Mode, s.User, s.Link, s.DeviceCode}, "\n")
	var last attempt
	if found, err := a.load(keySetUp, &last); err != nil {
		return "", err
	} else if found && last.Words == words {
		return last.ID, nil
	}
	id := make([]byte, 16)
	rand.Read(id)
	last = attempt{words, hex.EncodeToString(id)}
	return last.ID, a.save(keySetUp, last)
}

// takeAccount keeps the account; from here on the network loop signs in.
func (a *App) takeAccount(plugin string, r *contractv1.Account) error {
	if r.GetAddress() == "" || r.GetDevice() == "" {
		return errors.New("the network made no account")
	}
	account := model.Account{Address: r.Address, Name: r.Name, Device: r.Device, Network: r.Network, NetworkKey: r.NetworkKey, Owner: r.Owner}
	if err := a.save(keyAccount, savedAccount{account, plugin}); err != nil {
		return err
	}
	a.mu.Lock()
	a.people.account, a.people.network = &account, plugin
	a.people.connection = model.Connection{State: model.Connecting}
	a.mu.Unlock()
	if err := a.store.SetValue(a.ctx, keySetUp, ""); err != nil {
		a.log.Warn("finished set-up could not be noted", "error", err)
	}
	a.hub.tell(&controlv1.Event{Type: "account", From: account.Address, Device: account.Device})
	a.hub.tell(connectionEvent(model.Connection{State: model.Connecting}))
	a.changed()
	a.net.poke()
	return nil
}

// awaitOnline waits a little for the first connection: what people do next
// mostly needs it. That it does not come is no error of setting up.
func (a *App) awaitOnline(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, setUpOnline)
	defer cancel()
	changed := make(chan struct{}, 1)
	defer a.Subscribe(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	for {
		a.mu.Lock()
		state := a.people.connection.State
		a.mu.Unlock()
		if state == model.Connected || state == model.WrongKey || state == model.RefusedState {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		case <-a.ctx.Done():
			return
		}
	}
}
