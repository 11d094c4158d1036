package server_test

import (
	"crypto/rand"
	"encoding/json"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// newcomer speaks the registration by hand, so that it can do what no client does.
type newcomer struct {
	t       *testing.T
	s       *server.Server
	public  string
	nc      *nats.Conn
	nonce   []byte
	answers *nats.Subscription
	n       int
}

func stranger(t *testing.T, s *server.Server) *newcomer {
	t.Helper()
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	kp, err := nkeys.FromSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	key, err := kp.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	r, err := attack(t, &client.Account{Seed: seed, Key: s.Key(), Addresses: []string{s.Listening()}}, nats.UserInfo(wire.RegisterUser, ""))
	if err != nil {
		t.Fatal(err)
	}
	sub, err := r.nc.SubscribeSync(wire.RegisterAnswer(key, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return &newcomer{t: t, s: s, public: key, nc: r.nc, answers: sub, nonce: make([]byte, wire.NonceBytes)}
}

func (n *newcomer) say(r wire.Register) (*wire.Registered, contractv1.Error_Code) {
	n.t.Helper()
	n.n++
	token := strconv.Itoa(n.n)
	data, err := json.Marshal(r)
	if err != nil {
		n.t.Fatal(err)
	}
	m := nats.NewMsg(wire.RegisterSubject(n.public))
	m.Data = data
	m.Header.Set(wire.HeaderRequest, token)
	if err := n.nc.PublishMsg(m); err != nil {
		n.t.Fatal(err)
	}
	got, err := n.answers.NextMsg(patience)
	if err != nil {
		n.t.Fatal(err)
	}
	if c := got.Header.Get(wire.HeaderCode); c != "" {
		v, err := strconv.Atoi(c)
		if err != nil {
			n.t.Fatal(err)
		}
		return nil, contractv1.Error_Code(v)
	}
	var ok wire.Registered
	if err := json.Unmarshal(got.Data, &ok); err != nil {
		n.t.Fatal(err)
	}
	return &ok, 0
}

// knock asks and reveals under a name.
func (n *newcomer) knock(user string) contractv1.Error_Code {
	n.t.Helper()
	if _, err := rand.Read(n.nonce); err != nil {
		n.t.Fatal(err)
	}
	j := wire.Joining{Network: n.s.Key(), Device: n.public, User: user, Computer: "pc"}
	if _, c := n.say(wire.Register{Op: wire.RegisterAsk, User: user, DeviceName: "pc", Commit: j.Commit(n.nonce)}); c != 0 {
		return c
	}
	_, c := n.say(wire.Register{Op: wire.RegisterReveal, Nonce: n.nonce})
	return c
}

// TestAnAnswerIsForWhatWasSeen: who asks anew under another name, between the
// owner's look and the owner's answer, is not let in by it.
func TestAnAnswerIsForWhatWasSeen(t *testing.T) {
	s := start(t, server.Options{Door: true})
	alice := signIn(t, owner(t, s, "alice"))
	if _, err := s.SetDoor(server.Door{Addresses: []string{free(t)}, Approval: true}); err != nil {
		t.Fatal(err)
	}
	mallory := stranger(t, s)
	if c := mallory.knock("bob"); c != 0 {
		t.Fatal(c)
	}
	seen := joins(alice.wait("request", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 }))[0]
	if c := mallory.knock("the-boss"); c != 0 {
		t.Fatal(c)
	}
	if err := alice.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: seen.Id, Allow: true}); code(err) != contractv1.Error_NOT_FOUND {
		t.Fatalf("the answer for %s was taken for another name: %v", seen.User, err)
	}
	if ok, c := mallory.say(wire.Register{Op: wire.RegisterWait}); c != 0 || ok.Waiting == nil {
		t.Fatalf("let in as %v, %v", ok, c)
	}
	again := joins(alice.wait("the request anew", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 && joins(e)[0].User == "the-boss" }))[0]
	if again.Id == seen.Id || again.Digits == seen.Digits {
		t.Errorf("%v, then %v", seen, again)
	}
	if err := alice.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: again.Id, Allow: true}); err != nil {
		t.Fatal(err)
	}
}

// TestWhoWasNotAnsweredMayAskAgain: at once, not when the old request is swept.
func TestWhoWasNotAnsweredMayAskAgain(t *testing.T) {
	var ahead atomic.Int64
	s := start(t, server.Options{Door: true, Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	alice := signIn(t, owner(t, s, "alice"))
	if _, err := s.SetDoor(server.Door{Addresses: []string{free(t)}, Approval: true}); err != nil {
		t.Fatal(err)
	}
	bob := stranger(t, s)
	if c := bob.knock("bob"); c != 0 {
		t.Fatal(c)
	}
	r := joins(alice.wait("request", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 }))[0]
	if err := alice.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id}); err != nil {
		t.Fatal(err)
	}
	if c := bob.knock("bob"); c != contractv1.Error_REFUSED {
		t.Fatalf("a refused one asks again: %v", c)
	}
	ahead.Store(int64(11 * time.Minute))
	from := alice.mark()
	if c := bob.knock("bob"); c != 0 {
		t.Fatalf("after the request is over: %v", c)
	}
	r = joins(alice.waitFrom(from, "request", func(e *contractv1.NetEvent) bool { return len(joins(e)) == 1 }))[0]
	if err := alice.c.JoinAnswer(short(t), &contractv1.JoinAnswer{Id: r.Id, Allow: true}); err != nil {
		t.Fatal(err)
	}
}

// TestARemovedDeviceLeavesNoWayBack: neither the codes that it made nor its
// recovery code open anything.
func TestARemovedDeviceLeavesNoWayBack(t *testing.T) {
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	stolen := signIn(t, second(t, s, alice))
	made, err := stolen.c.DeviceLink(short(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	recovery, err := stolen.c.Recovery(short(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := alice.c.DeviceRevoke(short(t), &contractv1.DeviceRevoke{Id: stolen.a.Device}); err != nil {
		t.Fatal(err)
	}
	if a, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: made.Code}); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("the code of a removed device made %v, %v", a, err)
	}
	if a, err := recovered(t, recovery.Code); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("the recovery code of a removed device made %v, %v", a, err)
	}
	// Who signs out by itself comes back with its own.
	if recovery, err = alice.c.Recovery(short(t)); err != nil {
		t.Fatal(err)
	}
	_ = alice.c.DeviceRevoke(short(t), &contractv1.DeviceRevoke{Id: alice.a.Device}) // its connection may end before the answer
	if _, err := recovered(t, recovery.Code); err != nil {
		t.Error(err)
	}
}

func recovered(t *testing.T, text string) (*client.Account, error) {
	t.Helper()
	l, err := wire.ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	return register(t, l, wire.Register{Op: wire.RegisterRecover, Code: l.Recovery, DeviceName: "back"})
}

// TestAResetSendsAwayWhoWaits: a device that came with a code of the account
// before is not offered to the person who has it anew.
func TestAResetSendsAwayWhoWaits(t *testing.T) {
	s := start(t, server.Options{})
	alice := signIn(t, join(t, s, "alice"))
	_, done := linking(t, s, alice, "a thief's")
	id := waits(alice, 0, 1).Requests[0].Id
	c, err := s.ResetUser(short(t), "alice", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if v := <-done; code(v.err) != contractv1.Error_NOT_FOUND {
		t.Errorf("the one who waits: %v, %v", v.a, v.err)
	}
	a, err := register(t, s.Link(), wire.Register{Op: wire.RegisterDevice, Code: c.Code})
	if err != nil {
		t.Fatal(err)
	}
	if err := signIn(t, a).c.LinkAnswer(short(t), &contractv1.JoinAnswer{Id: id, Allow: true}); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("let in after a reset: %v", err)
	}
}
