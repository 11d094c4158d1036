package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"regexp"
	"strings"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/shared/strict"
)

// SetupFile is the administrator's answer to the questions of the first run, for
// all people of this computer.
const SetupFile = "/etc/switchboard/setup.toml"

// EnvSetup is the variable that names another one, for tests and for trying.
const EnvSetup = "SWITCHBOARD_SETUP"

// fleet is what the file holds.
type fleet struct {
	// Server is the network's address, with its key.
	Server string `toml:"server"`
	// Token is the enrolment token that makes accounts there.
	Token string `toml:"token"`
}

// loadFleet reads the file; nil without one.
func loadFleet(path string) (*fleet, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the administrator's set-up cannot be read: %w", err)
	}
	var f fleet
	doc, err := strict.Decode(data, path, &f)
	if err != nil {
		return nil, err
	}
	if f.Server == "" {
		return nil, doc.Fault("server", "server is missing: the network's address, as `switchboard serve` prints it")
	}
	if f.Token == "" {
		return nil, doc.Fault("token", "token is missing: an enrolment token of `switchboard serve token create`")
	}
	return &f, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9_-]+`)

// accountName makes the name in the address from the system account: small
// letters, and without what addresses cannot hold.
func accountName(u *user.User) (name, display string, err error) {
	name = strings.ToLower(u.Username)
	if i := strings.LastIndexAny(name, `\`); i >= 0 {
		name = name[i+1:] // DOMAIN\name
	}
	name, _, _ = strings.Cut(name, "@")
	name = strings.TrimLeft(notInNames.ReplaceAllString(name, "-"), "_-")
	name = strings.TrimRight(name[:min(len(name), 32)], "-")
	if name == "" {
		return "", "", fmt.Errorf("the system account %q gives no name for an address; ask your administrator for an invitation", u.Username)
	}
	display, _, _ = strings.Cut(u.Name, ",") // GECOS holds more than the name
	if display = strings.TrimSpace(display); display == "" {
		display = name
	}
	return name, display, nil
}

// Pauses between tries to enrol, while the server cannot be reached.
const (
	enrolFirst = time.Second
	enrolMost  = 30 * time.Second
)

// enrolAlone makes the account that the administrator's file asks for, without
// asking anybody. It goes on until it succeeds, is refused, or there is an account.
func (a *App) enrolAlone(path string) {
	f, err := loadFleet(path)
	if err == nil && f == nil {
		return
	}
	wait := enrolFirst
	for err == nil {
		if _, _, ok := a.self(); ok {
			return
		}
		var again bool
		if again, err = a.enrol(f); err == nil {
			return
		}
		if !again || a.ctx.Err() != nil {
			break
		}
		a.tellEnrolment("Your account is being made; the server cannot be reached yet: " + err.Error())
		select {
		case <-a.ctx.Done():
			return
		case <-time.After(wait):
		}
		wait, err = min(2*wait, enrolMost), nil
	}
	if a.ctx.Err() == nil && err != nil {
		a.log.Error("enrolment", "file", path, "error", err)
		a.tellEnrolment("Your account could not be made: " + err.Error())
	}
}

// enrol tries once, and tells whether trying again may help.
func (a *App) enrol(f *fleet) (again bool, err error) {
	me, err := user.Current()
	if err != nil {
		return false, fmt.Errorf("the system account is not known: %w", err)
	}
	name, display, err := accountName(me)
	if err != nil {
		return false, err
	}
	s := SetUp{Mode: "enrol", User: name, Name: display, Link: f.Server}
	call := &contractv1.SignUp{Mode: contractv1.SignUp_ENROL, User: name, Name: display, Link: f.Server,
		EnrolmentToken: f.Token, DeviceName: deviceName("")}
	ctx, cancel := context.WithTimeout(a.ctx, setUpTime)
	defer cancel()
	err = a.setUp(ctx, s, call)
	var no *refused
	if errors.As(err, &no) {
		again = no.code == contractv1.Error_UNAVAILABLE || no.code == contractv1.Error_DEADLINE
		return again, err
	}
	return true, err
}

// tellEnrolment says why there is no account yet, where the connection stands.
func (a *App) tellEnrolment(detail string) {
	a.mu.Lock()
	if a.people.account == nil {
		a.people.connection = model.Connection{State: model.NoAccount, Detail: detail}
	}
	a.mu.Unlock()
	a.changed()
}
