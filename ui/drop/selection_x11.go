//go:build linux && !android && cgo

package drop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"switchboard/shared/xserver"
)

var (
	errSlow  = errors.New("the other program does not answer")
	errLarge = errors.New("the other program gives more than can be taken")
	errGone  = errors.New("the connection to the display has ended")
)

// maxEvents bounds the events that wait to be looked at.
const maxEvents = 1024

// link is a connection of our own with a window that nobody sees, to which other
// programs give what they hold. It belongs to one goroutine.
type link struct {
	conn   *xgb.Conn
	server *xserver.Conn // the same
	atoms  map[string]xproto.Atom
	own    xproto.Window
	events chan xgb.Event
}

// dial makes a link, until ctx ends. Of events only some are kept: any program may
// send more to our window than are looked at.
func dial(ctx context.Context) (*link, error) {
	events := make(chan xgb.Event, maxEvents)
	server, err := xserver.Dial(ctx, func(e xgb.Event) {
		select {
		case events <- e:
		default:
		}
	})
	if err != nil {
		return nil, err
	}
	return &link{conn: server.Conn, server: server, atoms: map[string]xproto.Atom{}, events: events}, nil
}

// atom is the server's number of a name; 0 when the server cannot say.
func (l *link) atom(name string) xproto.Atom {
	if a, ok := l.atoms[name]; ok {
		return a
	}
	r, err := xproto.InternAtom(l.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0
	}
	l.atoms[name] = r.Atom
	return r.Atom
}

// open makes the window.
func (l *link) open() (err error) {
	if l.own, err = xproto.NewWindowId(l.conn); err != nil {
		return err
	}
	screen := xproto.Setup(l.conn).DefaultScreen(l.conn)
	return xproto.CreateWindowChecked(l.conn, screen.RootDepth, l.own, screen.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
}

// convert asks who holds a selection for it in a type, at most limit bytes.
func (l *link) convert(selection, kind string, at xproto.Timestamp, limit int) ([]byte, error) {
	property := l.atom("SWITCHBOARD_DROP")
	xproto.DeleteProperty(l.conn, l.own, property)
	l.drain()
	if err := xproto.ConvertSelectionChecked(l.conn, l.own, l.atom(selection), l.atom(kind), property, at).Check(); err != nil {
		return nil, fmt.Errorf("ask for %s: %w", kind, err)
	}
	end := time.Now().Add(whole)
	if err := l.until(end, func(e xgb.Event) (bool, error) {
		n, ok := e.(xproto.SelectionNotifyEvent)
		if ok && n.Property == 0 {
			return false, ErrNone
		}
		return ok, nil
	}); err != nil {
		return nil, err
	}
	data, incremental, err := l.take(property, limit)
	if err != nil || !incremental {
		return data, err
	}
	return l.pieces(property, limit, end)
}

// pieces reads what comes one after the other (ICCCM 2.7.2) until end; an empty
// one is the last.
func (l *link) pieces(property xproto.Atom, limit int, end time.Time) (all []byte, err error) {
	for {
		if err := l.until(end, func(e xgb.Event) (bool, error) {
			n, ok := e.(xproto.PropertyNotifyEvent)
			return ok && n.Atom == property && n.State == xproto.PropertyNewValue, nil
		}); err != nil {
			return nil, err
		}
		piece, _, err := l.take(property, limit-len(all))
		if err != nil {
			return nil, err
		}
		if piece == nil {
			continue // it was taken already, with the one before
		}
		if len(piece) == 0 {
			return all, nil
		}
		all = append(all, piece...)
	}
}

// slice is what is read of a property at once, in units of four bytes.
const slice = 64 << 10

// take reads and deletes the property; nil is one that is not there, and not empty.
func (l *link) take(property xproto.Atom, limit int) (all []byte, incremental bool, err error) {
	for at := uint32(0); ; at += slice {
		r, err := xproto.GetProperty(l.conn, false, l.own, property, xproto.GetPropertyTypeAny, at, slice).Reply()
		if err != nil {
			return nil, false, fmt.Errorf("read what was given: %w", err)
		}
		incremental = r.Type == l.atom("INCR")
		if !incremental && r.Type != 0 {
			if all == nil {
				all = []byte{}
			}
			all = append(all, r.Value...)
		}
		if len(all) > limit {
			return nil, false, errLarge
		}
		if r.BytesAfter == 0 || incremental {
			xproto.DeleteProperty(l.conn, l.own, property)
			return all, incremental, nil
		}
	}
}

// drain forgets events of what was asked before.
func (l *link) drain() {
	for {
		select {
		case <-l.events:
		default:
			return
		}
	}
}

// until reads events until wanted is told of the right one, with patience, but
// not past end.
func (l *link) until(end time.Time, wanted func(xgb.Event) (bool, error)) error {
	limit := time.NewTimer(min(patience, time.Until(end)))
	defer limit.Stop()
	for {
		select {
		case <-limit.C:
			return errSlow
		case <-l.server.Done():
			return errGone
		case e := <-l.events:
			if ok, err := wanted(e); ok || err != nil {
				return err
			}
		}
	}
}

// Picture is the picture on the clipboard (PNG or JPEG, at most MaxData), ErrNone
// when there is none, or when there is a text beside it: then that is meant.
func Picture(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*whole) // its kinds, and then itself
	defer cancel()
	asking, enough := context.WithTimeout(ctx, patience)
	defer enough()
	l, err := dial(asking)
	if err != nil {
		return nil, ErrNone
	}
	defer l.server.Close()
	defer l.server.Until(ctx)()
	soon := l.server.Until(asking)
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("look at the clipboard: %w", err)
	}
	if r, err := xproto.GetSelectionOwner(l.conn, l.atom("CLIPBOARD")).Reply(); err != nil || r.Owner == 0 {
		return nil, ErrNone
	}
	if !soon() {
		return nil, errSlow
	}
	targets, err := l.convert("CLIPBOARD", "TARGETS", xproto.TimeCurrentTime, 4096)
	if err != nil {
		return nil, err
	}
	kinds := map[xproto.Atom]bool{}
	for b := targets; len(b) >= 4; b = b[4:] {
		kinds[xproto.Atom(word(b))] = true
	}
	for _, text := range []string{"UTF8_STRING", "STRING", "text/plain", "text/uri-list", "text/plain;charset=utf-8"} {
		if kinds[l.atom(text)] {
			return nil, ErrNone
		}
	}
	for _, kind := range types[1:] {
		if kinds[l.atom(kind)] {
			return l.convert("CLIPBOARD", kind, xproto.TimeCurrentTime, MaxData)
		}
	}
	return nil, ErrNone
}
