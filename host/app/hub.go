package app

import (
	"sync"
	"time"

	"switchboard/host/session"
	controlv1 "switchboard/shared/contract/control/v1"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// hub tells watchers what happens and subscribers that something changed.
type hub struct {
	mu          sync.Mutex
	next        int
	watchers    map[int]func(*controlv1.Event)
	subscribers map[int]func()
}

// Events calls f, which must not block, for everything that happens until cancel.
func (a *App) Events(f func(*controlv1.Event)) (cancel func()) {
	h := &a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[int]func(*controlv1.Event){}
	}
	h.next++
	n := h.next
	h.watchers[n] = f
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers, n)
	}
}

// Subscribe calls f, which must be quick, after every change of the snapshot or
// of an open view until cancel.
func (a *App) Subscribe(f func()) (cancel func()) {
	h := &a.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers == nil {
		h.subscribers = map[int]func(){}
	}
	h.next++
	n := h.next
	h.subscribers[n] = f
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers, n)
	}
}

func (h *hub) tell(e *controlv1.Event) {
	if e.TimeMs == 0 {
		e.TimeMs = time.Now().UnixMilli()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.watchers {
		f(e)
	}
}

func (h *hub) changed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.subscribers {
		f()
	}
}

func contactEvent(c model.Contact, state string) *controlv1.Event {
	return &controlv1.Event{Type: "contact", From: c.Address, Text: c.Greeting, State: state, Conversation: c.Conversation}
}

func presenceEvent(address string, p model.Presence) *controlv1.Event {
	return &controlv1.Event{Type: "presence", From: address, State: string(p.Status), Text: p.Text}
}

func groupEvent(g *contractv1.Group, state string) *controlv1.Event {
	return &controlv1.Event{Type: "group", Conversation: g.GetConversation(), Id: g.GetId(), Text: g.GetName(), State: state}
}

func connectionEvent(c model.Connection) *controlv1.Event {
	return &controlv1.Event{Type: "connection", State: string(c.State), Reason: c.Detail}
}

// engineEvent passes on what the engine tells, and disturbs the person where
// that was asked for.
func (a *App) engineEvent(e session.Event) {
	out := &controlv1.Event{Type: e.Kind, TimeMs: e.Time.UnixMilli(), Conversation: e.Conversation, Session: e.Session, Plugin: e.Plugin,
		Id: e.ID, From: e.From, State: e.State, Text: e.Text, Seq: e.Seq, Unread: int64(e.Unread)}
	if e.Time.IsZero() {
		out.TimeMs = 0
	}
	if e.Kind == "failed" || e.Kind == "fault" {
		out.Text, out.Reason = "", e.Text
	}
	a.hub.tell(out)
	if e.Kind == "sent" || e.Kind == "update" {
		me, _, _ := a.self()
		a.talked(e.Conversation, e.From, e.Kind == "sent" || e.From == me)
	}
	key := model.SessionKey{Conversation: e.Conversation, Session: e.Session}
	switch {
	case e.Kind == "alert":
		a.alert(e)
	case e.Kind == "summary":
		a.alerts.summary(key, e.Unread)
	case e.Kind == "session" && e.State != string(model.Offered):
		a.alerts.withdraw(aboutOffer + e.Conversation + "/" + e.Session)
	}
}
