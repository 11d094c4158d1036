package ui_test

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/input"
	"gioui.org/io/pointer"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"

	"switchboard/shared/budget"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui"
	"switchboard/ui/theme"
)

// histogram prints how many frames took how long, a row for each power of two.
func histogram(what string, times []time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d frames\n", what, len(times))
	low := time.Duration(0)
	for high := 125 * time.Microsecond; ; high *= 2 {
		n := 0
		for _, t := range times {
			if t >= low && t < high {
				n++
			}
		}
		if n > 0 {
			fmt.Fprintf(&b, "%9v to %-9v %5d %s\n", low, high, n, strings.Repeat("#", (n*60+len(times)-1)/len(times)))
		}
		if high > slices.Max(times) {
			return b.String()
		}
		low = high
	}
}

// live is a window on a long conversation whose frames are timed.
type live struct {
	w    *world
	win  *ui.Window
	key  model.SessionKey
	ops  op.Ops
	r    input.Router
	at   time.Time
	size image.Point
}

func newLive(b *testing.B) *live {
	l := &live{w: crowd(1000), at: now, size: image.Pt(1180, 780)}
	peer := "user0000"
	l.key = chat(peer)
	l.w.views[l.key] = transcript(peer, longLines())
	l.w.snap.Sessions = append(l.w.snap.Sessions, model.Session{Key: l.key, Plugin: "im", Standing: true, State: model.Active})
	l.w.kept["conversation"] = dm(peer)
	l.win = ui.NewWindow(l.w, theme.New(theme.Options{Zone: time.UTC}))
	b.Cleanup(l.win.Close)
	for range 50 {
		l.frame()
	}
	return l
}

func (l *live) frame() time.Duration {
	l.at = l.at.Add(16 * time.Millisecond)
	l.ops.Reset()
	begin := time.Now()
	l.win.Layout(layout.Context{Ops: &l.ops, Now: l.at, Source: l.r.Source(), Metric: unit.Metric{PxPerDp: 1, PxPerSp: 1}, Constraints: layout.Exact(l.size)})
	l.r.Frame(&l.ops)
	return time.Since(begin)
}

// arrive brings n more messages, as the host's window onto a list does: the oldest
// go, the row of the conversation changes.
func (l *live) arrive(n int) {
	v := *l.w.views[l.key]
	list := *v.Lists["log"]
	items := slices.Clone(list.Items)
	for range n {
		last := items[len(items)-1].GetNode().GetMessage()
		id := fmt.Sprintf("new%d", l.at.UnixNano()+int64(len(items)))
		m := &contractv1.Message{From: "bob@lab", Name: "Bob", TimeMs: last.GetTimeMs() + 10, State: contractv1.Message_RECEIVED,
			Body: linked(fmt.Sprintf("%s is a new message, with some words that stand for what people write to each other.", id))}
		items = append(items[1:], &contractv1.ListItem{Key: id, Revision: 1, Node: &contractv1.Node{Id: id, Body: &contractv1.Node_Message{Message: m}}})
	}
	list.Items = items
	v.Lists, v.Revision = map[string]*model.List{"log": &list}, v.Revision+1
	l.w.mu.Lock()
	l.w.views[l.key] = &v
	l.w.mu.Unlock()
	l.w.change(func(s *model.Snapshot) {
		s.Conversations = slices.Clone(s.Conversations)
		s.Conversations[0].Summary = items[len(items)-1].GetKey()
	})
}

// BenchmarkBudgetFrames: how long frames take, the window's own work, when every
// one of them differs from the one before: while somebody scrolls, while the
// window's size changes, and while 100 messages a second arrive (at 60 frames).
func BenchmarkBudgetFrames(b *testing.B) {
	for _, mode := range []struct {
		name string
		step func(l *live, i int)
	}{
		{"scrolling", func(l *live, i int) {
			by := float32(-120)
			if i/100%2 == 1 {
				by = 120
			}
			l.r.Queue(pointer.Event{Kind: pointer.Scroll, Source: pointer.Mouse, Position: f32.Pt(700, 300), Scroll: f32.Pt(0, by)})
		}},
		{"resizing", func(l *live, i int) { l.size = image.Pt(1180-abs(i%120-60)*5, 780-abs(i%120-60)*3) }},
		{"100 messages/s arriving", func(l *live, i int) { l.arrive(1 + min(i%3, 1)) }},
	} {
		l := newLive(b)
		var times []time.Duration
		for i := range 600 {
			mode.step(l, i)
			times = append(times, l.frame())
		}
		fmt.Print(histogram("UI work per frame, "+mode.name, times))
		budget.AtMost("UI work per frame, "+mode.name+", p50", "ms", budget.Ms(budget.Percentile(times, 50)), 3).Report(b)
		budget.Info("  "+mode.name+", p99", "ms", budget.Ms(budget.Percentile(times, 99)), 0).Report(b)
	}
}

func abs(n int) int { return max(n, -n) }
