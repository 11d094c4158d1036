package session

import (
	"context"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// Plugins is what the engine needs from the supervisor.
type Plugins interface {
	// Ensure starts a plugin when it does not run and waits until it is ready.
	Ensure(ctx context.Context, id string) error
	// Send hands over one frame; it never blocks. bridge.ErrFull means that the
	// session's queue is full: PluginRoom follows when there is room again.
	Send(id string, f *contractv1.HostFrame) error
	// Kick stops a plugin that nothing is open on, unless it is resident. It
	// never blocks; PluginDown follows.
	Kick(id string)
}

// Network is the enabled network plugin. Call answers with an error when there
// is none, when the call cannot be made, and at the deadline of ctx.
type Network interface {
	Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error)
}

// Views is the cache of what plugins show; host/views has it.
type Views interface {
	Open(key model.SessionKey, plugin string)
	Close(key model.SessionKey)
	Frame(key model.SessionKey, plugin string, f *contractv1.PluginFrame) error
	View(key model.SessionKey) *model.View
	Want(key model.SessionKey, list, anchor string, before, after int) (*contractv1.Want, bool)
	// Edited takes the text as it was typed and answers its revision.
	Edited(key model.SessionKey, node, text string) int64
	// Submit empties an editor, Restore puts text back into it.
	Submit(key model.SessionKey, node string)
	Restore(key model.SessionKey, node, text string)
	// Hand is Submit ahead of its action, Taken says that the action is looked at.
	Hand(key model.SessionKey, node string)
	Taken(key model.SessionKey, node string)
	// Refused tells why something that the person did could not be taken.
	Refused(key model.SessionKey, sentence string)
	// Acted notes that the person did something.
	Acted(key model.SessionKey)
	// Texts are the editors with text that the person wrote; SetTexts gives them back.
	Texts(key model.SessionKey) map[string]string
	SetTexts(key model.SessionKey, texts map[string]string)
	// Fault shows a sentence in place of the view; an empty one takes it away.
	Fault(key model.SessionKey, sentence string)
}

// Catalog knows the plugins that are installed.
type Catalog interface {
	Manifest(id string) (*manifest.Manifest, bool)
	// Enabled also says why not, in one sentence.
	Enabled(id string) (bool, string)
}

// Permission names what a plugin is about to do; policy decides.
type Permission string

// The permissions that the engine asks for.
const (
	PermitSend    Permission = "send"    // an update, a state value or a signal leaves
	PermitOffer   Permission = "offer"   // an offer of the plugin, made or received
	PermitCommand Permission = "command" // a contributed command runs
	PermitPeers   Permission = "peers"   // it is told who of a conversation is there
)

// Options are what an Engine is made of. Store, Plugins, Network, Views,
// Catalog, Permit and Self are needed. The functions are called on the engine's
// goroutine: they must be quick and must not wait for the engine.
type Options struct {
	Store   *store.Store
	Plugins Plugins
	Network Network
	Views   Views
	Catalog Catalog
	// Permit asks the policy; the reason is the administrator's sentence.
	Permit func(p Permission, plugin string) (allowed bool, reason string)
	// Self is this account and device; ok is false before the first run is done.
	Self func() (address, device string, ok bool)
	// Name is a person's display name, DeviceName that of one of my devices.
	Name       func(address string) string
	DeviceName func(id string) string
	// Capabilities are what a person's devices announce ("whiteboard/3", one for
	// every protocol a plugin accepts); known is false when nobody knows yet.
	Capabilities func(address string) (list []string, known bool)
	// Group is what is known of a group's conversation; false for one that this
	// account was never in.
	Group func(conversation string) (Group, bool)
	// MentionsAlways: a message that names the person alerts in muted
	// conversations too.
	MentionsAlways func() bool
	// Keyword: a summary with a word that the person asked for alerts in muted
	// conversations too.
	Keyword func(summary string) bool
	// Changed is called after Sessions, Conversations or Queued changed.
	Changed func()
	// Notify is told what happens, for `watch` and for alerts; it must not block.
	Notify func(Event)
	Log    hclog.Logger
	Now    func() time.Time
}

// Event is one line of `watch --json`. Bodies of updates are never in it.
type Event struct {
	Kind         string    `json:"kind"` // update, pending, sent, failed, summary, alert, session, fault
	Conversation string    `json:"conversation,omitempty"`
	Session      string    `json:"session,omitempty"`
	Plugin       string    `json:"plugin,omitempty"`
	ID           string    `json:"id,omitempty"`
	Seq          int64     `json:"seq,omitempty"`
	From         string    `json:"from,omitempty"`
	State        string    `json:"state,omitempty"` // of a session; of an alert: message, mention or offer
	Text         string    `json:"text,omitempty"`  // summary, or the reason
	Unread       int       `json:"unread,omitempty"`
	Time         time.Time `json:"time"`
}
