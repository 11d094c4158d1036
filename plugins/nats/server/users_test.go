package server_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func TestDisabledIsLockedOutWithinASecondAndEnabledIsBack(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	laptop, bob := signIn(t, second(t, s, alice)), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	// An open connection of an attacker's making, which would not go by itself.
	open, err := attack(t, alice.a)
	if err != nil {
		t.Fatal(err)
	}
	marks := []int{alice.mark(), laptop.mark(), bob.mark()}
	began := time.Now()
	if err := s.DisableUser(short(t), "alice"); err != nil {
		t.Fatal(err)
	}
	for !open.nc.IsClosed() && time.Since(began) < soon {
		time.Sleep(time.Millisecond)
	}
	for i, p := range []*peer{alice, laptop} {
		e := p.waitFrom(marks[i], "offline", connection(contractv1.ConnectionChanged_OFFLINE))
		if took := time.Since(began); took > soon {
			t.Errorf("locked out after %v (%v)", took, e)
		}
	}
	t.Logf("two devices and an attacker were locked out after %v", time.Since(began))
	if !open.nc.IsClosed() {
		t.Error("the attacker's connection is still there")
	}
	if _, err := attack(t, alice.a); err == nil {
		t.Error("a disabled account signs in")
	}
	alice.waitFrom(marks[0], "the reason", func(e *contractv1.NetEvent) bool {
		return strings.Contains(e.GetConnection().GetDetail(), "is disabled")
	})
	bob.waitFrom(marks[2], "alice offline", presence("alice@local", contractv1.SetPresence_OFFLINE))
	if r, err := register(t, s.Link(), wire.Register{Op: wire.RegisterNew, User: "alice"}); err == nil {
		t.Errorf("the name is free: %v", r)
	}
	again := []int{alice.mark(), laptop.mark()}
	if err := s.EnableUser(short(t), "alice"); err != nil {
		t.Fatal(err)
	}
	for i, p := range []*peer{alice, laptop} {
		p.c.Poke()
		p.waitFrom(again[i], "connected", connection(contractv1.ConnectionChanged_CONNECTED))
	}
	alice.say("dm.alice.bob", "back")
}

func TestResetRevokesAllDevicesAndContactsSeeNewKeys(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	alice, bob, eve := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob")), signIn(t, join(t, s, "eve"))
	befriend(t, alice, bob)
	alice.say("dm.alice.bob", "before")
	old, err := alice.c.DeviceLink(short(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	from, seenByEve := bob.mark(), eve.mark()
	code, err := s.ResetUser(short(t), "alice", 0)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(time.UnixMilli(code.ExpiresMs)); left < 23*time.Hour || left > 25*time.Hour {
		t.Errorf("the code is good for %v", left)
	}
	bob.waitFrom(from, "new keys", func(e *contractv1.NetEvent) bool {
		c := e.GetRoster().GetContacts()
		return len(c) == 1 && c[0].Address == "alice@local" && c[0].NewKeysMs > 0 && c[0].State == contractv1.Contact_FRIEND
	})
	if _, err := attack(t, alice.a); err == nil {
		t.Error("the old device signs in")
	}
	if _, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: old.Code}); err == nil {
		t.Error("a code from before the reset opens the account")
	}
	a, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: code.Code, DeviceName: "new"})
	if err != nil || a.User != "alice" {
		t.Fatalf("%v, %v", a, err)
	}
	if _, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: code.Code}); err == nil {
		t.Error("the code opens the account twice")
	}
	anew := signIn(t, a)
	if got := anew.waitEntries("dm.alice.bob", 1); string(got[0].Body) != "before" {
		t.Errorf("history: %v", got)
	}
	anew.wait("the roster", contact("bob@local", contractv1.Contact_FRIEND))
	for _, e := range eve.events[seenByEve:] {
		if len(e.GetRoster().GetContacts()) > 0 {
			t.Errorf("a stranger is told: %v", e)
		}
	}
	if u := find(t, s, "alice"); u.NewKeysMS == 0 || u.Devices != 1 {
		t.Errorf("listed as %+v", u)
	}
}

func find(t *testing.T, s *server.Server, user string) server.UserInfo {
	t.Helper()
	for _, u := range s.Users("") {
		if u.User == user {
			return u
		}
	}
	t.Fatalf("%s is not listed", user)
	return server.UserInfo{}
}

func TestRemovedIsGoneAndItsNameIsNeverGivenAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder, OpenRegistration: true})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	bob.say("dm.alice.bob", "kept")
	from := alice.mark()
	if err := s.RemoveUser(short(t), "alice"); err != nil {
		t.Fatal(err)
	}
	alice.waitFrom(from, "refused", connection(contractv1.ConnectionChanged_REFUSED))
	r := bob.post("dm.alice.bob", entry("to nobody"))[0]
	if r.GetRefused() == nil {
		t.Errorf("a message to a removed account: %v", r)
	}
	s.Close()
	s = start(t, server.Options{Folder: folder, OpenRegistration: true})
	if _, err := register(t, s.Link(), wire.Register{Op: wire.RegisterNew, User: "alice"}); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("the name: %v", err)
	}
	if u := find(t, s, "alice"); u.State != "removed" || u.Devices != 0 {
		t.Errorf("listed as %+v", u)
	}
	for name, err := range map[string]error{"enable": s.EnableUser(short(t), "alice"), "disable": s.DisableUser(short(t), "alice")} {
		if err == nil {
			t.Errorf("%s of a removed account", name)
		}
	}
	if _, err := s.ResetUser(short(t), "alice", 0); err == nil {
		t.Error("reset of a removed account")
	}
}

func TestAddedAccountsAreOpenedByTheirCode(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	code, err := s.AddUser(short(t), "alice", "Alice A.", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser(short(t), "alice", "", 0); err == nil {
		t.Error("a name is given twice")
	}
	for _, bad := range []string{"", "Alice", "a b", "*"} {
		if _, err := s.AddUser(short(t), bad, "", 0); err == nil {
			t.Errorf("%q is a name", bad)
		}
	}
	a, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: code.Code})
	if err != nil || a.User != "alice" || a.Name != "Alice A." || a.Owner {
		t.Fatalf("%v, %v", a, err)
	}
	signIn(t, a).say("dm.alice.alice", "here")
}

func enrol(t *testing.T, s *server.Server, user, token string) error {
	t.Helper()
	_, err := register(t, s.Link(), wire.Register{Op: wire.RegisterEnrol, User: user, Token: token})
	return err
}

func refusal(err error) string {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return fmt.Sprint(err)
}

func TestHostileEnrolment(t *testing.T) {
	t.Parallel()
	clock := &clock{}
	s := start(t, server.Options{Now: clock.now})
	make := func(uses uint32, life time.Duration, nets ...string) server.Enrolment {
		e, err := s.MakeEnrolment(short(t), uses, life, nets, "fleet")
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	good, once := make(100, time.Hour, "127.0.0.0/8", "::1/128"), make(1, time.Hour)
	brief, elsewhere, revoked := make(100, time.Minute), make(100, time.Hour, "192.0.2.0/24"), make(100, time.Hour)
	if err := enrol(t, s, "alice", good.Token); err != nil {
		t.Fatal(err)
	}
	if err := enrol(t, s, "bob", once.Token); err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeEnrolment(short(t), revoked.ID); err != nil {
		t.Fatal(err)
	}
	clock.add(2 * time.Minute)
	l, err := s.Invite(short(t), 5, time.Hour, false)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ token, says string }{
		"used up":          {once.Token, "used up"},
		"expired":          {brief.Token, "expired"},
		"from another net": {elsewhere.Token, "not good for the network"},
		"revoked":          {revoked.Token, "not known"},
		"none":             {"", "not known"},
		"an invitation":    {l.Token, "not known"},
		"its id":           {good.ID, "not known"},
	} {
		if err := enrol(t, s, "carol", c.token); err == nil || !strings.Contains(refusal(err), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := enrol(t, s, "alice", good.Token); err == nil || !strings.Contains(refusal(err), "taken") {
		t.Errorf("a token opens an account that is there: %v", err)
	}
	if _, err := register(t, s.Link(), wire.Register{Op: wire.RegisterNew, User: "carol", Token: good.Token}); err == nil {
		t.Error("a token is an invitation")
	}
	for _, e := range s.Enrolments("") {
		if e.Token != "" {
			t.Error("a token is told twice")
		}
		if e.ID == good.ID && (e.Uses != 99 || e.Used != 1) {
			t.Errorf("uses: %+v", e)
		}
	}
	if u := find(t, s, "alice"); u.Enrolled != good.ID {
		t.Errorf("listed as %+v", u)
	}
	for _, bad := range [][]string{{"10.0.0.0"}, {"10.0.0.0/40"}, {"nonsense"}, strings.Split(strings.Repeat("10.0.0.0/8,", 9), ",")} {
		if _, err := s.MakeEnrolment(short(t), 1, time.Hour, bad, ""); err == nil {
			t.Errorf("%v are nets", bad)
		}
	}
}

type clock struct {
	mu sync.Mutex
	by time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.by)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by += d
}

// A token cannot be guessed on one connection, and two people who use the last
// use of one at the same moment do not both get in.
func TestHostileEnrolmentBruteForceAndRaces(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{})
	stranger := *join(t, s, "mallory")
	var err error
	if stranger.Seed, err = client.NewSeed(); err != nil {
		t.Fatal(err)
	}
	r, err := attack(t, &stranger, nats.UserInfo(wire.RegisterUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	kp, err := nkeys.FromSeed(stranger.Seed)
	if err != nil {
		t.Fatal(err)
	}
	pub, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	sub, err := r.nc.SubscribeSync(wire.RegisterAnswer(pub, "*"))
	if err != nil {
		t.Fatal(err)
	}
	answers := 0
	for i := range 50 {
		m := nats.NewMsg(wire.RegisterSubject(pub))
		m.Data = fmt.Appendf(nil, `{"op":"enrol","user":"carol","token":"guess%d"}`, i)
		m.Header.Set(wire.HeaderRequest, "x")
		if r.nc.PublishMsg(m) != nil {
			break
		}
		if _, err := sub.NextMsg(300 * time.Millisecond); err == nil {
			answers++
		}
	}
	if answers == 0 || answers > 6 || !r.nc.IsClosed() {
		t.Errorf("%d guesses were answered on one connection, closed %v", answers, r.nc.IsClosed())
	}
	e, err := s.MakeEnrolment(short(t), 3, time.Hour, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for i := range 12 {
		wg.Go(func() {
			if enrol(t, s, fmt.Sprintf("racer%d", i), e.Token) == nil {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if in != 3 {
		t.Errorf("%d came in with three uses", in)
	}
}

func TestHostileRegistrationFlood(t *testing.T) {
	t.Parallel()
	s := start(t, server.Options{OpenRegistration: true, RegisterRate: 1, RegisterBurst: 10})
	alice := join(t, s, "alice")
	in, turned := 0, 0
	for i := range 30 {
		_, err := register(t, s.Link(), wire.Register{Op: wire.RegisterNew, User: fmt.Sprintf("flood%d", i)})
		if err == nil {
			in++
		} else if strings.Contains(err.Error(), "minute") {
			turned++
		}
	}
	if in > 15 || in+turned != 30 {
		t.Errorf("%d registered, %d were turned away", in, turned)
	}
	signIn(t, alice).say("dm.alice.alice", "not disturbed") // who is here is not concerned
}
