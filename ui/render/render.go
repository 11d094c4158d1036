// Package render draws a plugin's view, a *model.View, with Gio. It owns what a
// view needs between frames on this side: scroll positions, measured heights,
// the text that is being typed, open menus, keyboard focus. It knows views and
// the theme; it must not know pages, the host or any particular plugin.
package render

import (
	"time"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
)

// C and D shorten the signatures of layout functions.
type (
	C = layout.Context
	D = layout.Dimensions
)

// Env is what drawing a view asks of the window and the host. The functions are
// called on the frame goroutine and must not block; most are methods of
// ui.Backend as they are. All but Act may be nil.
type Env struct {
	// Act hands over what the person did. An error is shown as a toast by the
	// window; the text of a refused submit stays in its editor.
	Act func(key model.SessionKey, a model.Action) error
	// Want asks for items around an anchor.
	Want func(key model.SessionKey, list, anchor string, before, after int)
	// Seen tells of an item that was visible for half a second with the focus.
	Seen func(key model.SessionKey, list, item string)
	// Edited hands over typed text, at most twice a second.
	Edited func(key model.SessionKey, node, text string)
	// CommandDone tells that view commands up to n were carried out.
	CommandDone func(key model.SessionKey, n uint64)
	// Compact is the last compact view of another session of the conversation.
	Compact func(key model.SessionKey) *model.View
	// Open is called when the card of an embedded session is pressed.
	Open func(key model.SessionKey)
	// OpenLink opens a checked http, https or mailto address, after the person
	// has seen it in full and agreed.
	OpenLink func(address string)
	// Focused tells whether the window has the keyboard.
	Focused func() bool
	// CtrlEnterSends tells whether Enter breaks the line and Ctrl+Enter sends.
	CtrlEnterSends func() bool
	// Picture is a picture by its blob name, nil when it is not here.
	Picture func(blob string) []byte
}

// Session draws one session's views, frame after frame. It belongs to the
// goroutine of its window.
type Session struct {
	env Env
	now time.Time
}

// New makes the drawing state of one session.
func New(env Env) *Session { return &Session{env: env} }

// Layout draws a view in the room that the context gives. The same Session must
// get the views of one session only. A compact view takes the height it needs
// when Constraints.Min.Y is zero; a full view fills its constraints. A nil view,
// a loading one and a faulty one draw as such.
func (s *Session) Layout(gtx C, th *theme.Theme, v *model.View) D {
	return D{Size: gtx.Constraints.Min}
}

// FocusComposer puts the keyboard into the view's composer or first editor at
// the next frame, as when a conversation is opened.
func (s *Session) FocusComposer() {}

// ScrollToEnd goes to the newest item of every list that sticks to its end.
func (s *Session) ScrollToEnd() {}

// HasFocus tells whether the keyboard was on anything of this view in the last
// frame.
func (s *Session) HasFocus() bool { return false }
