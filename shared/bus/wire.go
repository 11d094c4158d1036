package bus

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

const (
	// maxMessage bounds one message that comes in, in bytes; the largest that is
	// meant for us is a text of 32 KiB.
	maxMessage = 128 << 10
	// patience is how long the bus may take to take one message.
	patience = 5 * time.Second
	// head is as much of a message as says how long it is.
	head = 16
)

// errOrder says that a message is written in no byte order that there is.
var errOrder = errors.New("the bus sent what is no message")

// wire is a connection to a bus that drops messages that are too long. It offers
// godbus nothing but bytes, so that no files are ever sent along, which nobody
// would close. Read is for one goroutine.
type wire struct {
	net.Conn
	in    *bufio.Reader
	begun atomic.Bool // messages come, no longer lines of the greeting
	first [head]byte
	told  int // bytes of first that were handed out
	left  int // bytes of the message after first
}

func newWire(c net.Conn) *wire { return &wire{Conn: c, in: bufio.NewReader(c), told: head} }

// Write writes a message, and ends a connection whose other end does not take it.
func (w *wire) Write(p []byte) (int, error) {
	err := w.SetWriteDeadline(time.Now().Add(patience))
	n := 0
	if err == nil {
		n, err = w.Conn.Write(p)
	}
	if err != nil {
		w.Close()
		return n, err
	}
	// godbus starts to read messages after it has written this.
	if bytes.Equal(p, []byte("BEGIN\r\n")) {
		w.begun.Store(true)
	}
	return n, nil
}

// Read reads at most to the end of a message.
func (w *wire) Read(p []byte) (n int, err error) {
	if !w.begun.Load() {
		return w.in.Read(p)
	}
	if w.told == head && w.left == 0 {
		if err := w.next(); err != nil {
			return 0, err
		}
	}
	if w.told < head {
		n = copy(p, w.first[w.told:])
		w.told += n
		return n, nil
	}
	n, err = w.in.Read(p[:min(len(p), w.left)])
	w.left -= n
	return n, err
}

// next finds the next message that is short enough.
func (w *wire) next() error {
	for {
		if _, err := io.ReadFull(w.in, w.first[:]); err != nil {
			return err
		}
		rest, err := after(w.first)
		if err != nil {
			return err
		}
		if rest <= maxMessage {
			w.told, w.left = 0, int(rest)
			return nil
		}
		if _, err := io.CopyN(io.Discard, w.in, rest); err != nil {
			return err
		}
	}
}

// after is how long a message is that begins like that, without this beginning: its
// fields, filled up to eight bytes, and its body.
func after(first [head]byte) (int64, error) {
	var order binary.ByteOrder
	switch first[0] {
	case 'l':
		order = binary.LittleEndian
	case 'B':
		order = binary.BigEndian
	default:
		return 0, errOrder
	}
	body, fields := int64(order.Uint32(first[4:])), int64(order.Uint32(first[12:]))
	return (fields+7)&^7 + body, nil
}
