package im

import (
	"context"
	"sync"
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
	now     func() time.Time // this computer's clock
	cancel  context.CancelFunc
	done    chan struct{}

	mu   sync.Mutex
	me   string                          // nobody as long as no session was open: nothing is removed before
	open map[history.Conversation]func() // tells an open session that rows were removed

	server time.Time // the latest that the network's clock has shown
	heard  time.Time // when that was
}

func newKeeper(store *history.Store, setting func() string, now func() time.Time, log hclog.Logger) *keeper {
	k := &keeper{store: store, now: now, setting: setting, log: log, poke: make(chan struct{}, 1), done: make(chan struct{}),
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

// wake has it look at once: the person has chosen how long messages are kept.
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

// dated takes a time that the network's clock has shown: it is that late by now, at
// least. This computer's clock may be wrong, and be put right or wrong at any moment.
func (k *keeper) dated(server time.Time) {
	if server.IsZero() {
		return
	}
	k.mu.Lock()
	later := server.Sub(k.server.Add(time.Since(k.heard)))
	if later > 0 {
		k.server, k.heard = server, time.Now()
	}
	k.mu.Unlock()
	if later > keepEvery {
		k.wake()
	}
}

// time is what both the network's clock and this computer's have passed; false as long
// as nothing was heard of the first one.
func (k *keeper) time() (time.Time, bool) {
	k.mu.Lock()
	server, known := k.server.Add(time.Since(k.heard)), !k.server.IsZero()
	k.mu.Unlock()
	if now := k.now(); now.Before(server) {
		return now, known
	}
	return server, known
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	every := time.NewTicker(keepEvery)
	defer every.Stop()
	for {
		if now, known := k.time(); known {
			if err := k.pass(ctx, now); err != nil && ctx.Err() == nil {
				k.log.Warn("remove old messages", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-k.poke:
		case <-every.C:
		}
	}
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
