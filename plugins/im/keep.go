package im

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
)

const (
	keepKey   = "keep"
	keepEvery = time.Hour
	keepBatch = 500 // rows removed in one transaction
)

// ages are the choices of the setting, but "forever".
var ages = map[string]time.Duration{"1y": 365 * 24 * time.Hour, "90d": 90 * 24 * time.Hour, "30d": 30 * 24 * time.Hour}

// keeper removes messages that are older than the person wants them kept, from this
// computer only. It has one goroutine.
type keeper struct {
	store   *history.Store
	setting func() string
	log     hclog.Logger
	poke    chan struct{}
	asked   atomic.Bool // the person has just chosen how long
	cancel  context.CancelFunc
	done    chan struct{}

	mu   sync.Mutex
	me   string                          // nobody as long as no session was open: nothing is removed before
	open map[history.Conversation]func() // tells an open session that rows were removed
}

func newKeeper(store *history.Store, setting func() string, log hclog.Logger) *keeper {
	k := &keeper{store: store, setting: setting, log: log, poke: make(chan struct{}, 1), done: make(chan struct{}),
		open: map[history.Conversation]func(){}}
	var ctx context.Context
	ctx, k.cancel = context.WithCancel(context.Background())
	go k.run(ctx)
	return k
}

// close ends the keeper and waits for it.
func (k *keeper) close() {
	k.cancel()
	<-k.done
}

// changed says that the person has chosen how long messages are kept.
func (k *keeper) changed() {
	k.asked.Store(true)
	k.wake()
}

func (k *keeper) wake() {
	select {
	case k.poke <- struct{}{}:
	default:
	}
}

// join has an open session told when some of its rows were removed, until leave.
func (k *keeper) join(c history.Conversation, tell func()) (leave func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open[c] = tell
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.open, c)
	}
}

// know says whose messages these are.
func (k *keeper) know(me string) {
	k.mu.Lock()
	anew := k.me != me
	k.me = me
	k.mu.Unlock()
	if anew {
		k.wake()
	}
}

func (k *keeper) person() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.me
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	every := time.NewTicker(keepEvery)
	defer every.Stop()
	for {
		now := time.Now()
		doubtful, err := k.doubtful(ctx, now)
		if err == nil && !doubtful {
			err = k.pass(ctx, now)
		}
		if err != nil && ctx.Err() == nil {
			k.log.Warn("remove old messages", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-k.poke:
		case <-every.C:
			k.asked.Store(true)
		}
	}
}

// doubtful tells whether this computer's clock may be wrong: nothing at all came within
// the time that is kept. A clock is mostly put right soon after a start, so that an hour
// is waited before everything is removed, unless the person asks for it.
func (k *keeper) doubtful(ctx context.Context, now time.Time) (bool, error) {
	age, limited := ages[k.setting()]
	if !limited || k.asked.Load() {
		return false, nil
	}
	newest, err := k.store.Newest(ctx)
	return newest < now.Add(-age).UnixMilli(), err
}

// pass removes what is too old now, in batches, so that nobody waits for it.
func (k *keeper) pass(ctx context.Context, now time.Time) error {
	age, limited := ages[k.setting()]
	me := k.person()
	if !limited || me == "" {
		return nil
	}
	all, err := k.store.Known(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		log, err := k.store.Log(ctx, c.Name, c.Session)
		if err != nil {
			return err
		}
		any := false
		for more := true; more; {
			var n int
			if n, more, err = log.Forget(ctx, me, now.Add(-age).UnixMilli(), keepBatch); err != nil {
				return err
			}
			any = any || n > 0
			if !more {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(history.Pause):
			}
			if age, limited = ages[k.setting()]; !limited { // the person thought better of it
				more = false
			}
		}
		if any {
			k.tell(c)
		}
		if !limited {
			return nil
		}
	}
	return nil
}

func (k *keeper) tell(c history.Conversation) {
	k.mu.Lock()
	tell := k.open[c]
	k.mu.Unlock()
	if tell != nil {
		tell()
	}
}

// aged comes when rows of an open conversation were removed, or were imported; it
// embeds an event to be one.
type aged struct{ sdk.Signal }

// reload brings memory and list in line with a history whose old rows are others.
func (c *chat) reload(ctx context.Context) error {
	var err error
	if c.floor, err = c.log.Floor(ctx); err != nil {
		return err
	}
	if c.last, err = c.log.LastStored(ctx); err != nil {
		return err
	}
	if c.message, err = c.log.LastMessage(ctx); err != nil {
		return err
	}
	if err := c.loadEvents(ctx); err != nil {
		return err
	}
	if id := c.composer.editing; id != "" {
		row, err := c.log.Row(ctx, id)
		if err != nil {
			return err
		}
		if row == nil {
			c.leaveEdit(ctx)
		}
	}
	if err := c.countUnread(ctx); err != nil {
		return err
	}
	if c.marked <= c.floor {
		c.unmark(ctx)
	}
	if c.unread == 0 {
		if err := c.setNew(ctx, ""); err != nil {
			return err
		}
	}
	c.shown.anew, c.shown.summary = true, true
	return nil
}

// agedLine is what stands where older messages were removed because of their age.
func (c *chat) agedLine() string {
	if c.floor == 0 {
		return ""
	}
	m := c.words.more()
	choice := ""
	if c.kept != nil {
		choice = c.kept()
	}
	switch choice {
	case "1y":
		return m.agedYear
	case "90d":
		return m.agedQuarter
	case "30d":
		return m.agedMonth
	}
	return m.agedBy
}

// emptyLine is what stands in a list without items.
func (c *chat) emptyLine() string {
	if line := c.agedLine(); line != "" {
		return line
	}
	return c.words.empty
}
