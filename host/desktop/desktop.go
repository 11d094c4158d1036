// Package desktop is the seam to the person's desktop outside the window: now
// only notifications, over the session bus where there is one. It decides
// nothing about who is disturbed and when.
package desktop

import (
	"context"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// queue bounds the notifications that wait; more are dropped, because a
// desktop that does not take them will not be helped by a hundred.
const queue = 8

// callTime bounds one call on the bus.
const callTime = 2 * time.Second

// Notifier shows notifications one after the other in its own goroutine.
type Notifier struct {
	items  chan note
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

type note struct{ title, body string }

// NewNotifier starts a notifier. Without a session bus it shows nothing.
func NewNotifier() *Notifier {
	ctx, cancel := context.WithCancel(context.Background())
	n := &Notifier{items: make(chan note, queue), cancel: cancel, done: make(chan struct{})}
	go n.run(ctx)
	return n
}

// Show queues a notification and never blocks.
func (n *Notifier) Show(title, body string) {
	select {
	case n.items <- note{title, body}:
	default:
	}
}

// Close ends the notifier.
func (n *Notifier) Close() {
	n.once.Do(n.cancel)
	<-n.done
}

func (n *Notifier) run(ctx context.Context) {
	defer close(n.done)
	var conn *dbus.Conn
	defer func() {
		if conn != nil {
			conn.Close()
		}
	}()
	var last uint32
	for {
		select {
		case <-ctx.Done():
			return
		case item := <-n.items:
			if conn == nil || !conn.Connected() {
				var err error
				if conn, err = sessionBus(ctx); err != nil {
					conn = nil
					continue
				}
			}
			last = show(ctx, conn, last, item)
		}
	}
}

// show replaces the notification before, so that a busy conversation does not
// fill the screen.
func show(ctx context.Context, conn *dbus.Conn, last uint32, item note) uint32 {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	call := conn.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").CallWithContext(ctx,
		"org.freedesktop.Notifications.Notify", 0, "Switchboard", last, "", item.title, item.body,
		[]string{}, map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant("switchboard")}, int32(-1))
	var id uint32
	if call.Store(&id) != nil {
		return 0
	}
	return id
}

// sessionBus connects to the bus that there is; it never starts one, which would
// outlive this program.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}
