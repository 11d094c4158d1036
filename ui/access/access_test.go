package access

import (
	"fmt"
	"image"
	"strings"
	"testing"
	"time"

	"gioui.org/io/input"
	"gioui.org/layout"
	"gioui.org/op"
	"gioui.org/unit"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// page is a window of 400 x 300 for recording.
type page struct {
	r      Recorder
	router input.Router
	ops    op.Ops
}

func (p *page) frame(draw func(gtx C)) *Tree {
	p.ops.Reset()
	gtx := C{Ops: &p.ops, Source: p.router.Source(), Metric: unit.Metric{PxPerDp: 1, PxPerSp: 1}, Constraints: layout.Exact(image.Pt(400, 300))}
	gtx = p.r.Begin(gtx)
	draw(gtx)
	t := p.r.End(&p.ops, image.Pt(400, 300), "Window")
	p.router.Frame(&p.ops)
	return t
}

// put draws a note at a place.
func put(gtx C, x, y, w, h int, n Note, inside func(gtx C)) {
	defer op.Offset(image.Pt(x, y)).Push(gtx.Ops).Pop()
	Wrap(gtx, n, func(gtx C) D {
		if inside != nil {
			inside(gtx)
		}
		return D{Size: image.Pt(w, h)}
	})
}

func TestNothingIsRecordedUnlessSomebodyListens(t *testing.T) {
	var p page
	if tree := p.frame(func(gtx C) {
		if On(gtx) {
			t.Error("it is on")
		}
		put(gtx, 0, 0, 10, 10, Note{Name: "a"}, nil)
	}); tree != nil || len(p.r.notes) > 0 {
		t.Error("something was recorded")
	}
	if p.r.Queue(func(C) {}) {
		t.Error("something was queued")
	}
}

func TestTree(t *testing.T) {
	var p page
	p.r.Enable(true)
	key, tag := new(int), new(int)
	tree := p.frame(func(gtx C) {
		put(gtx, 10, 10, 200, 100, Note{Role: List, Name: "People", Count: 5}, func(gtx C) {
			put(gtx, 5, 5, 50, 400, Note{Key: key, Role: ListItem, Name: "Bob", Tag: tag}, func(gtx C) {
				put(gtx, 0, 0, 10, 10, Note{Name: "Bob", Plain: true}, nil)
				put(gtx, 0, 0, 10, 10, Note{Hidden: true}, func(gtx C) { put(gtx, 0, 0, 5, 5, Note{Role: Button, Name: "no"}, nil) })
			})
			put(gtx, 0, 150, 50, 20, Note{Role: ListItem, Name: "out of sight"}, nil)
		})
		Announce(gtx, "Hello")
	})
	if len(tree.Root.Children) != 1 || len(tree.Nodes) != 3 || fmt.Sprint(tree.Said) != "[Hello]" {
		t.Fatalf("%d nodes, said %v", len(tree.Nodes), tree.Said)
	}
	bob := tree.Root.Children[0].Children[0]
	if bob.Name != "Bob" || bob.Bounds != image.Rect(15, 15, 65, 110) || len(bob.Children) != 0 || bob.Parent.Name != "People" {
		t.Errorf("%+v", bob)
	}
	again := p.frame(func(gtx C) {
		put(gtx, 0, 0, 20, 20, Note{Role: Button, Name: "New"}, nil)
		put(gtx, 30, 30, 50, 20, Note{Key: key, Role: ListItem, Name: "Bob, 1 unread"}, nil)
	})
	if n := again.Nodes[bob.ID]; n == nil || n.Name != "Bob, 1 unread" {
		t.Error("what stays lost its number")
	}
}

func TestBounds(t *testing.T) {
	var p page
	long, zeros := strings.Repeat("ä", 9<<10), strings.Repeat("x\x00", MaxText)
	p.r.Enable(true)
	tree := p.frame(func(gtx C) {
		put(gtx, 0, 0, 10, 10, Note{Role: Entry, Name: long + long, Actions: make([]Action, 2*maxActions), Text: &Text{Content: zeros}}, nil)
		for i := range 2 * MaxNodes {
			put(gtx, 0, 0, 10, 10, Note{Role: Button, Name: fmt.Sprint(i % 3)}, nil)
		}
		for range 2 * maxQueue {
			Announce(gtx, "x")
		}
	})
	if len(tree.Nodes) != MaxNodes || len(tree.Said) != maxQueue {
		t.Errorf("%d nodes, %d announcements", len(tree.Nodes), len(tree.Said))
	}
	if n := tree.Root.Children[0]; len(n.Name) > MaxText || len(n.Text.Content) > MaxText || len(n.Actions) != maxActions {
		t.Error("a node is larger than it may be")
	}
	for range maxQueue {
		if !p.r.Queue(func(C) {}) {
			t.Fatal("no room in the queue")
		}
	}
	if p.r.Queue(func(C) {}) {
		t.Error("the queue has no end")
	}
	for range 3 * keepIDs {
		p.frame(func(C) {})
	}
	if len(p.r.ids.known) > 0 {
		t.Errorf("%d things that are gone are remembered", len(p.r.ids.known))
	}
}

func TestAnnouncer(t *testing.T) {
	a := announcer{more: func(n int) string { return fmt.Sprintf("and %d more", n) }}
	now := time.Unix(1000, 0)
	say := func(want string, in time.Duration) {
		t.Helper()
		now = now.Add(in)
		if got, _ := a.next(now); got != want {
			t.Errorf("said %q, not %q", got, want)
		}
	}
	a.add("Bob: one")
	say("Bob: one", 0)
	a.add("Bob: two.", "Bob: three", "Bob: four")
	say("", time.Second)
	say("Bob: two, and 2 more", time.Second)
	say("", time.Hour)
	for range 2 * maxSay {
		a.add("x")
	}
	if len(a.waiting) > maxSay {
		t.Error("it remembers without end")
	}
	say(fmt.Sprintf("x, and %d more", 2*maxSay-1), time.Hour)
}
