package ui_test

import (
	"strconv"
	"strings"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

const boardIcon = "M3 17.25V21h3.75L17.81 9.94l-3.75-3.75L3 17.25zM20.71 7.04c.39-.39.39-1.02 0-1.41l-2.34-2.34c-.39-.39-1.02-.39-1.41 0l-1.83 1.83 3.75 3.75 1.83-1.83z"
const chatIcon = "M20 2H4c-1.1 0-2 .9-2 2v18l4-4h14c1.1 0 2-.9 2-2V4c0-1.1-.9-2-2-2z"
const netIcon = "M12 2C6.48 2 2 6.48 2 12s4.48 10 10 10 10-4.48 10-10S17.52 2 12 2z"

// lab is the world of the pictures: some friends, a request, an offer.
func lab() *world {
	day := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, time.UTC) }
	friend := func(user, name string, p model.Presence) model.Contact {
		return model.Contact{Address: user + "@lab", Name: name, State: model.Friend, Conversation: dm(user), Presence: p}
	}
	s := &model.Snapshot{
		Revision:   1,
		Profile:    "/home/alice/.local/share/switchboard",
		Account:    &model.Account{Address: "alice@lab", Name: "Alice", Device: "d1", Network: "lab", NetworkKey: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", Owner: true},
		Connection: model.Connection{State: model.Connected, Detail: "Connected to lab at 192.0.2.7:4222."},
		Presence:   presence(model.Available, ""),
		Contacts: []model.Contact{
			friend("bob", "Bob", presence(model.Available, "in the lab", "im/1", "whiteboard/1", "tally/1")),
			friend("chris", "Chris Okafor", presence(model.Away, "", "im/1")),
			friend("dora", "Dora Lindqvist", presence(model.Busy, "in a meeting until 11", "im/1", "tally/1")),
			friend("emil", "Emil", presence(model.Offline, "", "im/1")),
			friend("fatima", "Fatima Zahra", presence(model.Available, "", "im/1")),
			{Address: "george@lab", Name: "George", State: model.Requested, Conversation: dm("george")},
			{Address: "bob2@lab", Name: "Bob", State: model.Request, Greeting: "Hello from the other office. Click https://example.org"},
		},
		Conversations: []model.Conversation{
			{ID: dm("bob"), Kind: model.Direct, Title: "Bob", Peer: "bob@lab", Summary: "did you see the drawing?", From: "bob@lab", Time: day(10, 3), Unread: 2, Pinned: true},
			{ID: dm("dora"), Kind: model.Direct, Title: "Dora Lindqvist", Peer: "dora@lab", Summary: "The figures are in. I will send them after lunch.", From: "dora@lab", Time: day(9, 41), Typing: true, Unread: 1},
			{ID: dm("chris"), Kind: model.Direct, Title: "Chris Okafor", Peer: "chris@lab", Summary: "thanks!", From: "alice@lab", Time: day(9, 12), Draft: "About tomorrow: could we"},
			{ID: dm("fatima"), Kind: model.Direct, Title: "Fatima Zahra", Peer: "fatima@lab", Summary: "Can you send me the address again?", From: "alice@lab", Time: day(8, 50), NotSent: true},
			{ID: dm("emil"), Kind: model.Direct, Title: "Emil", Peer: "emil@lab", Summary: "See you on Monday", From: "emil@lab", Time: day(8, 2).AddDate(0, 0, -3), Muted: day(23, 0), Unread: 14},
			{ID: dm("george"), Kind: model.Direct, Title: "George", Peer: "george@lab"},
			{ID: "dm.alice.alice", Kind: model.Self, Title: "", Summary: "Milk, bread, a cable", From: "alice@lab", Time: day(18, 30).AddDate(0, 0, -20)},
		},
		Plugins: []model.Plugin{
			{ID: "im", Name: "Messages", Kind: "feature", Version: "0.1.0", Publisher: "Switchboard", Summary: "Write to each other.", Origin: "built-in", Icon: chatIcon, Enabled: true, State: model.Running, PID: 4711, MemoryKB: 14200, Standing: true, Capability: "im/1",
				Grants:    []model.Grant{{Name: "timeline", Allowed: true}},
				Isolation: []string{"landlock/7", "rlimits", "seccomp"},
				Log:       []string{"10:02:11 opened 6 conversations", "10:03:02 stored 1 message"}},
			{ID: "nats", Name: "NATS network", Kind: "network", Version: "0.1.0", Publisher: "Switchboard", Summary: "Carries everything between computers.", Origin: "built-in", Icon: netIcon, Enabled: true, State: model.Running, PID: 4712, CompanionPID: 4713, MemoryKB: 31800,
				Grants: []model.Grant{{Name: "network", Allowed: true}, {Name: "secrets", Allowed: true}, {Name: "companion", Allowed: true}}},
			{ID: "tally", Name: "Tally", Kind: "feature", Version: "0.1.0", Publisher: "Example", Summary: "Count together.", Origin: "user", Icon: netIcon, Enabled: true, State: model.Parked, Reason: "It ended with exit status 2 three times in ten minutes.", Offers: true, Capability: "tally/1",
				Actions: []model.ActionEntry{{ID: "start", Title: "Tally", Icon: "add"}},
				Missing: []string{"seccomp"}},
			{ID: "whiteboard", Name: "Whiteboard", Kind: "feature", Version: "0.1.0", Publisher: "Switchboard", Summary: "Draw together.", Origin: "built-in", Icon: boardIcon, Enabled: true, State: model.Stopped, Offers: true, Capability: "whiteboard/1",
				Actions: []model.ActionEntry{{ID: "start", Title: "Whiteboard", Icon: "brush"}}},
			{ID: "appshare", Name: "Application sharing", Kind: "feature", Version: "0.1.0", Publisher: "Switchboard", Summary: "Show a window to somebody.", Origin: "built-in", Enabled: false, State: model.Disabled, Locked: "Sharing screens is not allowed in the laboratory."},
		},
		Settings: settings(),
	}
	w := newWorld(s)
	w.views[chat("bob")] = transcript("bob", []line{
		{"bob", "Morning! Is the new board up?", day(9, 58), 0},
		{"alice", "Since yesterday evening. Have a look when you have a minute.", day(9, 59), contractv1.Message_READ},
		{"bob", "did you see the drawing?", day(10, 2), 0},
		{"bob", "I put the second version beside the first, so that we can compare them. The long edge is 420 mm now, which should fit through the door: https://wiki.lab.example/boards/second-version-with-a-long-name", day(10, 2), 0},
		{"alice", "yes, opening it", day(10, 3), contractv1.Message_DELIVERED},
	})
	return w
}

func dm(user string) string {
	lo, hi := "alice", user
	if hi < lo {
		lo, hi = hi, lo
	}
	return "dm." + lo + "." + hi
}

func chat(user string) model.SessionKey {
	return model.SessionKey{Conversation: dm(user), Session: "im"}
}

type line struct {
	from, text string
	at         time.Time
	state      contractv1.Message_State
}

// transcript is a view as the chat plugin shows it.
func transcript(peer string, lines []line) *model.View {
	key := chat(peer)
	var items []*contractv1.ListItem
	for i, l := range lines {
		name := map[string]string{"alice": "Alice", "bob": "Bob"}[l.from]
		m := &contractv1.Message{From: l.from + "@lab", Name: name, Mine: l.from == "alice", TimeMs: l.at.UnixMilli(), State: l.state,
			Body: linked(l.text), Continues: i > 0 && lines[i-1].from == l.from,
			Menu: []*contractv1.Item{{Id: "reply", Text: "Reply", Icon: "reply"}, {Id: "copy", Text: "Copy", Icon: "copy"}}}
		id := "m" + strconv.Itoa(i)
		items = append(items, &contractv1.ListItem{Key: id, Revision: 1, Node: &contractv1.Node{Id: id, Body: &contractv1.Node_Message{Message: m}}})
	}
	return &model.View{
		Key: key, Plugin: "im", Revision: 1,
		Root: &contractv1.Node{Id: "root", Body: &contractv1.Node_Column{Column: &contractv1.Box{Grow: "log", Children: []*contractv1.Node{
			{Id: "log", Body: &contractv1.Node_List{List: &contractv1.List{StickToEnd: true, Generation: 1, TrackSeen: true}}},
			{Id: "text", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Composer: true, Hint: "Message " + name(peer), MaxBytes: 32768}}},
		}}}},
		Lists:   map[string]*model.List{"log": {Generation: 1, Items: items, Loaded: true}},
		Editors: map[string]model.Editor{"text": {Revision: 1}},
	}
}

// linked is a text whose last word may be a link.
func linked(text string) []*contractv1.Span {
	at := strings.Index(text, "https://")
	if at < 0 {
		return []*contractv1.Span{{Text: text}}
	}
	return []*contractv1.Span{{Text: text[:at]}, {Text: text[at:], Link: text[at:]}}
}

func name(user string) string {
	if user == "bob" {
		return "Bob"
	}
	return user
}

func settings() []model.Setting {
	choice := func(key, title, help, page, value string, choices ...model.Choice) model.Setting {
		return model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.ChoiceSetting, Value: value, Default: choices[0].ID, Choices: choices}
	}
	toggle := func(key, title, help, page string, on bool) model.Setting {
		return model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.BoolSetting, Value: strconv.FormatBool(on), Default: "true"}
	}
	typing := toggle("im.typing", "Show that I am typing", "", "Privacy", true)
	typing.Section, typing.Locked = "Messages", "The laboratory asks everybody to leave this on."
	receipts := toggle("im.receipts", "Tell others what I have read", "Without it you do not see it of others either.", "Privacy", true)
	receipts.Section = "Messages"
	return []model.Setting{
		choice("appearance.theme", "Theme", "Follow the desktop, or always light or dark.", "Appearance", "light",
			model.Choice{ID: "system", Text: "As the desktop"}, model.Choice{ID: "light", Text: "Light"}, model.Choice{ID: "dark", Text: "Dark"},
			model.Choice{ID: "contrast-light", Text: "High contrast, light"}, model.Choice{ID: "contrast-dark", Text: "High contrast, dark"}),
		choice("appearance.language", "Language", "Plugins that run already follow when they start again.", "Appearance", "en",
			model.Choice{ID: "system", Text: "As the system says"}, model.Choice{ID: "en", Text: "English"}, model.Choice{ID: "de", Text: "German"}),
		{Key: "appearance.scale", Title: "Size", Help: "Percent of the normal size of everything in the window.", Page: "Appearance", Kind: model.IntSetting, Value: "100", Default: "100", Min: 100, Max: 300},
		choice("appearance.density", "Rows", "How much room a row of the list takes.", "Appearance", "comfortable",
			model.Choice{ID: "comfortable", Text: "Comfortable"}, model.Choice{ID: "compact", Text: "Compact"}),
		toggle("appearance.reduced_motion", "Less motion", "Nothing slides or fades.", "Appearance", false),
		toggle("alerts.desktop", "Show notifications", "Tell me about new messages and offers while I look elsewhere.", "Alerts and sounds", true),
		toggle("conversations.ctrl_enter_sends", "Ctrl+Enter sends", "Enter then begins a new line.", "Conversations", false),
		choice("network.mode", "How to reach servers", "Everything that leaves this computer goes this way.", "Network", "direct",
			model.Choice{ID: "direct", Text: "Directly"}, model.Choice{ID: "socks5", Text: "Through a SOCKS5 proxy"}),
		{Key: "network.proxy", Title: "Proxy", Help: "Address of the SOCKS5 proxy, as in proxy.example:1080.", Page: "Network", Kind: model.TextSetting},
		{Key: "network.proxy_password", Title: "Proxy password", Page: "Network", Kind: model.SecretSetting},
		receipts, typing,
	}
}
