package session

import "sync"

// input is something that happened; apply runs on the engine's goroutine.
type input interface{ apply(e *Engine) }

// Bounds of what may wait for the engine before a plugin's reader has to wait.
const (
	maxWaiting      = 1024
	maxWaitingBytes = 8 << 20
)

// mailbox is the engine's one entrance. What timers put never waits; what plugins
// put waits while too much is queued; what people do goes before both, since
// each of the others may cost a write to the disk.
type mailbox struct {
	mu     sync.Mutex
	ready  sync.Cond // something to take, or closed
	room   sync.Cond // less than the bounds, or closed
	people []input
	queue  []weighed
	bytes  int
	held   bool // nothing of the network gets in
	closed bool
}

type weighed struct {
	in   input
	size int
}

func newMailbox() *mailbox {
	b := &mailbox{}
	b.ready.L, b.room.L = &b.mu, &b.mu
	return b
}

// put queues an input at once; false when the engine is closed.
func (b *mailbox) put(in input) bool { return b.add(in, 0, false) }

// putFirst queues what a person does, in its own order; false when the engine is
// closed.
func (b *mailbox) putFirst(in input) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.people = append(b.people, in)
	b.ready.Signal()
	return true
}

// putWait queues an input of a plugin when there is room; what the network
// brings (holdable) also waits while nothing can be stored.
func (b *mailbox) putWait(in input, size int, holdable bool) bool {
	return b.add(in, max(size, 1), holdable)
}

func (b *mailbox) add(in input, size int, holdable bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for size > 0 && !b.closed && (b.held && holdable || len(b.queue) >= maxWaiting || b.bytes+size > maxWaitingBytes && b.bytes > 0) {
		b.room.Wait()
	}
	if b.closed {
		return false
	}
	b.queue = append(b.queue, weighed{in, size})
	b.bytes += size
	b.ready.Signal()
	return true
}

// take answers the next input; without one it answers nil, or waits. Nil
// after waiting means that the mailbox is closed and empty.
func (b *mailbox) take(wait bool) input {
	b.mu.Lock()
	defer b.mu.Unlock()
	for wait && len(b.queue)+len(b.people) == 0 && !b.closed {
		b.ready.Wait()
	}
	if len(b.people) > 0 {
		in := b.people[0]
		b.people[0] = nil
		b.people = b.people[1:]
		return in
	}
	if len(b.queue) == 0 {
		return nil
	}
	w := b.queue[0]
	b.queue[0] = weighed{}
	b.queue = b.queue[1:]
	b.bytes -= w.size
	b.room.Broadcast()
	return w.in
}

func (b *mailbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.ready.Broadcast()
	b.room.Broadcast()
}

// hold keeps out what the network brings until it is let go.
func (b *mailbox) hold(on bool) {
	b.mu.Lock()
	b.held = on
	b.mu.Unlock()
	b.room.Broadcast()
}
