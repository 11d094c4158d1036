package ui_test

import (
	"image"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// talkative is the gallery in which everything can be done with messages.
func talkative() *world {
	w := gallery()
	v := w.views[chat("bob")]
	n := 0
	for _, it := range v.Lists["log"].Items {
		m := it.GetNode().GetMessage()
		if m == nil {
			continue
		}
		m.React, m.Forward = true, true
		m.Menu = []*contractv1.Item{{Id: "reply", Text: "Reply", Icon: "reply"}, {Id: "copy", Text: "Copy text", Icon: "copy"},
			{Id: "delete", Text: "Delete", Icon: "delete", Danger: true, Many: true, SeparatorBefore: true}}
		if n == 0 {
			m.Reactions = []*contractv1.Chip{{Id: "👍", Text: "👍", Count: 2, Selected: true, Tooltip: "Alice, Bob"}, {Id: "🎉", Text: "🎉", Count: 1, Tooltip: "Bob"}}
			m.Extra = nil
			m.Body = []*contractv1.Span{{Text: "Look what I found:\n"}, {Text: "a key\n", Block: contractv1.Span_BULLET}, {Text: "a coin\n", Block: contractv1.Span_BULLET},
				{Text: "and a note\n", Block: contractv1.Span_QUOTED}, {Text: "go test ./...\n", Block: contractv1.Span_PREFORMATTED}}
		}
		if n == 1 {
			m.Extra[0].GetImage().Blob = hash("a")
		}
		if n == 2 {
			m.Extra[0].GetImage().Blob, m.Extra[0].GetImage().Bytes = hash("b"), 90_000
		}
		n++
	}
	eachList(v.Root, func(l *contractv1.List) { l.Dates = true })
	e := composer(v.Root)
	e.Emoji, e.Formatting = true, true
	return w
}

func eachList(n *contractv1.Node, do func(*contractv1.List)) {
	if l := n.GetList(); l != nil {
		do(l)
	}
	for _, c := range n.GetColumn().GetChildren() {
		eachList(c, do)
	}
}

// forwarder keeps what was forwarded.
type forwarder struct {
	*world
	to   model.SessionKey
	acts []model.Action
}

func (f *forwarder) Act(key model.SessionKey, a model.Action) error {
	if a.Kind == contractv1.Action_FORWARD {
		f.to = key
		f.acts = append(f.acts, a)
	}
	return f.world.Act(key, a)
}

func TestForward(t *testing.T) {
	w := talkative()
	f := &forwarder{world: w}
	s := showBackend(t, f, w, desk, 1)
	s.RightClick("Bob, 09:58…")
	s.Click("Forward…")
	if !s.Has("Forward to…") {
		t.Fatalf("no sheet:\n%s", s.Tree())
	}
	s.Type("emi")
	s.Key(key.NameReturn, 0)
	if len(f.acts) != 1 || f.to.Session != "im" || f.to.Conversation == chat("bob").Conversation ||
		f.acts[0].Source != chat("bob") || len(f.acts[0].Keys) != 1 {
		t.Fatalf("forwarded to %+v: %+v", f.to, f.acts)
	}
	if !s.Has("Forwarded to Emil…") || s.Has("Forward to…") {
		t.Fatalf("nothing is said:\n%s", s.Tree())
	}
	s.Click("Open")
	if !s.Has("Message Emil…") && !strings.Contains(s.Tree(), "Emil") {
		t.Errorf("it does not open:\n%s", s.Tree())
	}
}

func TestMarksInTheWindow(t *testing.T) {
	s := show(t, talkative(), desk, 1)
	s.RightClick("Bob, 09:58…")
	s.Click("Select")
	s.Key(key.NameEscape, 0)
	if s.Has("1 selected") || !s.Has("Message Bob") {
		t.Fatalf("Esc:\n%s", s.Tree())
	}
	s.RightClick("Bob, 09:58…")
	s.Click("Select")
	s.Click("Delete…")
	s.Advance(time.Second)
	s.Click("Delete")
	if !strings.Contains(strings.Join(s.world.all(), "\n"), "PRESS delete") {
		t.Errorf("calls: %q", s.world.all())
	}
}

func TestReactInTheWindow(t *testing.T) {
	s := show(t, talkative(), desk, 1)
	s.Click("🎉 1")
	if !strings.Contains(strings.Join(s.world.all(), "\n"), "REACT 🎉") {
		t.Errorf("calls: %q", s.world.all())
	}
}

func TestForwardIsLeft(t *testing.T) {
	w := talkative()
	f := &forwarder{world: w}
	s := showBackend(t, f, w, desk, 1)
	s.RightClick("Bob, 09:58…")
	s.Click("Forward…")
	s.Type("nobody is called so")
	s.Key(key.NameReturn, 0)
	if !s.Has("Nothing found") {
		t.Errorf("no words for that:\n%s", s.Tree())
	}
	s.Key(key.NameEscape, 0)
	if s.Has("Forward to…") || len(f.acts) != 0 {
		t.Errorf("Esc: %+v\n%s", f.acts, s.Tree())
	}
}

func TestJumpToDateByKey(t *testing.T) {
	s := show(t, talkative(), desk, 1)
	s.Key("G", key.ModCtrl)
	if !s.Has("November 2026") {
		t.Fatalf("no calendar:\n%s", s.Tree())
	}
	s.Key(key.NameLeftArrow, 0)
	s.Key(key.NameReturn, 0)
	if !s.world.asked("act " + chat("bob").Conversation + " log DATE 2026-11-23") {
		t.Errorf("calls: %q", s.world.all())
	}
	s.Click("More")
	s.Click("Jump to date…")
	if !s.Has("November 2026") {
		t.Error("the menu opens no calendar")
	}
}

func TestPicturesLookedAt(t *testing.T) {
	s := show(t, talkative(), desk, 1)
	s.wait()
	s.Click("Picture c")
	s.wait()
	if !s.Has("1 / 2") || s.Has("Picture before") || !s.Has("Next picture") {
		t.Fatalf("the first of two:\n%s", s.Tree())
	}
	fits := s.Find("Picture c").Bounds
	s.Key("+", 0)
	s.Key("+", 0)
	s.wait()
	if now := s.Find("Picture c").Bounds; now.Dx() <= fits.Dx() && now.Dy() <= fits.Dy() {
		t.Errorf("larger: %v, was %v", now, fits)
	}
	s.Key("0", 0)
	if now := s.Find("Picture c").Bounds; now != fits {
		t.Errorf("fits: %v, was %v", now, fits)
	}
	s.Scroll(f32.Pt(500, 400), -50)
	s.wait()
	if now := s.Find("Picture c").Bounds; now == fits {
		t.Error("the wheel does nothing")
	}
	s.Click("Fit the window")
	s.Key(key.NameRightArrow, 0)
	s.wait()
	if !s.Has("2 / 2") || s.Has("Next picture") {
		t.Fatalf("the second of two:\n%s", s.Tree())
	}
	s.Click("Save as…")
	s.wait()
	s.wait()
	s.Advance(time.Second)
	if !s.Has("File") {
		t.Fatalf("no question where to:\n%s", s.Tree())
	}
	s.Key(key.NameReturn, 0)
	s.wait()
	if !s.world.asked("save picture bbbbbbbb /home/alice/Pictures/bbbbbbbb.png") {
		t.Errorf("calls: %q", s.world.all())
	}
	s.Key(key.NameEscape, 0)
	if s.Has("2 / 2") {
		t.Error("Esc does not close it")
	}
}

// chatScreens are those of a conversation that is used.
var chatScreens = []scene{
	{"talk", talkative, desk, 1, nil},
	{"talk-menu", talkative, desk, 1, func(s *shown) { s.RightClick("Bob, 09:58…") }},
	{"talk-bar", talkative, desk, 1, func(s *shown) { s.Hover(middleOf(s.Find("Bob, 09:58…").Bounds)) }},
	{"talk-picker", talkative, desk, 1, func(s *shown) { s.Click("Emoji"); s.Advance(time.Second) }},
	{"talk-picker-narrow", talkative, image.Pt(360, 480), 1, func(s *shown) { clicks("Bob…")(s); s.Click("Emoji"); s.Advance(time.Second) }},
	{"talk-marked", talkative, desk, 1, func(s *shown) { s.RightClick("Bob, 09:58…"); s.Click("Select") }},
	{"talk-marked-narrow", talkative, image.Pt(360, 640), 1, func(s *shown) { clicks("Bob…")(s); s.RightClick("Bob, 09:58…"); s.Click("Select") }},
	{"talk-dark", func() *world { return with("appearance.theme", "dark", talkative()) }, desk, 1, func(s *shown) {
		s.RightClick("Bob, 09:58…")
		s.Click("Select")
		s.Click("Delete…")
		s.Advance(time.Second)
	}},
	{"talk-forward", talkative, desk, 1, func(s *shown) { s.RightClick("Bob, 09:58…"); s.Click("Forward…") }},
	{"talk-forward-dark", func() *world { return with("appearance.theme", "dark", german(talkative)()) }, desk, 1, func(s *shown) { s.RightClick("Bob, 09:58…"); s.Click("Weiterleiten…") }},
	{"talk-date", german(talkative), desk, 1, func(s *shown) { s.Key("G", key.ModCtrl) }},
	{"talk-picture", talkative, desk, 1, func(s *shown) { s.wait(); s.Click("Picture c"); s.wait(); s.Key(key.NameRightArrow, 0) }},
	{"talk-picture-dark", func() *world { return with("appearance.theme", "dark", talkative()) }, desk, 1, func(s *shown) { s.wait(); s.Click("Picture c"); s.wait(); s.Key("+", 0); s.Key("+", 0) }},
}

func middleOf(r image.Rectangle) f32.Point {
	return f32.Pt(float32(r.Min.X+r.Max.X)/2, float32(r.Min.Y+r.Max.Y)/2)
}
