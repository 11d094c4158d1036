package render_test

import (
	"fmt"
	"image"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/render"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
	"switchboard/ui/widget"
)

var sessionKey = model.SessionKey{Conversation: "dm.alice.bob", Session: "im"}

func at(min int) int64 { return uitest.Epoch.Add(time.Duration(min-30) * time.Minute).UnixMilli() }

func span(s string) []*contractv1.Span { return []*contractv1.Span{{Text: s}} }

func msg(id, text string, mine bool, min int, edit ...func(*contractv1.Message)) *contractv1.ListItem {
	m := &contractv1.Message{
		From: "bob@lab", Name: "Bob", Mine: mine, TimeMs: at(min), State: contractv1.Message_RECEIVED, Body: span(text),
		Menu: []*contractv1.Item{{Id: "reply", Text: "Reply", Icon: "reply"}, {Id: "copy", Text: "Copy", Icon: "copy"}},
	}
	if mine {
		m.From, m.Name, m.State = "alice@lab", "Alice", contractv1.Message_READ
		m.Menu = append(m.Menu, &contractv1.Item{Id: "edit", Text: "Edit", Icon: "edit"}, &contractv1.Item{Id: "delete", Text: "Delete", Icon: "delete", Danger: true, SeparatorBefore: true})
	}
	for _, f := range edit {
		f(m)
	}
	return &contractv1.ListItem{Key: id, Node: &contractv1.Node{Id: id, Body: &contractv1.Node_Message{Message: m}}, Revision: 1}
}

func sep(id, text string, accent bool) *contractv1.ListItem {
	return &contractv1.ListItem{Key: id, Node: &contractv1.Node{Id: id, Body: &contractv1.Node_Separator{Separator: &contractv1.Separator{Text: text, Accent: accent}}}}
}

func continues(m *contractv1.Message) { m.Continues = true }

func conversation() []*contractv1.ListItem {
	return []*contractv1.ListItem{
		sep("day:1", "Tuesday, 24 November", false),
		msg("1", "Good morning! Did you see the drawing that I put up yesterday?", false, 1),
		msg("2", "It is on the whiteboard.", false, 2, continues),
		msg("3", "yes, opening it", true, 4, func(m *contractv1.Message) { m.State = contractv1.Message_DELIVERED }),
		msg("4", "A very long word follows: Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorstandsvorsitzender and goes on", true, 5, continues),
		msg("5", "", false, 7, func(m *contractv1.Message) {
			m.Body = []*contractv1.Span{{Text: "See "}, {Text: "https://example.org/a/long/path?with=query", Link: "https://example.org/another/path"}, {Text: " or "}, {Text: "this", Bold: true}, {Text: " and run "}, {Text: "go test ./...", Code: true}, {Text: ", "}, {Text: "@Alice", Mention: true}, {Text: ". "}, {Text: "Not ", Italic: true}, {Text: "this", Strike: true}}
			m.Reactions = []*contractv1.Chip{{Id: "up", Text: "+1", Count: 2, Selected: true}, {Id: "heart", Text: "ok", Count: 1}}
		}),
		msg("6", "Sounds good, I agree with all of it.", true, 8, func(m *contractv1.Message) {
			m.Quote = &contractv1.Quote{Key: "1", Name: "Bob", Text: "Good morning! Did you see the drawing that I put up yesterday?"}
			m.Edited = true
		}),
		msg("7", "", false, 9, func(m *contractv1.Message) { m.Deleted, m.Body = true, nil }),
		msg("8", "", false, 9, continues, func(m *contractv1.Message) { m.Note, m.Body = "This message is from a newer version.", nil }),
		sep("new", "new", true),
		msg("9", "Could you send me the numbers from the last measurement? I would like to put them into the report before noon, so that everybody can have a look before the meeting.", false, 20),
		msg("10", "of course", true, 21, func(m *contractv1.Message) { m.State = contractv1.Message_WAITING }),
		msg("11", "Here they are", true, 22, continues, func(m *contractv1.Message) {
			m.State, m.Reason = contractv1.Message_NOT_SENT, "Bob has blocked you."
			m.Extra = []*contractv1.Node{{Body: &contractv1.Node_Row{Row: &contractv1.Box{Children: []*contractv1.Node{button("again", "Try again", contractv1.Button_QUIET), button("discard", "Delete", contractv1.Button_DANGER)}}}}}
		}),
	}
}

func button(id, text string, role contractv1.Button_Role) *contractv1.Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Button{Button: &contractv1.Button{Text: text, Role: role}}}
}

// chat is a conversation as plugin im would show it, with a host behind it that
// writes down what it is told.
type chat struct {
	th      *theme.Theme
	root    widget.Root
	session *render.Session
	view    *model.View
	acts    []model.Action
	wants   []string
	seen    []string
	edited  []string
	done    uint64
	opened  []string
	refuse  error
	focused bool
	ctrl    bool
	editor  *contractv1.Editor
	kept    map[string]string

	forwarded []string
}

func newChat(o theme.Options, items []*contractv1.ListItem) *chat {
	o.Zone = time.UTC
	c := &chat{th: theme.New(o), focused: true, editor: &contractv1.Editor{Composer: true, Hint: "Message Bob"}}
	c.session = render.New(render.Env{
		Act: func(_ model.SessionKey, a model.Action) error {
			if c.refuse == nil {
				c.acts = append(c.acts, a)
			}
			return c.refuse
		},
		Want: func(_ model.SessionKey, list, anchor string, before, after int) {
			c.wants = append(c.wants, fmt.Sprintf("%s %q -%d +%d", list, anchor, before, after))
		},
		Seen:           func(_ model.SessionKey, _, item string) { c.seen = append(c.seen, item) },
		Edited:         func(_ model.SessionKey, _, text string) { c.edited = append(c.edited, text) },
		CommandDone:    func(_ model.SessionKey, n uint64) { c.done = n },
		OpenLink:       func(a string) { c.opened = append(c.opened, a) },
		Focused:        func() bool { return c.focused },
		CtrlEnterSends: func() bool { return c.ctrl },
		Recall:         func(key string) string { return c.kept[key] },
		Remember:       func(key, value string) { c.kept[key] = value },
		Forward:        func(_ model.SessionKey, keys []string) { c.forwarded = keys },
	})
	c.view = &model.View{
		Key: sessionKey, Plugin: "im", Revision: 1, Editors: map[string]model.Editor{"text": {Revision: 1}},
		Lists: map[string]*model.List{"log": {Items: items, Loaded: true, Generation: 1}},
	}
	c.rebuild()
	return c
}

// rebuild makes a new tree, as a plugin's Show does.
func (c *chat) rebuild() {
	c.change(func(v *model.View) {
		v.Root = &contractv1.Node{Id: "root", Body: &contractv1.Node_Column{Column: &contractv1.Box{Grow: "log", Gap: contractv1.Box_NONE, Children: []*contractv1.Node{
			{Id: "log", Body: &contractv1.Node_List{List: &contractv1.List{StickToEnd: true, Generation: 1, TrackSeen: true, Empty: "No messages yet."}}},
			{Id: "text", Body: &contractv1.Node_Editor{Editor: c.editor}},
		}}}}
	})
}

// change gives the window a new view; the old one is never touched.
func (c *chat) change(f func(*model.View)) {
	v := *c.view
	v.Lists = map[string]*model.List{}
	for k, l := range c.view.Lists {
		n := *l
		v.Lists[k] = &n
	}
	v.Editors = map[string]model.Editor{}
	for k, e := range c.view.Editors {
		v.Editors[k] = e
	}
	f(&v)
	v.Revision++
	c.view = &v
}

func (c *chat) items(items []*contractv1.ListItem) {
	c.change(func(v *model.View) { v.Lists["log"].Items = items })
}

func (c *chat) Layout(gtx C) D {
	return c.root.Layout(gtx, c.th, func(gtx C) D { return c.session.Layout(gtx, c.th, c.view) })
}

type (
	C = render.C
	D = render.D
)

func open(t testing.TB, c *chat, size image.Point) *uitest.Window {
	return uitest.New(t, size, 1, c.Layout)
}

func TestChatPictures(t *testing.T) {
	for name, o := range map[string]theme.Options{
		"light": {}, "dark": {Dark: true}, "contrast": {HighContrast: true},
	} {
		c := newChat(o, conversation())
		w := open(t, c, image.Pt(760, 900))
		w.Golden("chat-" + name)
	}
}
