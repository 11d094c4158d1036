// Package link is a plugin's end of the stream below sessions: what goes out,
// calls to the host with their answers, and descriptors that arrive beside it.
// It knows neither sessions nor networks.
package link

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// ErrClosed: the session or the connection to the host is over.
var ErrClosed = errors.New("the session is closed")

// Error is a refusal or a failure that crossed the stream, or is to cross it.
type Error struct {
	Code contractv1.Error_Code
	// Message is one clear sentence for a person.
	Message string
}

// Error is the sentence.
func (e *Error) Error() string { return e.Message }

// Is lets errors.Is compare by code: a target without message matches every
// error of its code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Message == "" || t.Message == e.Message)
}

// ToWire makes an error fit to cross the stream.
func ToWire(err error) *contractv1.Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return &contractv1.Error{Code: e.Code, Message: clip(err.Error())}
	case errors.Is(err, context.DeadlineExceeded):
		return &contractv1.Error{Code: contractv1.Error_DEADLINE, Message: clip(err.Error())}
	case errors.Is(err, context.Canceled), errors.Is(err, ErrClosed):
		return &contractv1.Error{Code: contractv1.Error_UNAVAILABLE, Message: clip(err.Error())}
	}
	return &contractv1.Error{Code: contractv1.Error_INTERNAL, Message: clip(err.Error())}
}

// clip keeps a sentence within what a window can show.
func clip(s string) string { return Cut(s, 1<<10) }

// Cut shortens a text to a number of bytes without splitting a character, and
// replaces what is not UTF-8, which cannot cross the stream.
func Cut(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= limit {
		return text
	}
	for limit > 0 && text[limit]&0xC0 == 0x80 {
		limit--
	}
	return text[:limit]
}

// Link is the connection of one plugin to its host.
type Link struct {
	*flow.Sender[*contractv1.PluginFrame]

	descriptors *Descriptors
	ready       atomic.Bool
	open        chan struct{} // one place per open call
	done        chan struct{}

	mu     sync.Mutex
	nextID uint64
	calls  map[uint64]chan *contractv1.HostReply
	closed bool
}

// New makes a link that writes batches by write. Descriptors may be nil.
func New(write func([]*contractv1.PluginFrame) error, d *Descriptors) *Link {
	l := &Link{
		Sender:      flow.NewSender(write, flow.Options{Pace: contractv1.MaxShows}),
		descriptors: d,
		open:        make(chan struct{}, contractv1.MaxOpenCalls),
		done:        make(chan struct{}),
		calls:       map[uint64]chan *contractv1.HostReply{},
	}
	l.Open(0)
	return l
}

// Ready sends the first frame; calls are possible from then on.
func (l *Link) Ready(r *contractv1.Ready) error {
	l.ready.Store(true)
	return l.Control(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Ready{Ready: r}})
}

// Call asks the host and waits for the answer. An answer with an error becomes
// an *Error. Without a deadline of its own it has the contract's.
func (l *Link) Call(ctx context.Context, session uint32, c *contractv1.HostCall) (*contractv1.HostReply, error) {
	if !l.ready.Load() {
		return nil, errors.New("the host can be called only after Start has returned")
	}
	if _, err := proto.Marshal(c); err != nil {
		return nil, &Error{Code: contractv1.Error_INVALID, Message: err.Error()}
	}
	if _, has := ctx.Deadline(); !has {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, contractv1.CallTimeout)
		defer cancel()
	}
	select {
	case l.open <- struct{}{}:
		defer func() { <-l.open }()
	case <-l.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for room for a call: %w", ctx.Err())
	}
	answer := make(chan *contractv1.HostReply, 1)
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	l.nextID++
	id := l.nextID
	l.calls[id] = answer
	l.mu.Unlock()
	defer l.forget(id)

	c.Id = id
	if err := l.Control(&contractv1.PluginFrame{Session: session, Body: &contractv1.PluginFrame_Call{Call: c}}); err != nil {
		return nil, sendError(err)
	}
	select {
	case r := <-answer:
		if e := r.GetError(); e != nil {
			return nil, &Error{Code: e.GetCode(), Message: e.GetMessage()}
		}
		return r, nil
	case <-l.done:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the host: %w", ctx.Err())
	}
}

// sendError translates the sender's errors.
func sendError(err error) error {
	switch {
	case errors.Is(err, flow.ErrClosed):
		return ErrClosed
	case errors.Is(err, flow.ErrTooLarge):
		return &Error{Code: contractv1.Error_TOO_LARGE, Message: err.Error()}
	}
	return err
}

func (l *Link) forget(id uint64) {
	l.mu.Lock()
	delete(l.calls, id)
	l.mu.Unlock()
}

// Answer delivers the host's answer. Late ones are dropped.
func (l *Link) Answer(r *contractv1.HostReply) {
	l.mu.Lock()
	answer := l.calls[r.GetId()]
	delete(l.calls, r.GetId())
	l.mu.Unlock()
	if answer != nil {
		answer <- r
	}
}

// Send queues a frame without cost.
func (l *Link) Send(f *contractv1.PluginFrame) error { return translate(l.Control(f)) }

// SendItem queues a frame that costs credit and waits for room.
func (l *Link) SendItem(ctx context.Context, f *contractv1.PluginFrame, class flow.Class) error {
	return translate(l.ItemWait(ctx, f, class))
}

func translate(err error) error {
	if err == nil {
		return nil
	}
	return sendError(err)
}

// Shutdown ends all calls and lets the writer finish.
func (l *Link) Shutdown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	close(l.done)
	l.Close()
}

// Done is closed by Shutdown.
func (l *Link) Done() <-chan struct{} { return l.done }
