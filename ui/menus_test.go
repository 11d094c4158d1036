package ui_test

import (
	"testing"
	"time"

	"switchboard/ui/words"
)

// byPointer is how somebody without a keyboard gets at what a key does: some steps,
// and the label of what is pressed in the end.
type byPointer struct {
	world func() *world
	steps func(s *shown)
	label string
}

// rightClicked opens the menu of what is typed into.
func rightClicked(s *shown) { s.RightClick("Message Bob") }

func onText(text string) func(*shown) {
	return func(s *shown) {
		s.Type(text)
		rightClicked(s)
	}
}

func message(s *shown) { s.RightClick("yes, opening it") }

func bobsFinder(s *shown) {
	s.Click("More")
	s.Click("Find in this conversation")
}

// withoutKeys is where every command that has a key is found without it. Keys that
// only move the keyboard have no menu, and are not in it.
var withoutKeys = map[string]byPointer{
	"Find a person, a group, a command or a message": {label: "Search people…"},
	"Search everything that was written":             {steps: clicks("More"), label: "Search everything"},
	"Find in this conversation":                      {steps: clicks("More"), label: "Find in this conversation"},
	"Next match":                                     {steps: bobsFinder, label: "Next match…"},
	"Match before":                                   {steps: bobsFinder, label: "Previous match…"},
	"Jump to a day of this conversation":             {world: talkative, steps: clicks("More"), label: "Jump to date…"},
	"Next conversation":                              {label: "Dora Lindqvist…"},
	"Conversation before":                            {label: "Dora Lindqvist…"},
	"Back to where you were":                         {steps: clicks("Settings"), label: "Back"},
	"Close what is open: menu, reply, panel, search": {steps: bobsFinder, label: "Close"},

	"Send":                  {label: "Send"},
	"Bold":                  {world: formatted, steps: rightClicked, label: "Bold"},
	"Italic":                {world: formatted, steps: rightClicked, label: "Italic"},
	"Code":                  {world: formatted, steps: rightClicked, label: "Code"},
	"Select all":            {steps: onText("x"), label: "Select all"},
	"Copy":                  {steps: onText("x"), label: "Copy"},
	"Cut":                   {steps: onText("x"), label: "Cut"},
	"Paste, also a picture": {steps: rightClicked, label: "Paste"},
	"Undo":                  {steps: onText("x"), label: "Undo"},
	"Redo":                  {steps: onText("x"), label: "Redo"},

	"Menu of the message": {steps: message, label: "Reply"},
	"Reactions":           {world: talkative, steps: func(s *shown) { s.RightClick("This one was there too") }, label: "React…"},
	"Select messages":     {world: talkative, steps: func(s *shown) { s.RightClick("This one was there too") }, label: "Select"},

	"Accept what is offered": {world: withOffer, label: "Accept…"},
	"Decline it":             {world: withOffer, label: "Decline…"},

	"Larger":         {world: talkative, steps: looking, label: "Larger"},
	"Smaller":        {world: talkative, steps: looking, label: "Smaller"},
	"Fit the window": {world: talkative, steps: looking, label: "Fit the window"},
	"Next picture":   {world: talkative, steps: looking, label: "Next picture"},
	"Picture before": {world: talkative, steps: func(s *shown) { looking(s); s.Click("Next picture") }, label: "Picture before"},

	"Settings":                      {label: "Settings"},
	"Rename the person you talk to": {steps: clicks("More"), label: "Rename"},
	"Fill the screen":               {steps: clicks("More"), label: "Fill the screen"},
	"This page":                     {steps: clicks("Settings"), label: "Keyboard"},
	"Quit; closing the window leaves the network on this computer running": {steps: clicks("My presence: Available"), label: "Quit Switchboard"},
}

func looking(s *shown) {
	s.wait()
	s.Click("Picture c")
	s.wait()
}

// TestEveryCommandIsInAMenuToo finds what each key of the page of keys does without
// a keyboard, and what menus show at the right of it.
func TestEveryCommandIsInAMenuToo(t *testing.T) {
	moves := map[string]bool{"Next control": true, "Control before": true, "Next part of the window": true, "Part of the window before": true,
		"Menu of what has the keyboard": true, "Later messages": true, "Earlier messages": true, "New line": true,
		"Edit your last message, in an empty line": true} // the last is in the menu that Messages makes
	for _, g := range words.KeyGroups() {
		for _, k := range g.Keys {
			c, ok := withoutKeys[k.Does]
			if ok == moves[k.Does] {
				t.Errorf("%q is in no list, or in both", k.Does)
			}
			if !ok {
				continue
			}
			t.Run(k.Does, func(t *testing.T) {
				start := c.world
				if start == nil {
					start = lab
				}
				w := start()
				w.kept["conversation"] = dm("bob")
				s := show(t, w, desk, 1)
				s.wait()
				s.Advance(time.Second)
				if c.steps != nil {
					c.steps(s)
				}
				s.wait()
				if !s.Has(c.label) {
					t.Errorf("no %q in\n%s", c.label, s.Tree())
				}
			})
		}
	}
}

// TestMenuOfTypedText does what it says, with the mouse and the keyboard.
func TestMenuOfTypedText(t *testing.T) {
	w := formatted()
	w.kept["conversation"] = dm("bob")
	s := show(t, w, desk, 1)
	s.wait()
	s.Type("hello")
	rightClicked(s)
	if !s.Has("Ctrl+Z") {
		t.Errorf("the menu does not show its keys in\n%s", s.Tree())
	}
	s.Click("Select all")
	rightClicked(s)
	s.Click("Bold")
	text := func(want string) {
		t.Helper()
		s.Advance(time.Second)
		w.mu.Lock()
		got := w.texts[dm("bob")+" text"]
		w.mu.Unlock()
		if got != want {
			t.Fatalf("the text is %q, not %q", got, want)
		}
	}
	text("*hello*")
	rightClicked(s)
	s.Click("Undo")
	text("hello")
	rightClicked(s)
	s.Click("Select all")
	rightClicked(s)
	s.Click("Cut")
	text("")
	rightClicked(s)
	s.Click("Paste")
	text("hello")
}
