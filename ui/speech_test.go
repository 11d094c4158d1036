package ui_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"
	"gioui.org/io/semantic"
	"gioui.org/layout"

	"switchboard/ui"
	"switchboard/ui/access"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

// spoken is a window to which a screen reader listens.
type spoken struct {
	*shown
	tree *access.Tree // of the last frame
}

// listen shows a scene as a screen reader gets it.
func listen(t *testing.T, c scene) *spoken {
	t.Helper()
	w := c.world()
	s := &spoken{shown: &shown{world: w, ui: ui.NewWindow(w, theme.New(theme.Options{Zone: time.UTC}))}}
	t.Cleanup(s.ui.Close)
	s.ui.Access().Enable(true)
	s.Window = uitest.New(t, c.size, c.scale, func(gtx layout.Context) layout.Dimensions {
		d := s.ui.Layout(gtx)
		s.tree = s.ui.Spoken(gtx.Ops, c.size)
		return d
	})
	if c.then != nil {
		c.then(s.shown)
		s.wait()
	}
	return s
}

func isControl(n *access.Node) bool {
	switch n.Role {
	case access.Button, access.Switch, access.CheckBox, access.Radio, access.Entry, access.ListItem, access.MenuItem, access.Link, access.Slider, access.Tab:
		return true
	}
	return false
}

// TestEverythingHasANameAndARole: on every screen, what can be pressed or typed
// into is in the tree of a screen reader, with a name, inside the window.
func TestEverythingHasANameAndARole(t *testing.T) {
	for _, c := range slices.Concat(screens, groupScreens, netScreens) {
		t.Run(c.name, func(t *testing.T) {
			s := listen(t, c)
			window, names := image.Rectangle{Max: c.size}, map[string]bool{}
			for _, n := range s.tree.Nodes {
				names[n.Name] = true
				if isControl(n) && strings.TrimSpace(n.Name) == "" {
					t.Errorf("a control of role %d at %v has no name", n.Role, n.Bounds)
				}
				if !n.Bounds.In(window) && !n.Focused {
					t.Errorf("%q lies outside the window at %v", n.Name, n.Bounds)
				}
				if n.Parent != nil && n.Parent.Children[n.Index] != n {
					t.Errorf("%q is not where its parent has it", n.Name)
				}
			}
			for _, n := range s.Nodes() {
				if n.Disabled || n.Class == semantic.Unknown || n.Class == semantic.Editor || !n.Bounds.Overlaps(window) || n.Label == "" {
					continue
				}
				if !names[n.Label] && !slices.ContainsFunc(s.all(), func(o *access.Node) bool { return strings.HasPrefix(o.Name, rowName(n.Label)) }) {
					t.Errorf("%v %q is not in the tree", n.Class, n.Label)
				}
			}
		})
	}
}

// rowName is the name in a row's label, whose spoken form says more.
func rowName(label string) string {
	name, _, _ := strings.Cut(label, ", ")
	return name
}

func (s *spoken) all() []*access.Node {
	out := make([]*access.Node, 0, len(s.tree.Nodes))
	for _, n := range s.tree.Nodes {
		out = append(out, n)
	}
	return out
}

// TestTabReachesEverything: on every screen Tab comes to everything that can be
// pressed or typed into, and leads on from everywhere.
func TestTabReachesEverything(t *testing.T) {
	for _, c := range slices.Concat(screens, groupScreens, netScreens) {
		if strings.HasPrefix(c.name, "de-") || strings.HasSuffix(c.name, "-dark") || strings.Contains(c.name, "contrast") {
			continue // the same as another, in other words or colours
		}
		t.Run(c.name, func(t *testing.T) {
			s := listen(t, c)
			want := map[int64]*access.Node{}
			for id, n := range s.tree.Nodes {
				if isControl(n) && n.Tag != nil && n.Role != access.ListItem && !n.Disabled && n.Bounds.Dx() > 4 && n.Bounds.Dy() > 4 {
					want[id] = n
				}
			}
			missing, last, same := len(want), int64(-1), 0
			for i := 0; i < 4*len(s.tree.Nodes)+40 && missing > 0; i++ {
				s.Tab(false)
				missing = len(want)
				for id := range want {
					if n := s.tree.Nodes[id]; n == nil || n.Disabled {
						missing-- // gone, as a menu that Tab closes
					}
				}
				f := s.tree.Focus
				if f == nil {
					continue
				}
				if delete(want, f.ID); f.ID == last && f.Role != access.Dialog {
					if same++; same > 3 {
						t.Fatalf("Tab does not leave %q", f.Name)
					}
				} else {
					same = 0
				}
				last = f.ID
			}
			for id, n := range want {
				if now := s.tree.Nodes[id]; now != nil && !now.Disabled {
					t.Errorf("Tab never comes to %q at %v", n.Name, n.Bounds)
				}
			}
		})
	}
}

// TestSpokenConversation: what a screen reader hears of a conversation, does in
// it, and is told of by itself.
func TestSpokenConversation(t *testing.T) {
	s := listen(t, scene{world: lab, size: desk, scale: 1})
	byName := func(prefix string) *access.Node {
		t.Helper()
		for _, n := range s.all() {
			if strings.HasPrefix(n.Name, prefix) {
				return n
			}
		}
		names := []string{}
		for _, n := range s.all() {
			names = append(names, n.Name)
		}
		t.Fatalf("nothing is called %q but %q", prefix, names)
		return nil
	}
	byName("Emil, Offline, 14 unread messages, See you on Monday, Sat")
	row := byName("Bob, Available, did you see the drawing?, 10:03")
	if row.Role != access.ListItem || !row.Selected || row.Press == nil || row.Parent.Role != access.List {
		t.Errorf("the row is %+v", row.Note)
	}
	message := byName("Bob, 10:02, did you see the drawing?")
	if message.Role != access.ListItem || len(message.Actions) == 0 || message.Actions[0].Name != "Reply" || len(message.Children) > 0 {
		t.Errorf("the message is %+v", message.Note)
	}
	next := func(do func()) {
		s.ui.Access().Queue(func(layout.Context) { do() })
		s.wait()
	}
	next(byName("Chris Okafor").Press)
	if !byName("Chris Okafor").Selected {
		t.Error("pressing the row did not open the conversation")
	}
	next(byName("Bob, ").Press)
	composer := byName("Message Bob")
	next(func() { composer.Text.Set(0, 0, "Grüße, Bob") })
	composer = byName("Message Bob")
	if x := composer.Text; x.Content != "Grüße, Bob" || x.Caret != 10 || !x.Lines {
		t.Errorf("the composer holds %+v", x)
	}
	next(func() { composer.Text.Move(2, 5) })
	if x := byName("Message Bob").Text; x.Caret != 2 || x.Mark != 5 {
		t.Errorf("the caret is at %d, the mark at %d", x.Caret, x.Mark)
	}
	s.Key("Q", key.ModCtrl)
	s.wait()
	dialog := s.tree.Focus
	for dialog != nil && dialog.Role != access.Dialog {
		dialog = dialog.Parent
	}
	if dialog == nil || dialog.Name == "" || !dialog.Modal {
		t.Fatalf("the keyboard is not in the dialog")
	}
	if n := byName("Message Bob"); !n.Disabled {
		t.Error("what is behind a dialog can be used")
	}
}

// BenchmarkSpoken is what a frame costs more when a screen reader listens.
func BenchmarkSpoken(b *testing.B) {
	for _, on := range []bool{false, true} {
		b.Run(map[bool]string{false: "off", true: "on"}[on], func(b *testing.B) {
			world := crowd(1000)
			world.kept["conversation"] = dm("bob")
			win := ui.NewWindow(world, theme.New(theme.Options{Zone: time.UTC}))
			defer win.Close()
			win.Access().Enable(on)
			w := uitest.New(b, desk, 1, func(gtx layout.Context) layout.Dimensions {
				d := win.Layout(gtx)
				win.Spoken(gtx.Ops, desk)
				return d
			})
			for b.Loop() {
				w.Frame()
			}
		})
	}
}
