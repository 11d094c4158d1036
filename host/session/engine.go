package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Times of the engine.
const (
	groupTime    = 5 * time.Millisecond // at most this long received entries wait for others
	groupSize    = 256
	stallRetry   = time.Second
	publishEvery = 20 * time.Millisecond
	closeWait    = time.Second     // for plugins to say goodbye when the host closes
	sessionWait  = 3 * time.Second // for SessionDone after SessionClose
	ensureTime   = time.Minute
	ensureRetry  = 30 * time.Second
	upkeepEvery  = time.Hour
)

// defaultRetention is how long a network keeps entries until it says otherwise.
const defaultRetention = 365 * 24 * time.Hour

var errClosed = errors.New("the program is closing")

// Engine owns every session of this host. One goroutine owns all its state and
// is fed by inputs; what others may read are published immutable values.
type Engine struct {
	o      Options
	log    hclog.Logger
	box    *mailbox
	ctx    context.Context // of everything the engine starts; ends in Close
	cancel context.CancelFunc
	work   sync.WaitGroup // jobs, timers' callbacks are not waited for
	done   chan struct{}  // the loop has returned
	snap   atomic.Pointer[snapshot]
	acting atomic.Int64 // actions that ActSoon has taken and nobody has looked at
	small  sync.Map     // model.SessionKey → *model.View, compact views that were asked for

	// All below belongs to the loop.
	conversations map[string]*conversation
	order         []*conversation // as last published
	named         string          // the account for which, "" when names are others now
	sessions      map[model.SessionKey]*session
	plugins       map[string]*plugin
	own           owns
	calls         map[string]*command
	alarms        map[alarmKey]*time.Timer
	received      []*contractv1.Envelopes
	receivedN     int
	receivedAt    time.Time
	stalled       bool
	heldStates    []*statesIn // received while nothing can be stored
	fault         string
	net           netState
	focus         focus
	dirty         bool
	published     time.Time
	begun         bool
	closing       bool
	closed        chan struct{} // closed when no session is open any more
	signals       chan *contractv1.NetCall
	stateN        int64 // numbers own state values
	overN         int   // sessions that are over, dropped since the store was looked through
}

// netState is what the engine knows of the network.
type netState struct {
	connected bool
	refused   bool            // the account or this device, for good: nothing will be sent
	ctx       context.Context // ends when the connection does
	cancel    context.CancelFunc
	retention time.Duration
	offset    time.Duration // the server's clock minus ours
	dated     int64         // the server's clock when it was heard last, Unix ms; 0 for never
	datedAt   time.Time     // when that was; counted from here whatever our clock is set to
	states    bool          // own values are on their way
	statesAt  time.Time     // since when
	statesN   int64         // the number of the last one that was tried
}

// focus is the conversation that is open in the window.
type focus struct {
	conversation string
	focused      bool
}

// conversation is what the engine holds of one conversation.
type conversation struct {
	id       string
	cursor   int64
	skipped  int64
	row      store.ConversationRow
	sessions map[string]*session
	out      []*store.OutRow // waiting for the network, in the order in which they go
	flight   []*store.OutRow // of them, those that are on their way
	retryAt  time.Time
	backoff  time.Duration
	shown    model.Conversation // as last published
	stale    bool               // that is another now
}

// session is one activity, whether a plugin has it open or not.
type session struct {
	key      model.SessionKey
	plugin   string
	conv     *conversation
	standing bool
	row      bool                     // it is in the store
	fold     Fold                     // of an offered one
	foreseen bool                     // the fold is a guess until our own offer is read back
	blocked  string                   // why our own offer did not get out
	answer   contractv1.Envelope_Kind // ours, on its way
	held     int64
	acked    int64
	last     int64 // newest stored update
	entry    int64 // when the newest entry that counts was ordered, the server's ms

	live     *live
	need     bool // something happened that the plugin must hear
	crashes  []time.Time
	crashed  string // why it is not open, until it is again
	views    int
	actions  []*action
	commands []*command
	summary  *store.SummaryRow
	typing   bool             // somebody writes in it
	compact  *contractv1.Node // not yet in the store
	lazy     bool             // compact or acked is not yet in the store
	texts    textKeeper
}

// plugin is what the engine knows of a plugin's process.
type plugin struct {
	id       string
	up       bool
	ensuring bool
	next     uint32
	handles  map[uint32]*live
}

// New loads what the store knows. The engine begins to open sessions with the
// first thing it hears.
func New(o Options) (*Engine, error) {
	o.fill()
	e := &Engine{
		o: o, log: o.Log, box: newMailbox(), done: make(chan struct{}),
		conversations: map[string]*conversation{}, sessions: map[model.SessionKey]*session{},
		plugins: map[string]*plugin{}, own: newOwns(), calls: map[string]*command{},
		alarms: map[alarmKey]*time.Timer{}, signals: make(chan *contractv1.NetCall, maxSignalsQueued),
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.net.retention = defaultRetention
	e.net.ctx, e.net.cancel = context.WithCancel(e.ctx)
	if err := e.load(e.ctx); err != nil {
		e.cancel()
		return nil, fmt.Errorf("read the sessions from the store: %w", err)
	}
	e.publish()
	e.work.Add(1)
	go e.sendSignals()
	go e.loop()
	return e, nil
}

func (o *Options) fill() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	if o.Notify == nil {
		o.Notify = func(Event) {}
	}
	if o.Name == nil {
		o.Name = func(address string) string { return address }
	}
	if o.Group == nil {
		o.Group = func(string) (Group, bool) { return Group{}, false }
	}
	if o.Keyword == nil {
		o.Keyword = func(string) bool { return false }
	}
	if o.MentionsAlways == nil {
		o.MentionsAlways = func() bool { return true }
	}
	if o.DeviceName == nil {
		o.DeviceName = func(id string) string { return id }
	}
	if o.Capabilities == nil {
		o.Capabilities = func(string) ([]string, bool) { return nil, false }
	}
}

// loop is the engine's goroutine. Received entries are stored in groups: as
// soon as nothing else waits, at 256, or after 5 ms.
func (e *Engine) loop() {
	defer close(e.done)
	for {
		in := e.box.take(false)
		if in == nil {
			e.flush()
			e.settle()
			if in = e.box.take(true); in == nil {
				return
			}
		}
		if !e.begun { // not in New: until it returns nobody can answer us
			e.begun = true
			e.begin()
		}
		if _, more := in.(*envelopesIn); !more {
			e.flush()
		}
		in.apply(e)
		if e.receivedN >= groupSize || e.receivedN > 0 && time.Since(e.receivedAt) >= groupTime {
			e.flush()
		}
	}
}

// ask runs f on the engine's goroutine, for a person, and waits until it has.
func (e *Engine) ask(f func(e *Engine)) error { return e.wait(f, e.box.putFirst) }

// askAfter is ask after all that plugins and the network have handed over.
func (e *Engine) askAfter(f func(e *Engine)) error { return e.wait(f, e.box.put) }

func (e *Engine) wait(f func(e *Engine), put func(input) bool) error {
	in := &askIn{f: f, done: make(chan struct{})}
	if !put(in) {
		return errClosed
	}
	select {
	case <-in.done:
		return nil
	case <-e.done:
		return errClosed
	}
}

type askIn struct {
	f    func(e *Engine)
	done chan struct{}
}

func (a *askIn) apply(e *Engine) {
	before := e.dirty
	e.dirty = false
	a.f(e)
	e.publish() // who asked may look at what that changed at once
	e.dirty = e.dirty || before
	close(a.done)
}

// spawn runs a job beside the loop; its input comes back through the mailbox.
func (e *Engine) spawn(job func() input) {
	if e.closing {
		return
	}
	e.work.Add(1)
	go func() {
		defer e.work.Done()
		if in := job(); in != nil {
			e.box.put(in)
		}
	}()
}

// write runs a transaction and keeps the fault that people see up to date.
func (e *Engine) write(f func(tx *store.Tx) error) error {
	err := e.o.Store.Update(f)
	switch {
	case err == nil:
		e.setFault("")
	case errors.Is(err, store.ErrFull):
		e.setFault("Nothing can be stored: the disk is full. Make room, then it goes on by itself.")
		return fmt.Errorf("nothing was stored: %w", store.ErrFull)
	default:
		e.log.Error("store", "error", err)
		e.setFault("Nothing can be stored: " + err.Error() + ".")
	}
	return err
}

func (e *Engine) setFault(sentence string) {
	if e.fault == sentence {
		return
	}
	e.fault, e.dirty = sentence, true
	e.o.Notify(Event{Kind: "fault", Text: sentence, Time: e.o.Now()})
}

// now is our clock, serverNow our guess of the network's, both in Unix ms.
func (e *Engine) now() int64 { return e.o.Now().UnixMilli() }

func (e *Engine) serverNow() int64 { return e.o.Now().Add(e.net.offset).UnixMilli() }

// serverTime is the network's clock at the earliest, Unix ms, whatever ours says now;
// 0 when it was not heard.
func (e *Engine) serverTime() int64 {
	if e.net.dated == 0 {
		return 0
	}
	return e.net.dated + max(e.o.Now().Sub(e.net.datedAt), 0).Milliseconds()
}

// Close stops every session on its plugin and waits for the engine's work.
func (e *Engine) Close(ctx context.Context) error {
	wait := make(chan struct{})
	first := false
	err := e.ask(func(e *Engine) {
		if first = !e.closing; first {
			e.shut(wait)
		}
	})
	if err == nil && first {
		t := time.NewTimer(closeWait)
		defer t.Stop()
		select {
		case <-wait:
		case <-t.C:
		case <-ctx.Done():
		}
		_ = e.ask(func(e *Engine) { e.lastWords() })
		e.cancel()
		e.box.close()
	}
	select {
	case <-e.done:
	case <-ctx.Done():
		return fmt.Errorf("close the sessions: %w", ctx.Err())
	}
	e.work.Wait()
	return nil
}

// lastWords stores what is otherwise stored lazily.
func (e *Engine) lastWords() {
	for _, t := range e.alarms {
		t.Stop()
	}
	clear(e.alarms)
	e.keepLazy()
	for _, c := range e.calls {
		c.finish(nil, errClosed)
	}
}
