package app

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// offered says whether a snapshot would offer a recovery code.
func offered(a *App) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.people.account = &model.Account{Address: "alice@lab"}
	s := &model.Snapshot{}
	a.people.fill(s, nil)
	return s.RecoveryOffer
}

func TestARecoveryCodeIsOfferedOnceAfterAConversation(t *testing.T) {
	a := quietApp(t)
	step := func(what string, want bool) {
		t.Helper()
		if got := offered(a); got != want {
			t.Fatalf("%s: offered %v", what, got)
		}
	}
	a.talked("dm.alice.bob", "bob@lab", false)
	step("they wrote", false)
	a.talked("dm.alice.bob", "", true)
	step("I wrote", false)
	a.talked("dm.alice.carol", "carol@lab", false)
	step("somebody else answered", false)
	a.talked("dm.alice.bob", "alice@lab", true)
	step("my own came back", false)
	a.talked("dm.alice.bob", "bob@lab", false)
	step("they answered", true)
	a.recoveryKnown(true)
	step("a code was made", false)
	a.recoveryKnown(false)
	step("it was used elsewhere", false)
	a.talked("dm.alice.bob", "", true)
	a.talked("dm.alice.bob", "bob@lab", false)
	step("more was written", false)
}

func TestADismissedOfferStaysAway(t *testing.T) {
	a := quietApp(t)
	a.talked("dm.alice.bob", "", true)
	a.talked("dm.alice.bob", "bob@lab", false)
	a.DismissRecovery()
	a.keepRecovery() // after whatever is on its way
	if offered(a) {
		t.Fatal("still offered")
	}
	var kept keptRecovery
	if found, err := a.load(keyRecovery, &kept); err != nil || !found || !kept.Done {
		t.Fatal(kept, found, err)
	}
}

func TestConversationsWithoutAnswerAreBounded(t *testing.T) {
	a := quietApp(t)
	for i := range 10 * maxWrote {
		a.talked(fmt.Sprintf("dm.alice.b%d", i), "", true)
	}
	if n := len(a.people.recovery.Wrote); n != maxWrote {
		t.Fatal(n)
	}
}

func TestDevicesThatAskAreBounded(t *testing.T) {
	a := quietApp(t)
	l := &contractv1.JoinRequests{}
	for i := range 3 * maxLinkRequests {
		l.Requests = append(l.Requests, &contractv1.JoinRequest{Id: fmt.Sprint(i), Computer: strings.Repeat("ü\xff", 4000), Digits: strings.Repeat("1", 500), TimeMs: 1})
	}
	a.linksChanged(l)
	a.mu.Lock()
	got := a.people.links
	a.mu.Unlock()
	if len(got) != maxLinkRequests || len(got[0].Computer) > maxLinkText || !utf8.ValidString(got[0].Computer) || len(got[0].Digits) > maxDigits {
		t.Fatalf("%d: %q %q", len(got), got[0].Computer, got[0].Digits)
	}
	a.connectionChanged(model.Connection{State: model.Disconnected})
	if a.people.links != nil {
		t.Error("who asked still stands while the network is away")
	}
}

func TestOnlyTheSignUpUnderWayShowsDigits(t *testing.T) {
	a := quietApp(t)
	a.signing("this")
	a.signUpWaits(&contractv1.SignUpProgress{SignUpId: "another", Digits: "111111"})
	a.signUpWaits(&contractv1.SignUpProgress{Digits: "222222"})
	if a.people.signUp != nil {
		t.Fatal(a.people.signUp)
	}
	a.signUpWaits(&contractv1.SignUpProgress{SignUpId: "this", Digits: "333333"})
	if a.people.signUp == nil || a.people.signUp.Digits != "333333" {
		t.Fatal(a.people.signUp)
	}
	a.signing("")
	if a.people.signUp != nil {
		t.Fatal("it is over")
	}
}

func TestNewKeysAreSeen(t *testing.T) {
	a := quietApp(t)
	c := &contractv1.Contact{Address: "bob@lab", State: contractv1.Contact_FRIEND}
	a.rosterChanged(&contractv1.Roster{Full: true, Contacts: []*contractv1.Contact{c}})
	told := 0
	defer a.Events(func(*controlv1.Event) { told++ })()
	a.rosterChanged(&contractv1.Roster{Contacts: []*contractv1.Contact{{Address: c.Address, State: c.State, NewKeysMs: 5000}}})
	if got := a.people.contacts["bob@lab"].NewKeys; !got.Equal(time.UnixMilli(5000)) || told != 1 {
		t.Fatal(got, told)
	}
}

func TestSetUpReadsTheLink(t *testing.T) {
	const place = "switchboard://127.0.0.1:4430/lab#k=abc"
	for _, c := range []struct {
		s    SetUp
		mode contractv1.SignUp_Mode
		ok   bool
	}{
		{SetUp{Mode: "recover", Link: place + "&r=code"}, contractv1.SignUp_RECOVER, true},
		{SetUp{Mode: "recover", Link: place}, 0, false},
		{SetUp{Mode: "invite", Link: place + "&d=code"}, contractv1.SignUp_INVITE, true},
		{SetUp{Mode: "server", Link: place + "&r=code"}, contractv1.SignUp_SERVER, true},
		{SetUp{Mode: "device", Link: place + "&d=code"}, contractv1.SignUp_INVITE, true},
		{SetUp{Mode: "device", Link: place}, 0, false},
		{SetUp{Mode: "invite", Link: place + "&i=token"}, 0, false}, // a name is missing
		{SetUp{Mode: "invite", Link: place + "&i=token", User: "bob"}, contractv1.SignUp_INVITE, true},
		{SetUp{Mode: "local", Link: place + "&d=code"}, 0, false},
	} {
		call, err := signUp(c.s)
		if (err == nil) != c.ok || c.ok && call.Mode != c.mode {
			t.Errorf("%+v: %v, %v", c.s, call, err)
		}
	}
}
