// Package uitest drives a window's drawing without a screen: it lays out a
// function, finds things by the labels that a screen reader would say, clicks,
// types and presses keys through Gio's input router, and compares pictures drawn
// by the software renderer with stored ones. It must not know what it tests.
package uitest

import (
	"image"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/input"
	"gioui.org/io/key"
	"gioui.org/io/pointer"
	"gioui.org/io/semantic"
	"gioui.org/io/transfer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"
)

// Window lays out one function as a window of a fixed size would, with a clock
// that only moves when told. It needs neither a screen nor a GPU, except for
// Screenshot and Golden.
type Window struct {
	Now       time.Time
	Size      image.Point
	Clipboard string // what was copied last; what a paste gives

	t       testing.TB
	layout  layout.Widget
	scale   float32
	router  input.Router
	ops     op.Ops
	pointer f32.Point
	mouse   time.Duration
	frames  int
	wakeup  time.Time
	again   bool

	composed key.Range // what an input method is composing
}

// Epoch is the time at which every Window starts: a Tuesday morning.
var Epoch = time.Date(2026, 11, 24, 10, 4, 0, 0, time.UTC)

// New makes a window and draws its first frames. Scale is pixels per dp.
func New(t testing.TB, size image.Point, scale float32, w layout.Widget) *Window {
	win := &Window{Now: Epoch, Size: size, t: t, layout: w, scale: scale, pointer: f32.Pt(-1, -1)}
	win.Settle()
	return win
}

// Frame lays out once and routes what happened since the last one.
func (w *Window) Frame() {
	w.frames++
	w.ops.Reset()
	gtx := layout.Context{
		Ops: &w.ops, Now: w.Now, Source: w.router.Source(),
		Metric:      unit.Metric{PxPerDp: w.scale, PxPerSp: w.scale},
		Constraints: layout.Exact(w.Size),
	}
	w.layout(gtx)
	w.router.Frame(&w.ops)
	if mime, content, ok := w.router.WriteClipboard(); ok && strings.Contains(mime, "text") {
		w.Clipboard = string(content)
	}
	if w.router.ClipboardRequested() {
		w.router.Queue(transfer.DataEvent{Type: "application/text", Open: reader(w.Clipboard)})
	}
}

// maxSettle bounds the frames that Settle draws.
const maxSettle = 8

// Settle draws until nothing asks for another frame at once.
func (w *Window) Settle() {
	for range maxSettle {
		w.Frame()
		w.wakeup, w.again = w.router.WakeupTime()
		if !w.again || w.wakeup.After(w.Now) {
			return
		}
	}
}

// Frames is how many frames were drawn so far.
func (w *Window) Frames() int { return w.frames }

// Wakeup is when the last settled frame asked for another; ok is false when it
// did not.
func (w *Window) Wakeup() (at time.Time, ok bool) { return w.wakeup, w.again }

// Advance moves the clock and draws.
func (w *Window) Advance(d time.Duration) {
	w.Now = w.Now.Add(d)
	w.mouse += d
	w.Settle()
}

// Node is something that a screen reader would find.
type Node struct {
	Label, Description string
	Class              semantic.ClassOp
	Selected, Disabled bool
	Clickable          bool
	Bounds             image.Rectangle
	Depth              int
	// Cut is how many pixels of it are hidden because they stick out of what it
	// stands in: sideways, and up or down.
	Cut image.Point

	parent int
}

// Nodes are all nodes of the last frame, parents before children, in the order
// in which they are drawn.
func (w *Window) Nodes() []Node {
	all := w.router.AppendSemantics(nil)
	var out []Node
	var walk func(n *input.SemanticNode, parent, depth int)
	walk = func(n *input.SemanticNode, parent, depth int) {
		d := n.Desc
		var cut image.Point
		if parent >= 0 { // Gio does not clip what it tells of
			whole := d.Bounds.Size()
			d.Bounds = d.Bounds.Intersect(out[parent].Bounds)
			cut = whole.Sub(d.Bounds.Size())
		}
		out = append(out, Node{
			Label: d.Label, Description: d.Description, Class: d.Class, Selected: d.Selected, Disabled: d.Disabled,
			Clickable: d.Gestures&input.ClickGesture != 0, Bounds: d.Bounds, Depth: depth, Cut: cut, parent: parent,
		})
		me := len(out) - 1
		for i := range n.Children {
			walk(&n.Children[i], me, depth+1)
		}
	}
	if len(all) > 0 {
		walk(&all[0], -1, 0)
	}
	return out
}

// Tree is the labelled nodes, one a line, indented; for messages of failed tests
// and for comparing a whole screen.
func (w *Window) Tree() string {
	var b strings.Builder
	for _, n := range w.Nodes() {
		if n.Label == "" && n.Class == semantic.Unknown {
			continue
		}
		b.WriteString(strings.Repeat(" ", n.Depth))
		if n.Class != semantic.Unknown {
			b.WriteString(n.Class.String() + " ")
		}
		b.WriteString(n.Label)
		if n.Selected {
			b.WriteString(" (selected)")
		}
		if n.Disabled {
			b.WriteString(" (disabled)")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Has tells whether a node with this label is in sight. A label that ends in "…"
// matches what begins with the part before.
func (w *Window) Has(label string) bool {
	_, ok := w.find(label, false)
	return ok
}

func matches(have, want string) bool {
	if p, ok := strings.CutSuffix(want, "…"); ok {
		return strings.HasPrefix(have, p)
	}
	return have == want
}

// find looks for a label; with click it climbs to what can be pressed. What is
// drawn last lies on top and wins.
func (w *Window) find(label string, click bool) (Node, bool) {
	nodes := w.Nodes()
	view := image.Rectangle{Max: w.Size}
	for i := len(nodes) - 1; i >= 0; i-- {
		if !matches(nodes[i].Label, label) || !nodes[i].Bounds.Overlaps(view) {
			continue
		}
		if !click {
			return nodes[i], true
		}
		for j := i + 1; j < len(nodes) && nodes[j].Depth > nodes[i].Depth; j++ {
			if nodes[j].Class == semantic.Editor { // the label of a field
				return nodes[j], true
			}
		}
		for j := i; j >= 0; j = nodes[j].parent {
			if nodes[j].Clickable && !nodes[j].Disabled {
				n := nodes[j]
				if j != i { // press the words, not what else the pressable holds
					n.Bounds = nodes[i].Bounds
					n.Bounds.Max.Y = min(n.Bounds.Max.Y, n.Bounds.Min.Y+int(20*w.scale))
				}
				return n, true
			}
		}
	}
	return Node{}, false
}

// Find is the node with a label; the test fails when there is none.
func (w *Window) Find(label string) Node {
	w.t.Helper()
	n, ok := w.find(label, false)
	if !ok {
		w.t.Fatalf("nothing is labelled %q in\n%s", label, w.Tree())
	}
	return n
}

// target is the middle of what is pressed for a label.
func (w *Window) target(label string) f32.Point {
	w.t.Helper()
	n, ok := w.find(label, true)
	if !ok {
		w.t.Fatalf("nothing pressable is labelled %q in\n%s", label, w.Tree())
	}
	b := n.Bounds.Intersect(image.Rectangle{Max: w.Size})
	return layout.FPt(b.Min.Add(b.Max).Div(2))
}

// Click presses what carries a label.
func (w *Window) Click(label string) {
	w.t.Helper()
	w.ClickAt(w.target(label))
}

// RightClick presses the right button on what carries a label, clickable or not.
func (w *Window) RightClick(label string) {
	w.t.Helper()
	b := w.Find(label).Bounds.Intersect(image.Rectangle{Max: w.Size})
	w.press(layout.FPt(b.Min.Add(b.Max).Div(2)), pointer.ButtonSecondary, 1)
}

// ClickAt presses the left button at a place in pixels.
func (w *Window) ClickAt(at f32.Point) { w.press(at, pointer.ButtonPrimary, 1) }

// ClickWith presses the left button at a place while keys are held.
func (w *Window) ClickWith(at f32.Point, mods key.Modifiers) {
	w.Hover(at)
	for _, e := range []pointer.Event{{Kind: pointer.Press, Buttons: pointer.ButtonPrimary}, {Kind: pointer.Release}} {
		w.mouse += 10 * time.Millisecond
		e.Source, e.Position, e.Time, e.Modifiers = pointer.Mouse, at, w.mouse, mods
		w.router.Queue(e)
		w.Settle()
	}
	w.mouse += time.Second
}

// DoubleClickAt presses the left button twice.
func (w *Window) DoubleClickAt(at f32.Point) { w.press(at, pointer.ButtonPrimary, 2) }

func (w *Window) press(at f32.Point, b pointer.Buttons, times int) {
	w.Hover(at)
	for range times {
		w.mouse += 10 * time.Millisecond
		w.router.Queue(pointer.Event{Kind: pointer.Press, Source: pointer.Mouse, Buttons: b, Position: at, Time: w.mouse})
		w.Settle()
		w.mouse += 10 * time.Millisecond
		w.router.Queue(pointer.Event{Kind: pointer.Release, Source: pointer.Mouse, Buttons: 0, Position: at, Time: w.mouse})
		w.Settle()
	}
	w.mouse += time.Second // the next press is no double click
}

// Drag presses at one place and lets go at another.
func (w *Window) Drag(from, to f32.Point) {
	w.Hover(from)
	q := func(k pointer.Kind, b pointer.Buttons, at f32.Point) {
		w.mouse += 10 * time.Millisecond
		w.router.Queue(pointer.Event{Kind: k, Source: pointer.Mouse, Buttons: b, Position: at, Time: w.mouse})
		w.Settle()
	}
	q(pointer.Press, pointer.ButtonPrimary, from)
	for i := range 4 {
		q(pointer.Move, pointer.ButtonPrimary, from.Add(to.Sub(from).Mul(float32(i+1)/4)))
	}
	q(pointer.Release, 0, to)
	w.mouse += time.Second
}

// Hover moves the pointer.
func (w *Window) Hover(at f32.Point) {
	w.pointer = at
	w.mouse += 10 * time.Millisecond
	w.router.Queue(pointer.Event{Kind: pointer.Move, Source: pointer.Mouse, Position: at, Time: w.mouse})
	w.Settle()
}

// Scroll turns the wheel at a place; positive goes down.
func (w *Window) Scroll(at f32.Point, by float32) {
	w.mouse += 10 * time.Millisecond
	w.router.Queue(pointer.Event{Kind: pointer.Scroll, Source: pointer.Mouse, Position: at, Scroll: f32.Pt(0, by), Time: w.mouse})
	w.Settle()
}

// Key presses and releases a key.
func (w *Window) Key(name key.Name, mods key.Modifiers) {
	for _, s := range []key.State{key.Press, key.Release} {
		e := key.Event{Name: name, Modifiers: mods, State: s}
		w.router.Queue(e)
		w.Settle()
	}
}

// Stroke presses a key and draws one frame only, as when keys come faster than
// frames.
func (w *Window) Stroke(name key.Name, mods key.Modifiers) {
	w.router.Queue(key.Event{Name: name, Modifiers: mods, State: key.Press})
	w.Frame()
}

// Tab moves the keyboard to the next control, or the one before.
func (w *Window) Tab(back bool) {
	dir := key.FocusForward
	if back {
		dir = key.FocusBackward
	}
	w.Advance(time.Second) // a person takes that long from the mouse to the keyboard
	w.router.MoveFocus(dir)
	w.Settle()
}

// Type writes text where the keyboard is, as the window system does: the text,
// then the caret behind it.
func (w *Window) Type(text string) {
	for _, r := range text {
		sel := w.router.EditorState().Selection.Range
		at := min(sel.Start, sel.End)
		w.router.Queue(key.EditEvent{Range: key.Range{Start: at, End: max(sel.Start, sel.End)}, Text: string(r)})
		w.router.Queue(key.SelectionEvent{Start: at + 1, End: at + 1})
		w.Settle()
	}
}

// Burst is text and a key that come within one frame, as when somebody types
// faster than the window draws.
func (w *Window) Burst(text string, then key.Name) {
	at := w.router.EditorState().Selection.Range.Start
	for _, r := range text {
		w.router.Queue(key.EditEvent{Range: key.Range{Start: at, End: at}, Text: string(r)})
		at++
		w.router.Queue(key.SelectionEvent{Start: at, End: at})
	}
	w.router.Queue(key.Event{Name: then, State: key.Press}, key.Event{Name: then, State: key.Release})
	w.Settle()
}

// Paste presses Ctrl+V with a text on the clipboard.
func (w *Window) Paste(text string) {
	w.Clipboard = text
	w.Key("V", key.ModShortcut)
	w.Settle()
}

// Compose shows texts one after the other in the place of the same piece, as an
// input method does while it is not sure yet.
func (w *Window) Compose(stages ...string) {
	at := w.router.EditorState().Selection.Range.Start
	w.composed = key.Range{Start: at, End: at}
	for _, s := range stages {
		w.compose(s)
		w.router.Queue(key.CompositionEvent(w.composed))
		w.Settle()
	}
}

// Commit ends what Compose began.
func (w *Window) Commit(text string) {
	w.compose(text)
	w.router.Queue(key.CompositionEvent{Start: -1, End: -1})
	w.Settle()
}

func (w *Window) compose(text string) {
	n := len([]rune(text))
	w.router.Queue(key.EditEvent{Range: w.composed, Text: text})
	w.composed.End = w.composed.Start + n
	w.router.Queue(key.SelectionEvent{Start: w.composed.End, End: w.composed.End})
	w.Settle()
}
