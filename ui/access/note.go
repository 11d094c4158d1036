package access

import (
	"gioui.org/io/event"
	"gioui.org/layout"
)

// C and D shorten the signatures of layout functions.
type (
	C = layout.Context
	D = layout.Dimensions
)

// Role is what a node is for somebody who cannot see it.
type Role int

// The roles. Label is words that only inform, Panel a part with a name.
const (
	Label Role = iota
	Panel
	Button
	Switch
	CheckBox
	Radio
	Entry
	List
	ListItem
	Menu
	MenuItem
	Dialog
	Notice
	Heading
	Image
	Link
	Slider
	Progress
	Tab
	Canvas
	Calendar
	Frame
)

// interactive tells whether something can be done with a node of a role, which
// then needs a name.
func (r Role) interactive() bool {
	switch r {
	case Button, Switch, CheckBox, Radio, Entry, ListItem, MenuItem, Link, Slider, Tab:
		return true
	}
	return false
}

// whole tells whether the name of a node says what the words inside it say.
func (r Role) whole() bool { return r.interactive() || r == Image || r == Progress || r == Heading }

// Note is what a widget says of itself in one frame.
type Note struct {
	// Key names the node across frames, so that a screen reader does not lose it;
	// mostly the address of the widget's state.
	Key  any
	Role Role
	Name string
	// Description says more: a tooltip, the help or the error of a field.
	Description string
	// Tag gets the keyboard when the node is asked to take it; nil when it cannot.
	Tag event.Tag
	// Take replaces Tag where more than a command is needed to give it the keyboard.
	Take func(gtx C)
	// Press does what a click does; nil when nothing can be pressed.
	Press func()
	// Actions are what else can be done, as in a context menu.
	Actions []Action
	Text    *Text
	Value   *Value

	Disabled, Focused, Modal, Invalid bool
	Selected, Selectable              bool
	// Popup says that a menu opens.
	Popup bool
	// Plain says that the words around it, if they have a name, say it already.
	Plain bool
	// Stands says that it has the keyboard for the one that really has it, as the
	// marked one of several does.
	Stands bool
	// Place is where it is among the Count of its list, 1 for the first; 0 leaves
	// that to be counted.
	Place int
	// Hidden leaves it out, with all that it holds: what only decorates.
	Hidden bool
	// First is how many items of a list lie before the first that is drawn, Count
	// how many there are.
	First, Count int
}

// Action is one thing that can be done to a node; Do runs in the frame.
type Action struct {
	Name string
	Do   func()
}

// Bounds of the model.
const (
	MaxNodes   = 2000     // in a window
	MaxText    = 32 << 10 // bytes of one text or name
	maxActions = 32       // of one node
)

// Text is the text of something that is typed into. Places are counted in runes.
type Text struct {
	Content     string
	Caret, Mark int // the selection lies between them
	Lines       bool
	Secret      bool // Content is masked
	// Set replaces the runes from..to and Move puts caret and mark; both run in the
	// frame, and are nil for what cannot be edited.
	Set  func(from, to int, text string)
	Move func(caret, mark int)
}

// Value is a number between two others.
type Value struct {
	Now, Min, Max, Step float64
	// Set runs in the frame; nil for what only shows.
	Set func(v float64)
}
