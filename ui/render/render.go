// Package render draws a plugin's view, a *model.View, with Gio. It owns what a
// view needs between frames on this side: scroll positions, measured heights,
// the text that is being typed, open menus, keyboard focus. It knows views and
// the theme; it must not know pages, the host or any particular plugin.
package render

import (
	"image"
	"time"

	"gioui.org/io/event"
	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/pixels"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
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
	// Act hands over what the person did. After an error the text of a submit
	// stays in its editor; telling the person is up to the function.
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
	// Cards are the other sessions to show between the messages of a session's
	// transcript, oldest first; nil for none.
	Cards func(key model.SessionKey) []Card
	// Card draws another session, with its compact view inside if that is not nil;
	// false when it is not known. It is called once for each card of a frame.
	Card func(gtx C, key model.SessionKey, compact layout.Widget) (D, bool)
	// Open is called when the card of an embedded session is pressed.
	Open func(key model.SessionKey)
	// OpenLink opens a checked http, https or mailto address, after the person
	// has seen it in full and agreed.
	OpenLink func(address string)
	// Focused tells whether the window has the keyboard.
	Focused func() bool
	// CtrlEnterSends tells whether Enter breaks the line and Ctrl+Enter sends.
	CtrlEnterSends func() bool
	// Group tells whether a conversation has more than two people, whose names are
	// then told apart by colour.
	Group func(conversation string) bool
	// Members are those who can be named in a conversation, apart from me.
	Members func(conversation string) []Member
	// Pictures is a picture by the hash of its blob, as large as it is drawn; asked
	// says that the person asks for it.
	Pictures func(hash string, edge int, asked bool, now time.Time) pixels.Picture
	// Enlarge shows one of the pictures of a conversation over everything.
	Enlarge func(all []Shown, at int)
	// Attach lets the person choose a picture for an editor; Take attaches the files
	// whose path stands in it. Both end in an Action PICTURE.
	Attach func(key model.SessionKey, node string)
	Take   func(key model.SessionKey, node string, paths []string)
	// Paste looks for a picture on the clipboard when something is pasted into an
	// editor that takes pictures; a text comes by itself.
	Paste func(key model.SessionKey, node string)
	// Recall and Remember keep small things: recent emoji.
	Recall   func(key string) string
	Remember func(key, value string)
	// Forward lets the person choose where messages of a session's list go: keys, in
	// order, at most contractv1.MaxForward.
	Forward func(key model.SessionKey, keys []string)
}

// Session draws one session's views, frame after frame. It belongs to the
// goroutine of its window.
type Session struct {
	env          Env
	th           *theme.Theme
	view         *model.View
	frame        uint64
	since        time.Time // when it began to load
	states       map[stateKey]*state
	expanded     expanded
	lists        map[string]*list
	sel          widget.Selection
	focus        focus
	link         linkCard
	done         uint64      // the last view command carried out
	root         layout.List // scrolls a view that is higher than its room
	modal        *contractv1.Node
	seenIn       *contractv1.Node // the root in which modal was looked for
	height       int              // of the room, for the composer
	path         []byte
	inner        int // presses taken so far: one inside a card is not one of the card
	wantComposer bool
	dialog       widget.Dialog
	pick         picking
	marks        marking
	dates        dating
}

// New makes the drawing state of one session.
func New(env Env) *Session {
	s := &Session{env: env, states: map[stateKey]*state{}, lists: map[string]*list{}}
	s.pick.popup.Recall, s.pick.popup.Remember = env.Recall, env.Remember
	return s
}

// Layout draws a view in the room that the context gives. The same Session must
// get the views of one session only. A compact view takes the height it needs
// when Constraints.Min.Y is zero; a full view fills its constraints. A nil view,
// a loading one and a faulty one draw as such.
func (s *Session) Layout(gtx C, th *theme.Theme, v *model.View) D {
	s.th, s.view = th, v
	s.frame++
	s.height = gtx.Constraints.Max.Y
	if v == nil || v.Root == nil && v.Fault == "" {
		return s.loading(gtx)
	}
	s.since = time.Time{}
	if v.Root == nil {
		return s.fault(gtx, v.Fault)
	}
	s.commands(gtx)
	s.focus.begin()
	d := s.content(gtx, v)
	s.copySelection(gtx)
	s.pick.end(gtx, s.frame)
	s.focus.end(gtx)
	s.forget()
	return d
}

// content is the root, with what went wrong above it and a dialog over it.
func (s *Session) content(gtx C, v *model.View) D {
	sc := scope{key: v.Key, revision: v.Revision, ground: s.th.Background}
	s.findDialog(v.Root)
	under := gtx
	if s.modal != nil {
		under = gtx.Disabled()
	} else {
		s.dialog.Hidden()
	}
	draw := func(gtx C) D { return s.fill(gtx, sc, v.Root) }
	var d D
	if v.Fault == "" {
		d = draw(under)
	} else {
		d = layout.Flex{Axis: layout.Vertical}.Layout(under,
			layout.Rigid(func(gtx C) D { return s.faultLine(gtx, v.Fault) }),
			layout.Flexed(1, draw))
	}
	if s.modal != nil {
		s.showDialog(gtx, sc, d)
	}
	return d
}

// fill draws the root: one that takes all room gets exactly it, another scrolls.
func (s *Session) fill(gtx C, sc scope, root *contractv1.Node) D {
	if gtx.Constraints.Min.Y == 0 || takesAll(root) {
		return s.node(gtx, sc, root)
	}
	s.root.Axis = layout.Vertical
	d := s.root.Layout(gtx, 1, func(gtx C, _ int) D { return s.node(gtx, sc, root) })
	d.Size = gtx.Constraints.Constrain(d.Size)
	return d
}

// takesAll tells whether something in a tree grows with the room.
func takesAll(n *contractv1.Node) bool {
	switch b := n.GetBody().(type) {
	case *contractv1.Node_List:
		return true
	case *contractv1.Node_Column:
		if b.Column.GetGrow() != "" {
			return true
		}
		for _, c := range b.Column.GetChildren() {
			if takesAll(c) {
				return true
			}
		}
	case *contractv1.Node_Row:
		for _, c := range b.Row.GetChildren() {
			if takesAll(c) {
				return true
			}
		}
	case *contractv1.Node_Tabs:
		return takesAll(b.Tabs.GetContent())
	case *contractv1.Node_DropTarget:
		return takesAll(b.DropTarget.GetChild())
	case *contractv1.Node_ContextMenu:
		return takesAll(b.ContextMenu.GetChild())
	}
	return false
}

// FocusComposer puts the keyboard into the view's composer or first editor at
// the next frame that has one, as when a conversation is opened.
func (s *Session) FocusComposer() { s.wantComposer = true }

// ScrollToEnd goes to the newest item of every list that sticks to its end.
func (s *Session) ScrollToEnd() {
	for _, l := range s.lists {
		l.jumpToEnd()
	}
}

// HasFocus tells whether the keyboard was on anything of this view in the last
// frame.
func (s *Session) HasFocus() bool { return s.focus.has }

// scope is where a node stands: in which session and in which item of a list.
type scope struct {
	key        model.SessionKey
	list, item string
	revision   int64
	compact    bool // of another session
	inMessage  bool
	ground     colour
	depth      int
}

// act hands over what the person did to a node.
func (s *Session) act(sc scope, node string, kind contractv1.Action_Kind, value string) error {
	s.inner++
	if s.env.Act == nil {
		return nil
	}
	return s.env.Act(sc.key, model.Action{
		Node: node, Value: value, List: sc.list, Item: sc.item, Kind: kind, Revision: sc.revision,
	})
}

// press is act for what cannot be refused to the node itself: the window tells.
func (s *Session) press(sc scope, node, value string) {
	_ = s.act(sc, node, contractv1.Action_PRESS, value) // told by Env.Act
}

// change tells a node's new value.
func (s *Session) change(sc scope, node, value string) {
	_ = s.act(sc, node, contractv1.Action_CHANGE, value) // told by Env.Act
}

// stateKey names an element across frames.
type stateKey struct{ session, list, item, id string }

// state is what one element keeps between frames; most use one or two of these.
type state struct {
	used      uint64
	click     widget.Click
	clicks    map[string]*widget.Click
	rich      *widget.Rich
	edit      *editing
	menu      *widget.MenuButton
	ctx       *widget.ContextMenu
	pop       *widget.Popover
	slide     *sliding
	pic       *picture
	tip       widget.Tip
	drag      layout.List
	wasUp     bool // a popover that was open
	inside    []event.Tag
	spansOf   **contractv1.Span // the slice that spans were made of
	spans     []widget.Span
	longOf    *contractv1.Span
	short     []*contractv1.Span // the beginning of a very long message
	blocks    []*block           // of a text with lists, quotes or code, made of
	cut       bool               // only the beginning is shown
	row       rowTag
	over      hoverTag
	hovered   bool
	origin    image.Point // of a message's bubble in its row
	blocksOf  *contractv1.Span
	blocksLen int
	onBar     bool // its bar has the keyboard
}

// rowTag is what has the keyboard when a whole message has.
type rowTag struct{ _ byte }

// hoverTag is what hears the pointer over a message's row.
type hoverTag struct{ _ byte }

// state finds or makes what an element keeps. An element without an id is known
// by its place in the tree.
func (s *Session) state(sc scope, n *contractv1.Node) *state {
	return s.stateAt(s.keyOf(sc, n))
}

func (s *Session) keyOf(sc scope, n *contractv1.Node) stateKey {
	id := n.GetId()
	if id == "" {
		id = string(s.path)
	}
	return stateKey{session: sc.key.Session, list: sc.list, item: sc.item, id: id}
}

func (s *Session) stateOf(sc scope, id string) *state {
	return s.stateAt(stateKey{session: sc.key.Session, list: sc.list, item: sc.item, id: id})
}

func (s *Session) stateAt(k stateKey) *state {
	st := s.states[k]
	if st == nil {
		st = &state{}
		s.states[k] = st
	}
	st.used = s.frame
	return st
}

// sub is the press state of one of several parts of an element.
func (st *state) sub(id string) *widget.Click {
	c := st.clicks[id]
	if c == nil {
		if st.clicks == nil {
			st.clicks = map[string]*widget.Click{}
		}
		c = &widget.Click{}
		st.clicks[id] = c
	}
	return c
}

// Bounds of what is kept for elements that are out of sight: a message's state
// holds its shaped text, some 20 KB, and thousands go by when somebody scrolls.
const (
	maxStates   = 300
	keepFrames  = 30
	forgetEvery = 16 // frames
)

// forget drops the states of elements that have not been drawn for long.
func (s *Session) forget() {
	if len(s.states) < maxStates || s.frame%forgetEvery != 0 {
		return
	}
	for k, st := range s.states {
		if s.frame-st.used > keepFrames && (st.edit == nil || !st.edit.dirty) {
			delete(s.states, k)
		}
	}
}
