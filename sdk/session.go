package sdk

import (
	"context"
	"errors"
	"iter"
	"time"

	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// Session is one activity in one conversation. Its methods are safe for
// concurrent use, apart from Events, which one goroutine ranges over.
type Session struct{}

// Host is the plugin's host.
func (s *Session) Host() *Host { return nil }

// Conversation is where the session takes place.
func (s *Session) Conversation() *contractv1.Conversation { return nil }

// ID is the session's id, unique in its conversation.
func (s *Session) ID() string { return "" }

// Protocol is what both sides agreed to speak.
func (s *Session) Protocol() int { return 0 }

// Standing: the session needs no offer, as a chat.
func (s *Session) Standing() bool { return false }

// Solo: only my own devices take part.
func (s *Session) Solo() bool { return false }

// Mine: this user made the offer.
func (s *Session) Mine() bool { return false }

// Offer is the payload of the offer.
func (s *Session) Offer() []byte { return nil }

// Self is this user on this device.
func (s *Session) Self() Person { return Person{} }

// Members are the people of the session as they are now.
func (s *Session) Members() []Member { return nil }

// Events are what happens, in order; it begins with Started and ends with the
// session. When the loop body of an Action or Command completes, it counts as
// handled; leaving the loop does not.
func (s *Session) Events() iter.Seq[Event] { return func(func(Event) bool) {} }

// UpdateOption changes how Update names an update.
type UpdateOption func(*contractv1.UpdateCall)

// WithID uses an id of the plugin's own, a UUIDv7.
func WithID(id ID) UpdateOption { return func(c *contractv1.UpdateCall) { c.Id = string(id) } }

// WithKey makes repeats harmless under a key of the plugin's own: the same key
// and ordinal give the same update.
func WithKey(key string, ordinal int) UpdateOption {
	return func(c *contractv1.UpdateCall) { c.ActionId, c.Ordinal = key, uint32(ordinal) }
}

// Update appends to the log that everybody in the session shares, ourselves
// included. It returns when the update is on this computer's disk. Made while
// an Action or Command is handled, it is idempotent by that and its ordinal:
// handling the same action again after a crash doubles nothing.
func (s *Session) Update(ctx context.Context, body []byte, options ...UpdateOption) (ID, error) {
	return "", errors.ErrUnsupported
}

// SetState sets a durable value outside the log; the last one wins.
func (s *Session) SetState(ctx context.Context, key string, value []byte, scope Scope) error {
	return errors.ErrUnsupported
}

// Signal sends something that is worth nothing later, to all other members or
// to the given addresses. When there is no room it is dropped.
func (s *Session) Signal(body []byte, target ...string) error { return errors.ErrUnsupported }

// Show replaces the view. Latest wins; more than 30 a second are thinned out.
func (s *Session) Show(n view.Node) error { return errors.ErrUnsupported }

// ShowCompact replaces the small view: at most 8 KiB and without lists.
func (s *Session) ShowCompact(n view.Node) error { return errors.ErrUnsupported }

// Items answers a Want with contiguous items in order.
func (s *Session) Items(w Want, items []view.Item, before, after bool, generation int64) error {
	return errors.ErrUnsupported
}

// Patch changes what the host holds of a list.
func (s *Session) Patch(list string, generation int64, ops ...view.Op) error {
	return errors.ErrUnsupported
}

// SetText replaces an editor's text unless the person typed since baseRevision.
func (s *Session) SetText(node, text string, baseRevision int64) error { return errors.ErrUnsupported }

// ScrollTo brings a list item into sight.
func (s *Session) ScrollTo(list, key string) error { return errors.ErrUnsupported }

// Flash lights a list item up for a moment.
func (s *Session) Flash(list, key string) error { return errors.ErrUnsupported }

// Focus moves the keyboard to a node.
func (s *Session) Focus(node string) error { return errors.ErrUnsupported }

// Copy puts text on the clipboard; only right after an action of the person.
func (s *Session) Copy(text string) error { return errors.ErrUnsupported }

// Summary is the session's line in the list of conversations.
type Summary struct {
	Text string // at most 256 bytes, plain
	From string // address, or empty
	Time time.Time
	// Seq it speaks of; at most one alert is raised for each.
	Seq              int64
	Unread, Mentions int
	Alert            Alert
	Draft            string
}

// SetSummary replaces the session's summary. Latest wins.
func (s *Session) SetSummary(ctx context.Context, sum Summary) error { return errors.ErrUnsupported }

// Ack tells that the plugin has everything up to seq in its own store.
func (s *Session) Ack(seq int64) error { return errors.ErrUnsupported }

// End ends the session for everybody.
func (s *Session) End(ctx context.Context, reason string) error { return errors.ErrUnsupported }

// Leave leaves it for this user.
func (s *Session) Leave(ctx context.Context) error { return errors.ErrUnsupported }

// MakeOffer proposes a new session of this plugin, in this conversation when
// conversation is empty, and returns its id.
func (s *Session) MakeOffer(ctx context.Context, conversation, title string, payload []byte) (string, error) {
	return "", errors.ErrUnsupported
}

// Fetch reads the session's own updates again: those after one position and,
// when before is not 0, before another, at most limit. More says that the limit
// cut something off.
func (s *Session) Fetch(ctx context.Context, after, before int64, limit int) (updates []Update, more bool, err error) {
	return nil, false, errors.ErrUnsupported
}

// Go runs slow work beside the loop. Its event, unless nil, comes through
// Events. Updates that it makes with its context belong to the action in whose
// handling Go was called. The session waits for it before it ends.
func (s *Session) Go(f func(ctx context.Context) Event) {}

// Reply answers a command; the result is encoded as JSON.
func (s *Session) Reply(c Command, result any) error { return errors.ErrUnsupported }

// Fail says that an action or command was not done, with one sentence for the
// person: the text of an action returns to its editor, the command fails.
func (s *Session) Fail(e Event, reason string) {}
