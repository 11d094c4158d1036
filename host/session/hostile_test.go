package session

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// TestOffersOfWhatIsNotOffered: a session of a plugin that has no offered
// sessions cannot be taken, and nothing is opened even if somebody's device took it.
func TestOffersOfWhatIsNotOffered(t *testing.T) {
	n, a1, _, _ := connected(t)
	body, _ := proto.Marshal(&contractv1.OfferBody{Title: "\u202eboard\n\x1b[31m of a \x00 friend"})
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: uid("chat"), Plugin: "im", Protocol: 1,
		Kind: contractv1.Envelope_OFFER, Body: body})
	k := key(ab, uid("chat"))
	a1.waitState(k, model.Impossible)
	if s := a1.session(k); s.Title != "board [31m of a  friend" || !strings.Contains(s.Reason, "not something that can be offered") {
		t.Errorf("%+v", s)
	}
	if err := a1.e.Accept(t.Context(), k); err == nil {
		t.Error("it was accepted")
	}
	n.inject("a@n", "a1", &contractv1.Envelope{Conversation: ab, Session: uid("chat"), Plugin: "im", Kind: contractv1.Envelope_ACCEPT})
	eventually(t, "a device of ours has joined", func() bool {
		return slices.ContainsFunc(a1.session(k).Members, func(m model.SessionMember) bool { return m.Address == "a@n" && m.State == "joined" })
	})
	a1.waitState(k, model.Impossible)
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: uid("chat"), Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("hidden")})
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("x")})
	eventually(t, "the chat goes on", func() bool { return len(a1.log("im", imKey)) == 1 })
	if s := a1.process("im").sessionOf(k); s != nil {
		t.Error("the session was opened")
	}
}

// TestOfferWithThePlaceOfAChat: the id of a standing session cannot be taken by
// an offer, not even before the first message.
func TestOfferWithThePlaceOfAChat(t *testing.T) {
	n, a1, _, _ := connected(t)
	const az = "dm.a.z"
	body, _ := proto.Marshal(&contractv1.OfferBody{Title: "mine"})
	n.inject("z@n", "z1", &contractv1.Envelope{Conversation: az, Session: "im", Plugin: "game", Protocol: 2,
		Kind: contractv1.Envelope_OFFER, Body: body})
	n.inject("z@n", "z1", &contractv1.Envelope{Conversation: az, Session: uid("next"), Plugin: "game", Protocol: 2,
		Kind: contractv1.Envelope_OFFER, Body: body})
	a1.waitState(key(az, uid("next")), model.Offered)
	n.inject("z@n", "z1", &contractv1.Envelope{Conversation: az, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("x")})
	eventually(t, "the chat goes on", func() bool { return len(a1.log("im", key(az, "im"))) == 1 })
	for _, s := range a1.e.Sessions() {
		if s.Plugin == "game" && s.Key.Session == "im" {
			t.Errorf("%+v", s)
		}
	}
}

// TestOfferWithThePlaceOfALaterChat: nor that of a plugin that is not installed
// yet. The fold says so from the entry alone, so all hosts agree.
func TestOfferWithThePlaceOfALaterChat(t *testing.T) {
	n, a1, _, _ := connected(t)
	const az = "dm.a.z"
	a1.mu.Lock()
	a1.missing["im"] = true
	a1.mu.Unlock()
	body, _ := proto.Marshal(&contractv1.OfferBody{Title: "mine"})
	for _, id := range []string{"im", "later", uid("x")[:35], uid("x") + "0", "{" + uid("x") + "}", "urn:uuid:" + uid("x"),
		strings.ReplaceAll(uid("x"), "-", ""), strings.ReplaceAll(uid("x"), "-", "_")} {
		n.inject("z@n", "z1", &contractv1.Envelope{Conversation: az, Session: id, Plugin: "game", Protocol: 2,
			Kind: contractv1.Envelope_OFFER, Body: body})
	}
	n.inject("z@n", "z1", &contractv1.Envelope{Conversation: az, Session: uid("x"), Plugin: "game", Protocol: 2,
		Kind: contractv1.Envelope_OFFER, Body: body})
	a1.waitState(key(az, uid("x")), model.Offered)
	if list := a1.e.Sessions(); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	a1.mu.Lock()
	delete(a1.missing, "im")
	a1.mu.Unlock()
	n.inject("z@n", "z1", &contractv1.Envelope{Conversation: az, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("x")})
	eventually(t, "the chat begins", func() bool { return len(a1.log("im", key(az, "im"))) == 1 })
}

// TestManyShortLivesAtOnce: sessions that begin, say something and end within
// one group of entries are more than are remembered, and the first are dropped
// before what they said is looked at.
func TestManyShortLivesAtOnce(t *testing.T) {
	n, a1, _, _ := connected(t)
	body, err := proto.Marshal(&contractv1.OfferBody{Title: "t"})
	must(t, err)
	var list []*contractv1.Envelope
	for i := range 3 * maxOver {
		for _, kind := range []contractv1.Envelope_Kind{contractv1.Envelope_OFFER, contractv1.Envelope_UPDATE, contractv1.Envelope_CANCEL} {
			list = append(list, &contractv1.Envelope{Id: newID(), Conversation: ab, Session: uid(fmt.Sprint(i)), Plugin: "game", Protocol: 2,
				From: "b@n", Device: "b9", Seq: 1000 + int64(len(list)), TimeMs: 1, Kind: kind, Body: body})
		}
	}
	a1.envelopes(ab, list)
	a1.waitState(key(ab, uid(fmt.Sprint(3*maxOver-1))), model.Cancelled)
	n.mu.Lock()
	n.seq = 2000
	n.mu.Unlock()
	n.inject("b@n", "b9", &contractv1.Envelope{Conversation: ab, Session: "im", Plugin: "im", Kind: contractv1.Envelope_UPDATE, Body: []byte("x")})
	eventually(t, "the chat goes on", func() bool { return len(a1.log("im", imKey)) == 1 })
}
