package session

import (
	"sync"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// OpenView starts what is needed to show a session and keeps it until release.
func (e *Engine) OpenView(k model.SessionKey) (release func()) {
	e.box.putFirst(viewIn{k, 1})
	var once sync.Once
	return func() { once.Do(func() { e.box.putFirst(viewIn{k, -1}) }) }
}

type viewIn struct {
	key model.SessionKey
	n   int
}

func (in viewIn) apply(e *Engine) {
	s := e.sessions[in.key]
	if in.n > 0 {
		s = e.viewSession(in.key)
	}
	if s == nil {
		if in.n > 0 {
			e.o.Views.Open(in.key, "")
			e.o.Views.Fault(in.key, "This session is not here any more.")
		} else {
			e.o.Views.Close(in.key)
		}
		return
	}
	s.views = max(s.views+in.n, 0)
	if in.n > 0 {
		e.look(s)
		return
	}
	if s.live != nil {
		e.watchIdle(s.live)
		e.pushVisible(s.live)
	} else if s.views == 0 {
		e.keepTexts(s)
		e.o.Views.Close(s.key)
	}
}

// look is when a person looks at a session: it opens, also after it crashed.
func (e *Engine) look(s *session) {
	if s.live != nil {
		e.pushVisible(s.live)
		return
	}
	if e.o.Views.View(s.key) == nil {
		e.o.Views.Open(s.key, s.plugin)
		if texts, err := e.o.Store.Editors(e.ctx, s.key.Conversation, s.key.Session); err == nil {
			e.o.Views.SetTexts(s.key, texts)
		}
	}
	s.crashes = nil
	if !e.wanted(s) {
		st, reason := e.state(s)
		if reason == "" {
			reason = "This session is " + string(st) + "."
		}
		e.o.Views.Fault(s.key, reason)
		return
	}
	e.open(s)
}

// viewSession finds the session behind a view; chats come to be by looking.
func (e *Engine) viewSession(k model.SessionKey) *session {
	if s := e.sessions[k]; s != nil {
		return s
	}
	return e.standingSession(k.Conversation, k.Session)
}

// Focus tells which conversation is open in the window and whether it has the focus.
func (e *Engine) Focus(conversation string, focused bool) {
	e.box.putFirst(focusIn{focus{conversation, focused}})
}

type focusIn struct{ f focus }

func (in focusIn) apply(e *Engine) {
	old := e.focus
	e.focus = in.f
	for _, id := range []string{old.conversation, in.f.conversation} {
		c := e.conversations[id]
		if c == nil || old == in.f {
			continue
		}
		for _, s := range c.sessions {
			if s.live != nil {
				e.pushVisible(s.live)
			}
		}
	}
}

// pushVisible tells a plugin who looks.
func (e *Engine) pushVisible(l *live) {
	if l.phase == closing {
		return
	}
	full := l.s.views > 0
	e.replace(l, &contractv1.Event{Event: &contractv1.Event_Visible{Visible: &contractv1.Visible{
		Full: full, Compact: !l.s.standing,
		Focused: full && e.focus.focused && e.focus.conversation == l.s.key.Conversation,
	}}}, func(old *contractv1.Event) bool { return old.GetVisible() != nil })
}

// Want asks a plugin for list items around an anchor.
func (e *Engine) Want(k model.SessionKey, list, anchor string, before, after int) {
	e.box.putFirst(wantIn{k, list, anchor, before, after})
}

type wantIn struct {
	key           model.SessionKey
	list, anchor  string
	before, after int
}

func (in wantIn) apply(e *Engine) {
	s := e.sessions[in.key]
	if s == nil || s.live == nil || s.live.phase == closing {
		return
	}
	if w, ok := e.o.Views.Want(in.key, in.list, in.anchor, in.before, in.after); ok {
		e.watchIdle(s.live)
		e.push(s.live, &contractv1.Event{Event: &contractv1.Event_Want{Want: w}})
	}
}

// Seen tells a plugin which item was looked at.
func (e *Engine) Seen(k model.SessionKey, list, item string) { e.box.putFirst(seenIn{k, list, item}) }

type seenIn struct {
	key        model.SessionKey
	list, item string
}

func (in seenIn) apply(e *Engine) {
	s := e.sessions[in.key]
	if s == nil || s.live == nil || s.live.phase == closing {
		return
	}
	e.replace(s.live, &contractv1.Event{Event: &contractv1.Event_Seen{Seen: &contractv1.Seen{List: in.list, Key: in.item}}},
		func(old *contractv1.Event) bool { return old.GetSeen() != nil && old.GetSeen().GetList() == in.list })
}
