package session

import (
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
	a1.waitState(k, model.Active)
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
