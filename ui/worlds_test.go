package ui_test

import (
	"fmt"
	"strings"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// withBoard adds an offer of a whiteboard whose view can be shown.
func withBoard(w *world) {
	k := offered(w)
	text := func(id, s string) *contractv1.Node {
		return &contractv1.Node{Id: id, Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: s}}}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.views[k] = &model.View{Key: k, Plugin: "whiteboard", Revision: 1, Root: &contractv1.Node{Id: "r", Body: &contractv1.Node_Column{Column: &contractv1.Box{Padded: true, Gap: contractv1.Box_MEDIUM, Children: []*contractv1.Node{
		text("a", "Bob and Alice draw here."),
		{Id: "b", Body: &contractv1.Node_Button{Button: &contractv1.Button{Text: "Clear the board", Role: contractv1.Button_DANGER}}},
		{Id: "c", Body: &contractv1.Node_Toggle{Toggle: &contractv1.Toggle{Text: "Show the grid", On: true}}},
	}}}}}
}

// faulty is a world in which the chat plugin stopped.
func faulty() *world {
	w := lab()
	v := *w.views[chat("bob")]
	v.Fault = "It ended unexpectedly (exit status 2)."
	w.views[chat("bob")] = &v
	return w
}

func offline() *world {
	w := lab()
	w.change(func(m *model.Snapshot) {
		m.Connection = model.Connection{State: model.Disconnected, Detail: "Could not reach the server at lab.local.", RetryAt: now.Add(20 * time.Second)}
		m.QueuedUpdates = 2
	})
	return w
}

// wrongKey is a world whose server shows another key than the one that is known.
func wrongKey() *world {
	w := lab()
	w.change(func(m *model.Snapshot) {
		m.Connection = model.Connection{State: model.WrongKey, Detail: "The server at lab.local shows another key than the one in your invitation. Somebody may be between you and it; ask whoever runs it."}
	})
	return w
}

func nobody() *world {
	w := lab()
	w.change(func(m *model.Snapshot) { m.Conversations, m.Contacts = nil, nil })
	return w
}

func withoutChat() *world {
	w := lab()
	w.change(func(m *model.Snapshot) { m.Plugins = m.Plugins[1:] })
	return w
}

func compact() *world {
	w := lab()
	for i := range w.snap.Settings {
		if w.snap.Settings[i].Key == "appearance.density" {
			w.snap.Settings[i].Value = "compact"
		}
	}
	return w
}

// long is a world of names that do not fit.
func long() *world {
	w := lab()
	w.change(func(m *model.Snapshot) {
		m.Account = &model.Account{Address: "alexandrina-wilhelmina@laboratory", Name: strings.Repeat("Alexandrina ", 5), Network: "laboratory", Device: "d"}
		m.Presence = presence(model.Busy, "writing the long report about long names that nobody will read in full anyway")
		names := []string{strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 2)[:60], "محمد عبد الرحمن الفارسي", "דנה כהן", "名前がとても長い人 名前がとても長い人", "Bob \u202egnp.exe", "🦊 Foxy 🦊"}
		for i := range m.Conversations[:6] {
			m.Conversations[i].Title = names[i]
			m.Conversations[i].Unread = []int{0, 12, 1234, 3, 0, 1}[i]
			m.Conversations[i].Summary = strings.Repeat("A summary that is longer than its line. ", 4)
		}
		m.Contacts[0].Name = names[0]
		m.Contacts[0].Presence.Text = strings.Repeat("very busy ", 20)
	})
	v := transcript("bob", []line{
		{"bob", strings.Repeat("loooooooooong", 40), now, 0},
		{"alice", "مرحبا، هل رأيت الرسم الجديد؟", now, contractv1.Message_READ},
		{"bob", "see https://example.org/" + strings.Repeat("path/", 30), now, 0},
	})
	w.views[chat("bob")] = v
	return w
}

// crowd is a world of many contacts.
func crowd(n int) *world {
	w := lab()
	w.change(func(m *model.Snapshot) {
		m.Conversations = nil
		for i := range n {
			user := fmt.Sprintf("user%04d", i)
			m.Contacts = append(m.Contacts, model.Contact{Address: user + "@lab", Name: fmt.Sprintf("Person %d", i), State: model.Friend, Conversation: dm(user), Presence: presence(model.Available, "")})
			m.Conversations = append(m.Conversations, model.Conversation{ID: dm(user), Kind: model.Direct, Title: fmt.Sprintf("Person %d", i), Peer: user + "@lab", Summary: "Hello", From: user + "@lab", Time: now.Add(-time.Duration(i) * time.Hour), Unread: i % 3})
		}
	})
	return w
}

// idle is a world with a session in use and two that somebody forgot to leave.
func idle() *world {
	w := lab()
	w.change(func(s *model.Snapshot) {
		for i, id := range []string{"old1", "old2", "used"} {
			since := now.Add(-time.Duration(2-i) * 50 * time.Hour)
			k := model.SessionKey{Conversation: dm("bob"), Session: id}
			x := model.Session{Key: k, Plugin: "whiteboard", Title: "Whiteboard", By: "bob@lab", State: model.Active, Offered: since, Idle: since}
			if id != "old2" {
				x.Title, x.Plugin = "Tally", "tally"
			}
			s.Sessions = append(s.Sessions, x)
			w.views[k] = &model.View{Key: k, Plugin: x.Plugin, Revision: 1, Root: &contractv1.Node{Id: "r", Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: "What was drawn"}}}}
		}
	})
	return w
}

// withAbsent is a world with a plugin that is known and not installed.
func withAbsent() *world {
	w := lab()
	w.change(func(m *model.Snapshot) {
		m.Plugins = append(m.Plugins, model.Plugin{ID: "assist", Name: "Remote assistance", Kind: "feature", State: model.Absent})
	})
	return w
}
