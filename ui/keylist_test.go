package ui_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"

	"switchboard/ui"
	"switchboard/ui/access"
	"switchboard/ui/words"
)

// stroke is a combination of the page of keys as the window gets it.
func strokeOf(t *testing.T, caps []string) (key.Name, key.Modifiers) {
	t.Helper()
	var mods key.Modifiers
	for _, c := range caps[:len(caps)-1] {
		m, ok := map[string]key.Modifiers{"Ctrl": key.ModCtrl, "Shift": key.ModShift, "Alt": key.ModAlt}[c]
		if !ok {
			t.Fatalf("%q is no key that is held", c)
		}
		mods |= m
	}
	last := caps[len(caps)-1]
	named := map[string]key.Name{"Tab": key.NameTab, "PgDn": key.NamePageDown, "PgUp": key.NamePageUp, "Home": key.NameHome, "End": key.NameEnd,
		"Esc": key.NameEscape, "Enter": key.NameReturn, "↑": key.NameUpArrow, "↓": key.NameDownArrow, "←": key.NameLeftArrow, "→": key.NameRightArrow,
		"F1": key.NameF1, "F2": key.NameF2, "F3": key.NameF3, "F6": key.NameF6, "F10": key.NameF10, "F11": key.NameF11}
	if n, ok := named[last]; ok {
		return n, mods
	}
	if len(last) != 1 {
		t.Fatalf("%q is no key", last)
	}
	return key.Name(last), mods
}

// TestPageOfKeysHasEveryShortcut: what the window takes wherever the keyboard is
// stands on its page, once.
func TestPageOfKeysHasEveryShortcut(t *testing.T) {
	listed := map[key.Filter]string{}
	for _, g := range words.KeyGroups() {
		for _, k := range g.Keys {
			for _, c := range k.Keys {
				name, mods := strokeOf(t, c)
				f := key.Filter{Name: name, Required: mods}
				if g.Title != "Moving around" && g.Title != "Everything else" && g.Title != "Offers" {
					continue
				}
				if listed[f] != "" {
					t.Errorf("%v stands for %q and %q", c, listed[f], k.Does)
				}
				listed[f] = k.Does
			}
		}
	}
	for _, f := range ui.Shortcuts() {
		if listed[f] == "" {
			t.Errorf("%v %s is not on the page of keys", f.Required, f.Name)
		}
		delete(listed, f)
	}
	for f, does := range listed { // these are taken by Gio, or by what is open
		if !slices.Contains([]string{"Next control", "Control before", "Menu of what has the keyboard", "Close what is open: menu, reply, panel, search"}, does) {
			t.Errorf("%v %s does nothing by itself, and the page says %q", f.Required, f.Name, does)
		}
	}
}

// tried is what a line of the page of keys is tried with: where, what is done
// before, and what has come of it. A nil world is the lab with Bob's conversation
// open, and the keyboard in its composer.
type tried struct {
	world  func() *world
	before func(s *spoken)
	worked func(s *spoken) bool
}

func sees(labels ...string) func(*spoken) bool {
	return func(s *spoken) bool {
		s.wait()
		return !slices.ContainsFunc(labels, func(l string) bool { return !s.Has(l) })
	}
}

// written is whether the host gets this text of the composer.
func written(text string) func(*spoken) bool {
	return func(s *spoken) bool {
		s.Advance(time.Second)
		s.world.mu.Lock()
		defer s.world.mu.Unlock()
		return s.world.texts[dm("bob")+" text"] == text
	}
}

func askedFor(prefix string) func(*spoken) bool {
	return func(s *spoken) bool {
		s.wait()
		return slices.ContainsFunc(s.world.all(), func(c string) bool { return strings.HasPrefix(c, prefix) })
	}
}

// lastly is whether this was asked last.
func lastly(call string) func(*spoken) bool {
	return func(s *spoken) bool {
		s.wait()
		all := s.world.all()
		return len(all) > 0 && all[len(all)-1] == call
	}
}

// on tells whether the keyboard is on something whose name begins so.
func on(name string) func(*spoken) bool {
	return func(s *spoken) bool {
		s.wait()
		return s.tree.Focus != nil && strings.HasPrefix(s.tree.Focus.Name, name)
	}
}

// wrote writes into the composer and presses keys with Ctrl.
func wrote(text string, keys ...key.Name) func(*spoken) {
	return func(s *spoken) {
		s.Type(text)
		for _, k := range keys {
			s.Key(k, key.ModCtrl)
		}
	}
}

// onMessage puts the keyboard on the newest message, and then some up.
func onMessage(up int) func(*spoken) {
	return func(s *spoken) {
		for range 40 {
			if f := s.tree.Focus; f != nil && f.Role == access.ListItem && f.Parent.Name == "Messages" {
				break
			}
			s.Tab(true)
		}
		for range up {
			s.Key(key.NameUpArrow, 0)
		}
	}
}

func press(name key.Name, mods key.Modifiers) func(*spoken) {
	return func(s *spoken) { s.Key(name, mods); s.wait() }
}

// looked is where the picture that is looked at was when it came, and before the key.
var looked struct{ fit, before image.Rectangle }

// enlarged opens the first picture, of two, and makes it larger.
func enlarged(larger int) func(*spoken) {
	return func(s *spoken) {
		s.wait()
		s.Click("Picture c")
		s.wait()
		looked.fit = s.Find("Picture c").Bounds
		for range larger {
			s.Key("+", 0)
		}
		s.wait()
		looked.before = s.Find("Picture c").Bounds
	}
}

// picture tells how much larger than before the picture is, in rough steps, and
// whether it fits the window.
func picture(ok func(more int, fits bool) bool) func(*spoken) bool {
	return func(s *spoken) bool {
		s.wait()
		now := s.Find("Picture c").Bounds
		return ok(now.Dx()+now.Dy()-looked.before.Dx()-looked.before.Dy(), now == looked.fit)
	}
}

// findingBoard opens the line that finds, with three hits, and shows one of them.
func findingBoard(at int) func(*spoken) {
	return func(s *spoken) {
		s.Key("F", key.ModCtrl)
		s.Type("board")
		s.answer()
		for range at - 1 {
			s.Key(key.NameF3, 0)
		}
	}
}

var bob = "act " + dm("bob") + " "

// keyTries are all lines of the page of keys, by their words.
var keyTries = map[string]tried{
	"Find a person, a group, a command or a message": {worked: on("Search people")},
	"Search everything that was written":             {worked: func(s *spoken) bool { return !on("Message Bob")(s) && !s.Has("Conversation with Bob") }},
	"Find in this conversation":                      {worked: on("Find in this conversation")},
	"Next match":                                     {before: findingBoard(1), worked: lastly(bob + " REVEAL m1")},
	"Match before":                                   {before: findingBoard(2), worked: lastly(bob + " REVEAL m3")},
	"Jump to a day of this conversation":             {world: talkative, worked: sees("November 2026")},
	"Next conversation":                              {worked: sees("Conversation with Dora Lindqvist")},
	"Conversation before":                            {before: press(key.NameTab, key.ModCtrl), worked: sees("Conversation with Bob")},
	"Next control":                                   {worked: func(s *spoken) bool { return !on("Message Bob")(s) }},
	"Control before":                                 {worked: func(s *spoken) bool { return !on("Message Bob")(s) }},
	"Next part of the window":                        {worked: on("Bob, Available")},
	"Part of the window before":                      {worked: on("Bob, Available")},
	"Menu of what has the keyboard":                  {before: press(key.NameF6, 0), worked: sees("Mute for 1 hour")},
	"Back to where you were":                         {before: press(",", key.ModCtrl), worked: sees("Conversation with Bob")},
	"Close what is open: menu, reply, panel, search": {before: findingBoard(1), worked: on("Message Bob")},

	"Send":     {before: wrote("hello"), worked: askedFor(bob + "text SUBMIT hello")},
	"New line": {before: wrote("hello"), worked: written("hello\n")},
	"Edit your last message, in an empty line": {worked: askedFor(bob + "text EDIT_LAST")},
	"Bold":   {world: formatted, before: wrote("hello", "A"), worked: written("*hello*")},
	"Italic": {world: formatted, before: wrote("hello", "A"), worked: written("_hello_")},
	"Code":   {world: formatted, before: wrote("hello", "A"), worked: written("`hello`")},
	"Select all": {before: wrote("hello"), worked: func(s *spoken) bool {
		x := s.tree.Focus.Text
		return x != nil && x.Caret != x.Mark
	}},
	"Copy":                  {before: wrote("hello", "A"), worked: func(s *spoken) bool { return s.Clipboard == "hello" }},
	"Cut":                   {before: wrote("hello", "A"), worked: func(s *spoken) bool { return s.Clipboard == "hello" && written("")(s) }},
	"Paste, also a picture": {before: func(s *spoken) { s.Clipboard = "pasted" }, worked: written("pasted")},
	"Undo":                  {before: wrote("one two"), worked: written("one ")},
	"Redo":                  {before: wrote("one two", "Z"), worked: written("one two")},

	"Later messages":      {before: onMessage(2), worked: func(s *spoken) bool { return on("Alice, 10:03")(s) || on("Bob, 10:02, I put")(s) }},
	"Earlier messages":    {before: onMessage(0), worked: func(s *spoken) bool { return on("Bob, 10:02, I put")(s) || on("Bob, 09:58")(s) }},
	"Menu of the message": {before: onMessage(1), worked: sees("Reply")},
	"Reactions":           {world: talkative, before: onMessage(1), worked: on("React")},
	"Select messages":     {before: onMessage(1), worked: sees("2 selected")},

	"Accept what is offered": {world: withOffer, before: settled, worked: askedFor("session accept")},
	"Decline it":             {world: withOffer, before: settled, worked: askedFor("session decline")},

	"Larger":         {world: talkative, before: enlarged(0), worked: picture(func(more int, _ bool) bool { return more > 0 })},
	"Smaller":        {world: talkative, before: enlarged(2), worked: picture(func(more int, fits bool) bool { return more < 0 && !fits })},
	"Fit the window": {world: talkative, before: enlarged(2), worked: picture(func(_ int, fits bool) bool { return fits })},
	"Next picture":   {world: talkative, before: enlarged(0), worked: sees("2 / 2")},
	"Picture before": {world: talkative, before: func(s *spoken) { enlarged(0)(s); s.Key(key.NameRightArrow, 0) }, worked: sees("1 / 2")},

	"Settings":                      {worked: sees("Appearance", "Privacy")},
	"Rename the person you talk to": {worked: func(s *spoken) bool { s.wait(); return s.tree.Focus.Text != nil && !on("Message Bob")(s) }},
	"Fill the screen":               {worked: func(s *spoken) bool { return s.ui.TakeFill() }},
	"This page":                     {worked: sees("Moving around")},
	"Quit; closing the window leaves the network on this computer running": {worked: askedFor("others")},
}

// TestEveryKeyOfThePageWorks presses each combination of the page of keys and looks
// for what the page says that it does, which was not so before.
func TestEveryKeyOfThePageWorks(t *testing.T) {
	lines := 0
	for _, g := range words.KeyGroups() {
		for _, k := range g.Keys {
			lines++
			c, ok := keyTries[k.Does]
			if !ok {
				t.Errorf("nothing tries %v, %q", k.Keys, k.Does)
				continue
			}
			for _, caps := range k.Keys {
				t.Run(g.Title+"/"+strings.Join(caps, "+"), func(t *testing.T) { tryKey(t, c, caps, k.Does) })
			}
		}
	}
	if lines != len(keyTries) {
		t.Errorf("%d lines, and %d are tried", lines, len(keyTries))
	}
}

func tryKey(t *testing.T, c tried, caps []string, does string) {
	start := c.world
	if start == nil {
		start = lab
	}
	s := listen(t, scene{world: func() *world {
		w := start()
		w.kept["conversation"] = dm("bob")
		return w
	}, size: desk, scale: 1})
	s.wait()
	if !on("Message Bob")(s) {
		t.Fatal("the keyboard is not in the composer")
	}
	if c.before != nil {
		c.before(s)
	}
	if c.worked(s) {
		t.Fatalf("%q before the key was pressed, in\n%s", does, s.Tree())
	}
	switch name, mods := strokeOf(t, caps); {
	case name == key.NameTab && mods&key.ModCtrl == 0:
		s.Tab(mods == key.ModShift)
	default:
		s.Key(name, mods)
	}
	s.wait()
	if !c.worked(s) {
		focus := ""
		if s.tree.Focus != nil {
			focus = s.tree.Focus.Name
		}
		t.Errorf("not %q; the keyboard is on %q, asked was %q, in\n%s", does, focus, s.world.all(), s.Tree())
	}
}

func withOffer() *world {
	w := lab()
	offered(w)
	return w
}

// settled waits until an offer may be answered by a key.
func settled(s *spoken) { s.Advance(time.Second) }

func formatted() *world {
	w := lab()
	composer(w.views[chat("bob")].Root).Formatting = true
	return w
}
