package access

import (
	"strconv"
	"strings"
	"sync"

	"gioui.org/io/input"
	"gioui.org/io/semantic"
	"gioui.org/op"
	"gioui.org/op/clip"
)

// contextKey is where a frame's context carries the recorder.
const contextKey = "switchboard.access"

// prefix begins the descriptions that are places in the list of notes.
const prefix = "\x00access:"

// margin is by how much the area of a note is larger than what it is about, so
// that focus rings and shadows, which are drawn outside, are not cut off.
const margin = 64

// maxQueue bounds what waits to be done in the next frame.
const maxQueue = 64

// Recorder gathers what the widgets of a frame say. The zero value records
// nothing until Enable. Enable, Enabled and Queue may be called from any
// goroutine, everything else on that of the frames.
type Recorder struct {
	mu     sync.Mutex
	on     bool
	queue  []func(gtx C)
	notes  []*Note
	open   []*Note
	said   []string
	router input.Router
	nodes  []input.SemanticNode
	ids    ids
}

// Enable begins or ends recording, with the next frame.
func (r *Recorder) Enable(on bool) {
	r.mu.Lock()
	r.on = on
	r.mu.Unlock()
}

// Enabled tells whether frames are recorded.
func (r *Recorder) Enabled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.on
}

// Queue has do run at the beginning of the next frame, for which the caller must
// ask. It reports whether there was room.
func (r *Recorder) Queue(do func(gtx C)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || len(r.queue) >= maxQueue {
		return false
	}
	r.queue = append(r.queue, do)
	return true
}

// Begin starts a frame: it does what was queued, and gives the context in which
// widgets find the recorder.
func (r *Recorder) Begin(gtx C) C {
	r.mu.Lock()
	on, queue := r.on, r.queue
	r.queue = nil
	r.mu.Unlock()
	if !on {
		return gtx
	}
	r.notes, r.open, r.said = r.notes[:0], r.open[:0], r.said[:0]
	values := make(map[string]any, len(gtx.Values)+1)
	for n, v := range gtx.Values {
		values[n] = v
	}
	values[contextKey] = r
	gtx.Values = values
	for _, do := range queue {
		do(gtx)
	}
	return gtx
}

// of is the recorder of a frame, nil when nobody listens.
func of(gtx C) *Recorder {
	r, ok := gtx.Values[contextKey].(*Recorder)
	if !ok {
		return nil
	}
	return r
}

// On tells whether somebody listens to this frame. What takes time to describe
// asks first.
func On(gtx C) bool { return of(gtx) != nil }

// Wrap draws w and tells what it is. What is noted while w is drawn lies inside.
func Wrap(gtx C, n Note, w func(gtx C) D) D {
	r := of(gtx)
	if r == nil {
		return w(gtx)
	}
	if !gtx.Enabled() {
		n.Disabled = true
	}
	if n.Tag != nil && !n.Focused {
		n.Focused = gtx.Focused(n.Tag)
	}
	i := len(r.notes)
	r.notes = append(r.notes, &n)
	r.open = append(r.open, &n)
	m := op.Record(gtx.Ops)
	d := w(gtx)
	call := m.Stop()
	r.open = r.open[:len(r.open)-1]
	area := clip.Rect{Min: clipMargin.Mul(-1), Max: d.Size.Add(clipMargin)}.Push(gtx.Ops)
	semantic.DescriptionOp(prefix + strconv.Itoa(i)).Add(gtx.Ops)
	call.Add(gtx.Ops)
	area.Pop()
	return d
}

// Set changes the note of the innermost Wrap around the call.
func Set(gtx C, change func(n *Note)) {
	if r := of(gtx); r != nil && len(r.open) > 0 {
		change(r.open[len(r.open)-1])
	}
}

// Selected tells of the innermost Wrap whether it is chosen, on or checked.
func Selected(gtx C, on bool) {
	Set(gtx, func(n *Note) { n.Selected, n.Selectable = on, true })
}

// Announce has a screen reader say something that happened by itself.
func Announce(gtx C, text string) {
	if r := of(gtx); r != nil && strings.TrimSpace(text) != "" && len(r.said) < maxQueue {
		r.said = append(r.said, cut(text))
	}
}

// noted finds the note of an area by its description.
func (r *Recorder) noted(description string) (*Note, bool) {
	rest, ok := strings.CutPrefix(description, prefix)
	if !ok {
		return nil, false
	}
	i, err := strconv.Atoi(rest)
	if err != nil || i < 0 || i >= len(r.notes) {
		return nil, false
	}
	return r.notes[i], true
}

// cut makes a text fit for the model.
func cut(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\ufffd")
	if len(s) > MaxText {
		s = strings.ToValidUTF8(s[:MaxText], "")
	}
	return s
}

// Measured is Wrap for what is drawn later: it returns what draws it.
func Measured(gtx C, n Note, w func(gtx C) D) (op.CallOp, D) {
	m := op.Record(gtx.Ops)
	d := Wrap(gtx, n, w)
	return m.Stop(), d
}
