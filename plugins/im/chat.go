package im

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// conduit is what a chat needs of *sdk.Session.
type conduit interface {
	Update(ctx context.Context, body []byte, options ...sdk.UpdateOption) (sdk.ID, error)
	Discard(ctx context.Context, id sdk.ID) error
	WantBlob(ctx context.Context, hash string, size int64) error
	GiveBlob(ctx context.Context, hash string, size int64) error
	PutBlob(ctx context.Context, data []byte) (hash string, err error)
	GetBlob(ctx context.Context, hash string) ([]byte, error)
	SetState(ctx context.Context, key string, value []byte, scope sdk.Scope) error
	Signal(body []byte, target ...string) error
	Show(n view.Node) error
	ShowCompact(n view.Node) error
	Items(w sdk.Want, items []view.Item, before, after bool, generation int64) error
	Patch(list string, generation int64, ops ...view.Op) error
	SetText(node, text string, baseRevision int64) error
	ScrollTo(list, key string) error
	Flash(list, key string) error
	Focus(node string) error
	Copy(text string) error
	SetSummary(ctx context.Context, sum sdk.Summary) error
	Ack(seq int64) error
	Go(f func(ctx context.Context) sdk.Event)
	Reply(c sdk.Command, result any) error
	Fail(e sdk.Event, reason string)
}

// about is what does not change while a session is open.
type about struct {
	self         sdk.Person
	conversation *contractv1.Conversation
	words        *words
	locale       string // BCP 47, of the order of names
	setting      func(key string) bool
	log          hclog.Logger
	kept         func() string          // the setting of how long messages are kept; may be nil
	dated        func(server time.Time) // hears the network's clock; may be nil
	people       *people
	// elsewhere opens another conversation of this history; nil for one that is not
	// there. An empty session is that of the same kind as this one.
	elsewhere func(ctx context.Context, conversation, session string) (*history.Log, error)
}

// Keys of state values.
const (
	stateDelivered = "delivered"
	stateRead      = "read"
	stateDraft     = "draft"
)

// chat is one open conversation. Only the goroutine of its session uses it.
type chat struct {
	about
	s      conduit
	log    *history.Log
	me     string
	others []string
	names  map[string]string
	now    func() time.Time

	// Of a group.
	title     string
	readOnly  string            // one sentence why nothing can be written
	since     map[string]int64  // where somebody came in
	known     map[string]string // who can be named; nil when that has changed
	infoOf    string            // the message that the dialog is about
	infoNode  view.Node         // the dialog
	marked    int64             // message that is marked as unread, 0 for none
	copied    copied
	mentions  int   // unread ones
	mentioned int64 // newest message that names me
	alerted   int64 // of them, the last one that was told as such

	// Receiving.
	batch      []history.Entry
	committed  time.Time // last commit
	flushing   bool      // a timer for the next one runs
	caughtUp   bool
	last       *history.Row // newest stored row
	message    *history.Row // newest stored message
	unsettled  map[string]bool
	sent       map[string]bool
	cursors    map[string]map[string]int64
	unread     int
	deliveredC int64 // told as delivered
	delivered  int64 // by all others
	read       int64 // by all others

	composer composer
	typing   typing
	shown    shown
	older    older
	floor    int64 // up to here rows were removed because of their age
	position int64 // up to here the network has told everything: no cursor goes beyond
}

func newChat(s conduit, log *history.Log, a about) *chat {
	if a.dated == nil {
		a.dated = func(time.Time) {}
	}
	c := &chat{about: a, s: s, log: log, me: a.self.Address, names: map[string]string{}, now: time.Now,
		unsettled: map[string]bool{}, sent: map[string]bool{}, since: map[string]int64{},
		title: a.conversation.GetTitle(), readOnly: a.conversation.GetReadOnly()}
	a.people.learn(a.conversation.GetMembers())
	for _, m := range a.conversation.GetMembers() {
		c.names[m.GetAddress()] = m.GetName()
		if m.GetAddress() != c.me {
			c.others = append(c.others, m.GetAddress())
		}
	}
	c.typing.until = map[string]time.Time{}
	c.older.wants, c.older.answered = map[string]wantedOlder{}, map[string]answeredOlder{}
	c.shown = shown{dirty: map[string]bool{}, generation: c.now().UnixNano(), view: true, summary: true}
	return c
}

// name is how a person is called here.
func (c *chat) name(address string) string {
	if n := c.names[address]; n != "" {
		return n
	}
	return userOf(address)
}

func userOf(address string) string {
	user, _, _ := strings.Cut(address, "@")
	return user
}

// load reads where the conversation stands.
func (c *chat) load(ctx context.Context) error {
	var err error
	if c.floor, err = c.log.Floor(ctx); err != nil {
		return err
	}
	if c.position, err = c.log.Position(ctx); err != nil {
		return err
	}
	if c.cursors, err = c.logCursors(ctx); err != nil {
		return err
	}
	if c.last, err = c.log.LastStored(ctx); err != nil {
		return err
	}
	if c.message, err = c.log.LastMessage(ctx); err != nil {
		return err
	}
	if err = c.loadEvents(ctx); err != nil {
		return err
	}
	ids, err := c.log.Unsettled(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c.unsettled[id] = true
	}
	c.deliveredC = c.cursors[c.me][stateDelivered]
	c.delivered, c.read = c.othersCursors()
	return c.countUnread(ctx)
}

func (c *chat) logCursors(ctx context.Context) (map[string]map[string]int64, error) {
	cursors, err := c.log.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	for _, who := range append([]string{c.me}, c.others...) {
		if cursors[who] == nil {
			cursors[who] = map[string]int64{}
		}
	}
	return cursors, nil
}

func (c *chat) countUnread(ctx context.Context) error {
	n, _, err := c.log.Unread(ctx, c.me, c.cursors[c.me][stateRead])
	if c.unread = n; err != nil || !c.group() {
		return err
	}
	c.mentions, err = c.log.Mentions(ctx, c.cursors[c.me][stateRead])
	return err
}

// handle does one event and then brings everybody's picture up to date. Only
// what makes going on impossible is an error.
func (c *chat) handle(ctx context.Context, e sdk.Event) error {
	if waits(e) {
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
	if err := c.dispatch(ctx, e); err != nil {
		return err
	}
	return c.settle(ctx)
}

// waits says which events must find the updates before them stored.
func waits(e sdk.Event) bool {
	switch e := e.(type) {
	case sdk.Update, sdk.Membership, sdk.Sent, sdk.Pending, sdk.Signal, sdk.Presence, sdk.Edited, sdk.MemberChanged, sdk.ConversationChanged:
		return false
	case timer:
		return e.what == timerFlush
	}
	return true
}

func (c *chat) dispatch(ctx context.Context, e sdk.Event) error {
	switch e := e.(type) {
	case sdk.Started:
		return c.started(ctx, e)
	case sdk.Update:
		return c.update(ctx, e)
	case sdk.Membership:
		return c.membership(ctx, e)
	case sdk.MemberChanged:
		return c.memberChanged(ctx, e.Member)
	case sdk.ConversationChanged:
		c.conversationChanged(e)
	case sdk.CaughtUp:
		c.caughtUp = true
		c.dated(e.ServerTime)
		c.shown.summary = true
		c.tellDelivered(ctx)
		c.oops("send what was attached", c.sendRest(ctx))
		if err := c.olderCaughtUp(ctx, e.Trimmed); err != nil {
			return err
		}
		return c.refreshNew(ctx)
	case sdk.Pending:
		return c.told(ctx, e)
	case sdk.Sent:
		if id := string(e.ID); c.unsettled[id] {
			c.sent[id] = true
			c.shown.dirty[id] = true
		}
	case sdk.Failed:
		return c.failed(ctx, e)
	case sdk.State:
		return c.state(ctx, e)
	case sdk.Signal:
		c.signal(e)
	case sdk.Want:
		return c.want(ctx, e)
	case sdk.Seen:
		return c.seen(ctx, e)
	case sdk.Visible:
		return c.visible(ctx, e)
	case sdk.Edited:
		c.edited(ctx, e)
	case sdk.Action:
		c.answer(e, c.action(ctx, e))
	case sdk.Command:
		c.command(ctx, e)
	case sdk.SettingChanged:
		c.shown.anew, c.shown.summary = c.shown.anew || e.Key == "emoticons" || e.Key == keepKey, true
	case timer:
		c.timer(ctx, e)
	case olderDone:
		return c.olderDone(ctx, e)
	case aged:
		return c.reload(ctx)
	}
	return nil
}

// answer reports an action that could not be done.
func (c *chat) answer(e sdk.Event, err error) {
	if err != nil {
		c.s.Fail(e, c.sentence(err))
	}
}

// refusal is a sentence for the person who asked for something impossible.
type refusal string

func (r refusal) Error() string { return string(r) }

// sentence makes one for a person from any error.
func (c *chat) sentence(err error) string {
	var r refusal
	var w wire.Refusal
	var e *sdk.Error
	switch {
	case errors.As(err, &r):
		return string(r)
	case errors.As(err, &w):
		return string(w)
	case errors.As(err, &e):
		return e.Message
	}
	c.about.log.Error("request failed", "conversation", c.conversation.GetId(), "error", err)
	return c.words.storage
}

// oops notes a failure that costs nothing but a picture: the next one repairs it.
func (c *chat) oops(what string, err error) {
	if err != nil && !errors.Is(err, sdk.ErrClosed) && !errors.Is(err, context.Canceled) {
		c.about.log.Warn(what, "conversation", c.conversation.GetId(), "error", err)
	}
}

// finish stores what was received last, also when the session was cut short.
func (c *chat) finish(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if c.composer.saving {
		c.saveDraft(ctx)
	}
	return c.flush(ctx)
}

// timer comes back through the session's events; it embeds one to be one.
type timer struct {
	sdk.Signal
	what timerKind
}

type timerKind int

const (
	timerFlush timerKind = iota + 1
	timerTyping
	timerDraft
)

// after sends a timer through the events once d has passed. Never called while
// an action is handled: the timer would belong to it and hold up its answer.
func (c *chat) after(d time.Duration, what timerKind) {
	c.s.Go(func(ctx context.Context) sdk.Event {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			return timer{what: what}
		}
	})
}

func (c *chat) timer(ctx context.Context, t timer) {
	switch t.what {
	case timerFlush:
		c.flushing = false // handle has flushed
	case timerTyping:
		c.expireTyping()
	case timerDraft:
		c.composer.saving = false
		c.saveDraft(ctx)
	}
}
