//go:build unix

package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// maxWaiting bounds descriptors that nobody has asked for yet.
const maxWaiting = 64

// Descriptors receives file descriptors from the host: one SOCK_SEQPACKET
// message each, whose bytes are a token.
type Descriptors struct {
	conn *net.UnixConn

	mu      sync.Mutex
	waiting map[string]*os.File
	order   []string // oldest first
	changed chan struct{}
	err     error
	done    chan struct{}
}

// NewDescriptors reads from an inherited socket, which it takes over.
func NewDescriptors(f *os.File) (*Descriptors, error) {
	defer func() { _ = f.Close() }()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("descriptor channel: %w", err)
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		_ = c.Close()
		return nil, errors.New("descriptor channel: not a unix socket")
	}
	d := &Descriptors{conn: u, waiting: map[string]*os.File{}, changed: make(chan struct{}), done: make(chan struct{})}
	go d.read()
	return d, nil
}

// Close ends reading and closes what nobody took.
func (d *Descriptors) Close() {
	_ = d.conn.Close()
	<-d.done
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.waiting {
		_ = f.Close()
	}
	d.waiting, d.order = map[string]*os.File{}, nil
}

// Take waits for the descriptor of a token.
func (d *Descriptors) Take(ctx context.Context, token []byte) (*os.File, error) {
	for {
		d.mu.Lock()
		f, changed, err := d.waiting[string(token)], d.changed, d.err
		delete(d.waiting, string(token))
		d.mu.Unlock()
		if f != nil {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (d *Descriptors) read() {
	defer close(d.done)
	token := make([]byte, 64)
	oob := make([]byte, unix.CmsgSpace(4*4))
	for {
		n, oobn, _, _, err := d.conn.ReadMsgUnix(token, oob)
		if err == nil && n == 0 && oobn == 0 {
			err = errors.New("the host closed the descriptor channel")
		}
		if err != nil {
			d.mu.Lock()
			d.err = err
			close(d.changed)
			d.changed = make(chan struct{})
			d.mu.Unlock()
			return
		}
		d.keep(string(token[:n]), files(oob[:oobn]))
	}
}

// keep stores the first descriptor of a message and closes any others.
func (d *Descriptors) keep(token string, fds []int) {
	for i, fd := range fds {
		if i > 0 {
			_ = unix.Close(fd)
		}
	}
	if len(fds) == 0 {
		return
	}
	_ = unix.SetNonblock(fds[0], true)
	f := os.NewFile(uintptr(fds[0]), "passed")
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.waiting[token]; old != nil {
		_ = old.Close()
	}
	d.waiting[token] = f
	d.order = append(d.order, token)
	for len(d.order) > maxWaiting {
		if old := d.waiting[d.order[0]]; old != nil {
			_ = old.Close()
			delete(d.waiting, d.order[0])
		}
		d.order = d.order[1:]
	}
	close(d.changed)
	d.changed = make(chan struct{})
}

// files are the descriptors in control messages.
func files(oob []byte) []int {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	var all []int
	for i := range messages {
		if fds, err := unix.ParseUnixRights(&messages[i]); err == nil {
			all = append(all, fds...)
		}
	}
	return all
}
