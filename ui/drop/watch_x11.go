//go:build linux && !android && cgo

package drop

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"sync"

	"gioui.org/app"
	"gioui.org/io/event"
	"github.com/jezek/xgb/xproto"
)

// version of the protocol XDND that is spoken, and the least that is understood.
const version, oldest = 5, 3

// types that are taken, the best first.
var types = []string{"text/uri-list", "image/png", "image/jpeg"}

// Watcher takes drops on one window. The zero value watches none. Watch and Close
// belong to the goroutine of the window.
type Watcher struct {
	end func()
}

// Watch begins to watch the window of a view event and ends what it watched; an
// event of another kind changes nothing. Where there is no X11 nothing is watched.
func (w *Watcher) Watch(e event.Event, h Handler) error {
	v, ok := e.(app.X11ViewEvent)
	if !ok {
		return nil
	}
	w.Close()
	if !v.Valid() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	l, err := dial(ctx)
	if err != nil {
		return fmt.Errorf("watch for drops: %w", err)
	}
	d := &dragged{link: *l, window: xproto.Window(v.Window), h: h}
	soon := d.server.Until(ctx)
	if err := d.announce(); err != nil || !soon() {
		d.server.Close()
		return fmt.Errorf("watch for drops: %w", errors.Join(err, ctx.Err()))
	}
	pipe, unhook, err := hookMessages(v.Display, [4]uint32{uint32(d.atom("XdndEnter")), uint32(d.atom("XdndPosition")), uint32(d.atom("XdndLeave")), uint32(d.atom("XdndDrop"))})
	if err != nil {
		d.server.Close()
		return err
	}
	var done sync.WaitGroup
	done.Go(func() { d.read(pipe) })
	w.end = func() {
		unhook()
		d.server.Close() // ends a wait for another program too
		done.Wait()
		pipe.Close() //nolint:errcheck // nothing is written to it
	}
	return nil
}

// Close ends the watch and waits for its goroutine.
func (w *Watcher) Close() {
	if w.end != nil {
		w.end()
		w.end = nil
	}
}

// dragged is what another program holds over the window.
type dragged struct {
	link
	window xproto.Window
	h      Handler

	source  xproto.Window // 0 when there is nothing
	kind    string        // which of types it is; empty for none
	at      image.Point
	allowed bool
	over    bool
}

// announce says that the window takes drops.
func (d *dragged) announce() error {
	for _, name := range append([]string{"XdndAware", "XdndEnter", "XdndPosition", "XdndLeave", "XdndDrop", "XdndStatus",
		"XdndFinished", "XdndSelection", "XdndActionCopy", "XdndTypeList", "SWITCHBOARD_DROP", "INCR"}, types...) {
		if d.atom(name) == 0 {
			return errors.New("the X server gives no names")
		}
	}
	aware := make([]byte, 4)
	binary.LittleEndian.PutUint32(aware, version)
	if err := xproto.ChangePropertyChecked(d.conn, xproto.PropModeReplace, d.window, d.atom("XdndAware"), xproto.AtomAtom, 32, 1, aware).Check(); err != nil {
		return err
	}
	return d.open()
}

// read takes messages until the pipe's other end is closed.
func (d *dragged) read(pipe *os.File) {
	var b [32]byte
	for {
		if _, err := io.ReadFull(pipe, b[:]); err != nil {
			d.left()
			return
		}
		if b[1] == 32 && xproto.Window(word(b[4:])) == d.window {
			d.message(xproto.Atom(word(b[8:])), b[12:])
		}
	}
}

func word(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func (d *dragged) message(kind xproto.Atom, data []byte) {
	source := xproto.Window(word(data))
	switch kind {
	case d.atom("XdndEnter"):
		d.left()
		if v := word(data[4:]) >> 24; v < oldest {
			return
		}
		d.source, d.kind = source, d.choose(source, data)
	case d.atom("XdndPosition"):
		if source == d.source && source != 0 {
			d.position(word(data[8:]))
		}
	case d.atom("XdndLeave"):
		if source == d.source {
			d.left()
		}
	case d.atom("XdndDrop"):
		if source == d.source && source != 0 {
			d.dropped(xproto.Timestamp(word(data[8:])))
		}
	}
}

// choose is the best type that a source offers: up to three in its message, all
// of them in a property.
func (d *dragged) choose(source xproto.Window, data []byte) string {
	offered := []xproto.Atom{xproto.Atom(word(data[8:])), xproto.Atom(word(data[12:])), xproto.Atom(word(data[16:]))}
	if word(data[4:])&1 != 0 {
		if r, err := xproto.GetProperty(d.conn, false, source, d.atom("XdndTypeList"), xproto.AtomAtom, 0, 256).Reply(); err == nil && r.Format == 32 {
			for b := r.Value; len(b) >= 4; b = b[4:] {
				offered = append(offered, xproto.Atom(word(b)))
			}
		}
	}
	for _, name := range types {
		for _, a := range offered {
			if a != 0 && a == d.atom(name) {
				return name
			}
		}
	}
	return ""
}

func (d *dragged) position(packed uint32) {
	if r, err := xproto.TranslateCoordinates(d.conn, xproto.Setup(d.conn).DefaultScreen(d.conn).Root, d.window, int16(packed>>16), int16(packed)).Reply(); err == nil {
		d.at = image.Pt(int(r.DstX), int(r.DstY))
	}
	d.allowed = d.kind != "" && d.h.Over(d.at)
	d.over = d.over || d.kind != ""
	flags, action := uint32(2), uint32(0) // 2: tell of every move
	if d.allowed {
		flags, action = 3, uint32(d.atom("XdndActionCopy"))
	}
	d.tell("XdndStatus", flags, 0, 0, action)
}

// tell sends the source of the drag a message.
func (d *dragged) tell(name string, values ...uint32) {
	data := append([]uint32{uint32(d.window)}, values...)
	for len(data) < 5 {
		data = append(data, 0)
	}
	m := xproto.ClientMessageEvent{Format: 32, Window: d.source, Type: d.atom(name), Data: xproto.ClientMessageDataUnionData32New(data)}
	// A source that is gone needs no answer.
	_ = xproto.SendEventChecked(d.conn, false, d.source, xproto.EventMaskNoEvent, string(m.Bytes())).Check()
}

func (d *dragged) left() {
	if d.over {
		d.h.Left()
	}
	d.source, d.kind, d.allowed, d.over = 0, "", false, false
}

// dropped reads what was dropped and tells the source how that went.
func (d *dragged) dropped(at xproto.Timestamp) {
	defer d.left()
	if !d.allowed {
		d.tell("XdndFinished", 0, 0)
		return
	}
	limit := MaxData
	if d.kind == types[0] {
		limit = maxList
	}
	data, err := d.convert("XdndSelection", d.kind, at, limit)
	if err != nil {
		d.tell("XdndFinished", 0, 0)
		d.h.Failed(err)
		return
	}
	d.tell("XdndFinished", 1, uint32(d.atom("XdndActionCopy")))
	out := Dropped{At: d.at, Picture: data}
	if d.kind == types[0] {
		out.Picture = nil
		out.Files, out.More = files(data)
	}
	d.h.Drop(out)
}
