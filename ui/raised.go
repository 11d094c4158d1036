package ui

import (
	"sync"

	"switchboard/shared/model"
)

// maxWishes bounds what was asked of the window from outside and is not done yet.
const maxWishes = 8

// wishes is what was asked of the window from outside, until a frame does it.
type wishes struct {
	mu   sync.Mutex
	list []model.Raise
	// link is one that the first run has still to use.
	link string
}

// add keeps a wish; of too many the oldest goes.
func (w *wishes) add(r model.Raise) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.list = append(w.list, r); len(w.list) > maxWishes {
		w.list = w.list[1:]
	}
}

// take gives what is to be done now.
func (w *wishes) take() []model.Raise {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.list
	w.list = nil
	return list
}

// Raise asks for something to be shown with the next frame; safe from any goroutine.
func (w *Window) Raise(r model.Raise) {
	w.wishes.add(r)
	w.wakeup()
}

// obey does what was asked for from outside.
func (w *Window) obey() {
	s := &w.shell
	for _, r := range w.wishes.take() {
		if link := s.Raised(r); link != "" {
			w.wishes.link = link
		}
		if r.Conversation != "" {
			w.pane = paneChat
		}
	}
	if w.wishes.link != "" && (!w.first.Wanted(s) || w.first.Follow(w.wishes.link)) {
		w.wishes.link = ""
	}
}
