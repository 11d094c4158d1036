package ui

import (
	"image"
	"sync"

	"switchboard/ui/drop"
)

// maxDrops bounds what was dropped and no frame has seen to yet: a window that
// nobody sees draws none, and each may be a large picture.
const maxDrops = 4

// drops carries what other programs drop from the goroutine that watches for it
// to the next frame.
type drops struct {
	mu     sync.Mutex
	takes  bool // as the last frame said
	over   bool
	fallen []drop.Dropped
	failed bool
}

// handler takes what happens; wake asks for a frame.
func (d *drops) handler(wake func()) drop.Handler {
	set := func(f func()) {
		d.mu.Lock()
		f()
		d.mu.Unlock()
		wake()
	}
	return drop.Handler{
		Over: func(image.Point) bool {
			d.mu.Lock()
			takes, changed := d.takes, d.over != d.takes
			d.over = d.takes
			d.mu.Unlock()
			if changed {
				wake()
			}
			return takes
		},
		Left:   func() { set(func() { d.over = false }) },
		Drop:   func(one drop.Dropped) { set(func() { d.add(one) }) },
		Failed: func(error) { set(func() { d.failed = true }) },
	}
}

// add keeps a drop for the next frame. Its caller holds mu.
func (d *drops) add(one drop.Dropped) {
	if len(d.fallen) == maxDrops {
		d.failed = true
		return
	}
	d.fallen = append(d.fallen, one)
}

// takeDrops gives the frame what was dropped since the last one.
func (w *Window) takeDrops() {
	s, d := &w.shell, &w.drops
	takes := s.TakesDrops()
	d.mu.Lock()
	d.takes = takes
	s.Dragged = d.over && takes
	fallen, failed := d.fallen, d.failed
	d.fallen, d.failed = nil, false
	d.mu.Unlock()
	for _, one := range fallen {
		s.Dropped(one)
	}
	if failed {
		s.DropFailed()
	}
}
