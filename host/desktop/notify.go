package desktop

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

const (
	notifications     = "org.freedesktop.Notifications"
	notificationsPath = dbus.ObjectPath("/org/freedesktop/Notifications")
	// queue bounds the notices that wait; more are dropped, because a desktop that
	// does not take them will not be helped by a hundred.
	queue = 32
	// maxShown bounds the notifications that are known to be on the screen.
	maxShown = 256
	// busAgain is how long a bus that is not there is left alone.
	busAgain = time.Second
)

// Notifier shows notifications, one after the other in its own goroutine, and
// tells what the person did with them. It is safe for concurrent use.
type Notifier struct {
	answered func(Answer)
	cancel   context.CancelFunc
	done     chan struct{}
	once     sync.Once
	wake     chan struct{} // something waits

	mu     sync.Mutex
	orders []order // at most one of a key
}

// order shows a notice or, with a nil one, takes away the one of key.
type order struct {
	notice *Notice
	key    string
	update bool // only if one of that key is shown
}

// NewNotifier starts a notifier. Without a session bus it shows nothing, and looks
// for one again when there is something to show. answered is called in the
// notifier's goroutine and must not block; nil when nobody asks.
func NewNotifier(answered func(Answer)) *Notifier {
	if answered == nil {
		answered = func(Answer) {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &Notifier{answered: answered, wake: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
	go n.run(ctx)
	return n
}

// Show queues a notification and never blocks.
func (n *Notifier) Show(one Notice) { n.add(order{notice: &one, key: one.Key}) }

// Update is Show for a notification that is still shown; one that is gone stays so.
func (n *Notifier) Update(one Notice) { n.add(order{notice: &one, key: one.Key, update: true}) }

// Withdraw takes the notification of a key away; it never blocks.
func (n *Notifier) Withdraw(key string) { n.add(order{key: key}) }

// add queues an order in the place of one of the same key, which it settles. What
// takes something off the screen is not lost before more wait than can be shown.
func (n *Notifier) add(o order) {
	n.mu.Lock()
	defer n.mu.Unlock()
	limit := queue
	if o.notice == nil || o.update {
		limit = queue + maxShown
	}
	i := slices.IndexFunc(n.orders, func(old order) bool { return old.key == o.key })
	switch {
	case i >= 0 && o.update && n.orders[i].notice == nil:
		return // it is on its way off the screen
	case i >= 0:
		o.update = o.update && n.orders[i].update
		n.orders[i] = o
	case len(n.orders) >= limit:
		return
	default:
		n.orders = append(n.orders, o)
	}
	n.ready()
}

// next is the order that has waited longest.
func (n *Notifier) next() (o order, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.orders) == 0 {
		return order{}, false
	}
	o, n.orders = n.orders[0], n.orders[1:]
	if len(n.orders) > 0 {
		n.ready()
	}
	return o, true
}

func (n *Notifier) ready() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Close takes everything away that is shown, since nobody would hear the answers,
// and ends the notifier.
func (n *Notifier) Close() {
	n.once.Do(n.cancel)
	<-n.done
}

// board is what the notifier's goroutine knows of the desktop.
type board struct {
	conn   *dbus.Conn
	end    context.CancelFunc // of the connection's context
	heard  *hearing           // of the connection
	failed time.Time          // when there was no bus
	owner  string             // unique name of the server, "" when it must be asked for
	can    server
	ids    map[string]uint32 // by key
	keys   map[uint32]string
	tokens map[uint32]string // given just before the action
}

func (n *Notifier) run(ctx context.Context) {
	defer close(n.done)
	b := &board{heard: &hearing{}}
	b.forget()
	defer b.leave()
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.wake:
			if o, ok := n.next(); ok {
				b.carryOut(ctx, o)
			}
		case <-b.gone(): // the bus
			b.lost()
		case <-b.heard.changed:
			if now := b.heard.owner.Load(); now != nil && *now != b.owner {
				b.forget()
			}
		case s := <-b.heard.signals:
			if a, ok := b.take(s); ok {
				n.answered(a)
			}
		}
	}
}

// forget drops what a server was told that is gone.
func (b *board) forget() {
	b.owner, b.can = "", server{}
	b.heard.believe("")
	b.ids, b.keys, b.tokens = map[string]uint32{}, map[uint32]string{}, map[uint32]string{}
}

func (b *board) lost() {
	if b.conn != nil {
		b.conn.Close()
		b.end()
	}
	b.conn, b.heard = nil, &hearing{}
	b.forget()
}

// gone is closed when the bus goes away; nil while there is none.
func (b *board) gone() <-chan struct{} {
	if b.conn == nil {
		return nil
	}
	return b.conn.Context().Done()
}

// leave takes everything away, without waiting for answers.
func (b *board) leave() {
	if b.conn == nil {
		return
	}
	for id := range b.keys {
		b.conn.Object(notifications, notificationsPath).Go(notifications+".CloseNotification", dbus.FlagNoReplyExpected|dbus.FlagNoAutoStart, nil, id)
	}
	b.conn.Close()
	b.end()
}

func (b *board) carryOut(ctx context.Context, o order) {
	if o.notice == nil {
		if id, shown := b.ids[o.key]; shown {
			b.closed(id)
			_ = ask(ctx, b.conn, false, notifications, notificationsPath, notifications+".CloseNotification", id).Err // it may have gone by itself
		}
		return
	}
	if _, shown := b.ids[o.key]; o.update && !shown || !b.meet(ctx) {
		return
	}
	call := ask(ctx, b.conn, true, notifications, notificationsPath, notifications+".Notify", "Switchboard", b.ids[o.key], "",
		clean(o.notice.Title, maxTitle), o.notice.body(b.can), o.notice.actions(b.can), o.notice.hints(b.can), int32(-1))
	var id uint32
	if call.Store(&id) != nil || id == 0 {
		return
	}
	if old, shown := b.ids[o.key]; shown && old != id {
		delete(b.keys, old)
	}
	if len(b.keys) < maxShown {
		b.ids[o.key], b.keys[id] = id, o.key
	}
}

// meet connects to the bus, finds the server and asks what it can do, where that
// is not known.
func (b *board) meet(ctx context.Context) bool {
	if b.conn != nil && !b.conn.Connected() {
		b.lost()
	}
	if b.conn == nil && !b.connect(ctx) {
		return false
	}
	if b.owner != "" {
		return true
	}
	var can []string
	if ask(ctx, b.conn, true, notifications, notificationsPath, notifications+".GetCapabilities").Store(&can) != nil {
		return false
	}
	for _, c := range can {
		switch c {
		case "body-markup":
			b.can.markup = true
		case "inline-reply":
			b.can.inline = true
		case "actions":
			b.can.actions = true
		}
	}
	if ask(ctx, b.conn, false, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.GetNameOwner", notifications).Store(&b.owner) != nil {
		return false
	}
	b.heard.believe(b.owner)
	return true
}

func (b *board) connect(ctx context.Context) bool {
	if time.Since(b.failed) < busAgain {
		return false
	}
	// The connection outlives ctx for a last word; connecting does not.
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	heard := newHearing()
	conn, err := bus.Session(living, bus.Options{Heard: heard.take})
	stop()
	if err != nil {
		end()
		b.failed = time.Now()
		return false
	}
	calling, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	err = conn.AddMatchSignalContext(calling, dbus.WithMatchSender(notifications), dbus.WithMatchInterface(notifications))
	if err == nil {
		err = conn.AddMatchSignalContext(calling, dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"),
			dbus.WithMatchArg(0, notifications))
	}
	if err != nil {
		conn.Close()
		end()
		b.failed = time.Now()
		return false
	}
	b.end = end
	b.conn, b.heard = conn, heard
	return true
}

// take takes a signal of the server.
func (b *board) take(s *dbus.Signal) (a Answer, ok bool) {
	if b.owner == "" || s.Sender != b.owner {
		return a, false // of one that went away meanwhile
	}
	var id uint32
	var text string
	if s.Name == notifications+".NotificationClosed" {
		var reason uint32
		if dbus.Store(s.Body, &id, &reason) == nil {
			b.closed(id)
		}
		return a, false
	}
	if dbus.Store(s.Body, &id, &text) != nil {
		return a, false
	}
	key, known := b.keys[id]
	if !known || len(text) > maxReply {
		return a, false
	}
	a = Answer{Key: key, Did: text, Token: b.tokens[id]}
	switch s.Name {
	case notifications + ".ActivationToken":
		if len(text) <= maxToken {
			b.tokens[id] = text
		}
		return a, false
	case notifications + ".NotificationReplied":
		a.Did, a.Text = ReplyTyped, text
		return a, text != ""
	case notifications + ".ActionInvoked":
		delete(b.tokens, id)
		// Where a reply can be typed, it comes with its own signal.
		return a, len(text) <= maxAction && text != ReplyTyped
	}
	return a, false
}

func (b *board) closed(id uint32) {
	if key, known := b.keys[id]; known && b.ids[key] == id {
		delete(b.ids, key)
	}
	delete(b.keys, id)
	delete(b.tokens, id)
}
