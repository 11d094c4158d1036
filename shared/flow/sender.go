package flow

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// Errors of a Sender.
var (
	// ErrFull: no room in the session's queue, or in the control queue.
	ErrFull = errors.New("the queue is full")
	// ErrClosed: the session is not open, or the stream is over.
	ErrClosed = errors.New("the stream is closed")
	// ErrTooLarge: the frame is beyond the contract's bound.
	ErrTooLarge = errors.New("the frame is larger than 1 MiB")
)

// Frame is a message of the stream.
type Frame interface {
	proto.Message
	GetSession() uint32
}

// Class says how an item waits.
type Class uint8

// The classes of items.
const (
	// Ordered items keep their order and are never lost.
	Ordered Class = iota
	// Droppable items are dropped silently when there is no room.
	Droppable
	// Latest items replace a waiting one of the same class at its place, and are
	// paced. There are two kinds of them: full and compact views.
	Latest
	LatestCompact
	final
)

// Bounds of a sender's queues.
const (
	// LaneMessages and LaneBytes bound what waits for credit in one session.
	LaneMessages = 256
	LaneBytes    = 2 << 20
	// ControlMessages bounds what waits for the writer without costing credit.
	ControlMessages = 1 << 14
	// BatchBytes ends a batch; a single frame may still be larger.
	BatchBytes = 1 << 20
	// MaxMessage is what a transport must accept as one batch.
	MaxMessage = BatchBytes + contractv1.MaxFrame + 1<<10

	paceBurst = 3
)

type entry[F Frame] struct {
	frame F
	size  int
	class Class
}

// lane is one session's way out.
type lane[F Frame] struct {
	messages, bytes int // credit left
	queue           []entry[F]
	queued          int       // bytes in queue
	pace            time.Time // theoretical time of the next Latest item
	refused         bool      // an item was refused; room is to be told
	closing         bool      // the final frame is queued
	room            chan struct{}
}

// Sender is one end's outgoing half. Run is its one writer.
type Sender[F Frame] struct {
	write    func([]F) error
	interval time.Duration
	keep     bool

	mu      sync.Mutex
	lanes   map[uint32]*lane[F]
	control []entry[F]
	ready   []entry[F] // paid items, in order
	paced   map[uint32]*lane[F]
	closed  bool
	failed  bool
	written uint64 // frames
	wake    chan struct{}
}

// Options of a sender.
type Options struct {
	// Pace is the number of Latest items a second and session; 0 does not pace.
	Pace int
	// Keep leaves a session open for control frames after its final frame, until
	// Drop: the host still answers and gives credit while a plugin finishes.
	Keep bool
}

// NewSender makes a sender that writes batches by write.
func NewSender[F Frame](write func([]F) error, o Options) *Sender[F] {
	s := &Sender[F]{write: write, keep: o.Keep, lanes: map[uint32]*lane[F]{}, paced: map[uint32]*lane[F]{}, wake: make(chan struct{}, 1)}
	if o.Pace > 0 {
		s.interval = time.Second / time.Duration(o.Pace)
	}
	return s
}

// Open makes a session known, with a full window.
func (s *Sender[F]) Open(session uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[session] = &lane[F]{messages: contractv1.WindowMessages, bytes: contractv1.WindowBytes}
}

// Control queues a frame that costs no credit, before all items.
func (s *Sender[F]) Control(f F) error {
	size := proto.Size(f)
	if size > contractv1.MaxFrame {
		return ErrTooLarge
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if f.GetSession() != 0 && s.lanes[f.GetSession()] == nil {
		return ErrClosed
	}
	if len(s.control) >= ControlMessages {
		return ErrFull
	}
	s.control = append(s.control, entry[F]{frame: f, size: size})
	s.wakeUp()
	return nil
}

// Item queues a frame that costs credit of its session and never waits.
func (s *Sender[F]) Item(f F, class Class) error {
	_, err := s.item(f, class)
	return err
}

// ItemWait is Item, but waits for room.
func (s *Sender[F]) ItemWait(ctx context.Context, f F, class Class) error {
	for {
		room, err := s.item(f, class)
		if !errors.Is(err, ErrFull) {
			return err
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Sender[F]) item(f F, class Class) (room <-chan struct{}, err error) {
	size := proto.Size(f)
	if size > contractv1.MaxFrame {
		return nil, ErrTooLarge
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[f.GetSession()]
	if s.closed || l == nil || l.closing {
		return nil, ErrClosed
	}
	if class == Latest || class == LatestCompact {
		for i := range l.queue {
			if l.queue[i].class == class {
				l.queued += size - l.queue[i].size
				l.queue[i] = entry[F]{f, size, class}
				return nil, nil
			}
		}
	}
	if len(l.queue) >= LaneMessages || l.queued >= LaneBytes {
		if class == Droppable {
			return nil, nil
		}
		l.refused = true
		if l.room == nil {
			l.room = make(chan struct{})
		}
		return l.room, ErrFull
	}
	l.queue = append(l.queue, entry[F]{f, size, class})
	l.queued += size
	s.pump(f.GetSession(), l, time.Now())
	s.wakeUp()
	return nil, nil
}

// Final queues a session's last frame behind all its items and closes the
// session for further ones. With drop what still waits for credit is dropped.
func (s *Sender[F]) Final(f F, drop bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[f.GetSession()]
	if s.closed || l == nil || l.closing {
		return ErrClosed
	}
	if drop {
		l.queue, l.queued = nil, 0
	}
	l.closing = true
	l.queue = append(l.queue, entry[F]{f, proto.Size(f), final})
	s.pump(f.GetSession(), l, time.Now())
	l.tell()
	s.wakeUp()
	return nil
}

// Credit gives a session room. It reports whether an earlier ErrFull is over:
// the queue is below half again.
func (s *Sender[F]) Credit(session uint32, c *contractv1.Credit) (room bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[session]
	if l == nil {
		return false, nil // the session ended meanwhile
	}
	// A window never grows beyond its start: more was returned than was sent.
	if uint64(l.messages)+uint64(c.GetMessages()) > contractv1.WindowMessages ||
		int64(l.bytes)+int64(c.GetBytes()) > contractv1.WindowBytes {
		return false, errors.New("more credit was returned than was used")
	}
	l.messages += int(c.GetMessages())
	l.bytes += int(c.GetBytes())
	s.pump(session, l, time.Now())
	s.wakeUp()
	if l.refused && len(l.queue) <= LaneMessages/2 && l.queued <= LaneBytes/2 {
		l.refused = false
		l.tell()
		return true, nil
	}
	return false, nil
}

// Drop forgets a session and what waits in it.
func (s *Sender[F]) Drop(session uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[session]; l != nil {
		l.closing = true
		l.tell()
		delete(s.lanes, session)
		delete(s.paced, session)
	}
}

// tell wakes those who wait for room.
func (l *lane[F]) tell() {
	if l.room != nil {
		close(l.room)
		l.room = nil
	}
}

// pump moves what has credit, and whose time has come, to the writer.
func (s *Sender[F]) pump(session uint32, l *lane[F], now time.Time) {
	n := 0
	for ; n < len(l.queue); n++ {
		e := l.queue[n]
		if e.class == final {
			if !s.keep {
				delete(s.lanes, session)
			}
		} else {
			if l.messages < 1 || l.bytes < 1 {
				break
			}
			if (e.class == Latest || e.class == LatestCompact) && !s.onTime(session, l, now) {
				break
			}
			l.messages--
			l.bytes -= e.size
		}
		l.queued -= e.size
		s.ready = append(s.ready, e)
	}
	if n > 0 {
		rest := copy(l.queue, l.queue[n:])
		clear(l.queue[rest:])
		l.queue = l.queue[:rest]
	}
}

// onTime spends one Latest item of the session's pace.
func (s *Sender[F]) onTime(session uint32, l *lane[F], now time.Time) bool {
	if s.interval == 0 {
		return true
	}
	if l.pace.Sub(now) > paceBurst*s.interval {
		s.paced[session] = l
		return false
	}
	if l.pace.Before(now) {
		l.pace = now
	}
	l.pace = l.pace.Add(s.interval)
	return true
}

func (s *Sender[F]) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
