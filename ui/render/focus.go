package render

import (
	"gioui.org/io/event"
	"gioui.org/io/key"
)

// focus keeps the keyboard somewhere sensible when what had it disappears: on
// the next control beside it, else one before, else in the composer; never on a
// button that accepts or destroys, so that a key pressed a moment too late does
// nothing.
type focus struct {
	now, before []focusable
	on          event.Tag // what had the keyboard in the last frame
	has         bool
	composer    event.Tag // of this frame
	writing     event.Tag // the composer of the last frame that had one
	next        event.Tag // asked for by a view command or a click elsewhere
}

type focusable struct {
	tag    event.Tag
	parent string
	safe   bool
}

func (f *focus) begin() {
	f.now, f.before = f.before[:0], f.now
	f.writing, f.composer = f.composer, nil
}

// add tells of something in this frame that can have the keyboard.
func (s *Session) focusable(sc scope, tag event.Tag, safe bool) {
	s.focus.now = append(s.focus.now, focusable{tag: tag, parent: sc.list + "\x00" + sc.item, safe: safe})
}

func (f *focus) end(gtx C) {
	had := f.on
	f.on, f.has = nil, false
	present := func(t event.Tag) bool {
		for _, o := range f.now {
			if o.tag == t {
				return true
			}
		}
		return false
	}
	for _, o := range f.now {
		if gtx.Focused(o.tag) {
			f.on, f.has = o.tag, true
		}
	}
	if f.next != nil && present(f.next) {
		gtx.Execute(key.FocusCmd{Tag: f.next})
		f.on, f.next = f.next, nil
		return
	}
	if had == nil || f.on != nil || present(had) {
		return
	}
	if t := f.heir(had, present); t != nil {
		gtx.Execute(key.FocusCmd{Tag: t})
		f.on = t
	}
}

// heir is what gets the keyboard after something that is gone.
func (f *focus) heir(gone event.Tag, present func(event.Tag) bool) event.Tag {
	at := -1
	for i, o := range f.before {
		if o.tag == gone {
			at = i
		}
	}
	if at < 0 {
		return f.composer
	}
	fits := func(o focusable) bool {
		return o.safe && o.parent == f.before[at].parent && present(o.tag)
	}
	for _, o := range f.before[at+1:] {
		if fits(o) {
			return o.tag
		}
	}
	for i := at - 1; i >= 0; i-- {
		if fits(f.before[i]) {
			return f.before[i].tag
		}
	}
	return f.composer
}
