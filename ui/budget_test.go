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

// longLines are as many messages as the host keeps of a list, of all lengths.
func longLines() []line {
	var all []line
	for i := range contractv1.MaxListItems * 3 / 2 {
		from := []string{"bob", "bob", "alice"}[i%3]
		text := fmt.Sprintf("Message %d.", i)
		for range i % 12 {
			text += " A few words more than one line holds, so that it wraps."
		}
		all = append(all, line{from, text, now.Add(time.Duration(i-1000) * time.Minute), contractv1.Message_READ})
	}
	return all
}

// BenchmarkBudgetFrame: the window's own work for a frame, apart from the
// rasteriser, is at most 3 ms with 1,000 contacts and a long conversation: when
// it is drawn again as it is, and when every frame brings other messages.
func BenchmarkBudgetFrame(b *testing.B) {
	w := crowd(1000)
	peer := "user0000"
	w.views[chat(peer)] = transcript(peer, longLines())
	w.snap.Sessions = append(w.snap.Sessions, model.Session{Key: chat(peer), Plugin: "im", Standing: true, State: model.Active})
	w.kept["conversation"] = dm(peer)
	win := ui.NewWindow(w, theme.New(theme.Options{Zone: time.UTC}))
	defer win.Close()
	var ops op.Ops
	var r input.Router
	at := now
	frame := func() time.Duration {
		at = at.Add(16 * time.Millisecond)
		ops.Reset()
		begin := time.Now()
		win.Layout(layout.Context{Ops: &ops, Now: at, Source: r.Source(), Metric: unit.Metric{PxPerDp: 1, PxPerSp: 1}, Constraints: layout.Exact(image.Pt(1180, 780))})
		r.Frame(&ops)
		return time.Since(begin)
	}
	for range 50 {
		frame()
	}
	if !slices.ContainsFunc(r.AppendSemantics(nil), func(n input.SemanticNode) bool { return strings.Contains(n.Desc.Label, "Message 29") }) {
		b.Fatal("the conversation is not shown")
	}
	var same, scrolled []time.Duration
	for range 500 {
		same = append(same, frame())
	}
	for range 100 {
		r.Queue(pointer.Event{Kind: pointer.Scroll, Source: pointer.Mouse, Position: f32.Pt(700, 300), Scroll: f32.Pt(0, -160)})
		scrolled = append(scrolled, frame())
	}
	budget.AtMost("UI work per frame, 1,000 contacts, long chat, p50", "ms", budget.Ms(budget.Percentile(same, 50)), 3).Report(b)
	budget.AtMost("UI work per frame while scrolling, p50", "ms", budget.Ms(budget.Percentile(scrolled, 50)), 3).Report(b)
	budget.Info("  while scrolling, p99", "ms", budget.Ms(budget.Percentile(scrolled, 99)), 0).Report(b)
}
