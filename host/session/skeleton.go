package session

import (
	"context"
	"errors"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Engine owns every session of this host.
type Engine struct{ o Options }

var errNotBuilt = errors.New("sessions are not available in this build")

// New loads what the store knows and starts the engine.
func New(o Options) (*Engine, error) { return &Engine{o: o}, nil }

// Close stops every session on its plugin and waits for the engine's work.
func (e *Engine) Close(ctx context.Context) error { return nil }

// PluginUp says that a plugin's stream is ready.
func (e *Engine) PluginUp(id string) {}

// PluginDown says that a plugin's stream has ended; exactly once per PluginUp.
func (e *Engine) PluginDown(id string, err error) {}

// PluginRoom says that a session's queue, once full, has room again.
func (e *Engine) PluginRoom(id string, handle uint32) {}

// PluginFrame takes a checked frame: everything of sessions, Handled, Ack,
// CommandReply, and the calls update, set_state, summary, end, leave, offer, fetch.
func (e *Engine) PluginFrame(id string, f *contractv1.PluginFrame) {}

// PluginEnabled lets a plugin's sessions open again.
func (e *Engine) PluginEnabled(id string) {}

// PluginDisabled closes a plugin's sessions at once; its offers are refused with the reason.
func (e *Engine) PluginDisabled(id, reason string) {}

// NetEvent takes envelopes, state, signal, connection; also info (retention and
// clock) and presence (for sessions with the grant "peers").
func (e *Engine) NetEvent(ev *contractv1.NetEvent) {}

// Cursors are the positions to sign in with.
func (e *Engine) Cursors() []*contractv1.Cursor { return nil }

// OpenView starts what is needed to show a session and keeps it until release.
func (e *Engine) OpenView(key model.SessionKey) (release func()) { return func() {} }

// Compact is a session's last compact view, from the store; nil when there is none.
func (e *Engine) Compact(key model.SessionKey) *model.View { return nil }

// Focus tells which conversation is open in the window and whether it has the focus.
func (e *Engine) Focus(conversation string, focused bool) {}

// Want asks a plugin for list items around an anchor.
func (e *Engine) Want(key model.SessionKey, list, anchor string, before, after int) {}

// Seen tells a plugin which item was looked at.
func (e *Engine) Seen(key model.SessionKey, list, item string) {}

// Edited takes an editor's text as the person types.
func (e *Engine) Edited(key model.SessionKey, node, text string) {}

// Act journals an action and hands it to the plugin.
func (e *Engine) Act(key model.SessionKey, a model.Action) error { return errNotBuilt }

// Command runs a contributed command and waits for its answer, a JSON value. An
// empty conversation is the plugin as a whole; otherwise its standing session there.
func (e *Engine) Command(ctx context.Context, conversation, plugin, name string, args []byte) ([]byte, error) {
	return nil, errNotBuilt
}

// Offer proposes a session of a plugin.
func (e *Engine) Offer(ctx context.Context, conversation, plugin, title string, payload []byte) (model.SessionKey, error) {
	return model.SessionKey{}, errNotBuilt
}

// Accept takes an offer on this device.
func (e *Engine) Accept(ctx context.Context, key model.SessionKey) error { return errNotBuilt }

// Decline refuses an offer.
func (e *Engine) Decline(ctx context.Context, key model.SessionKey) error { return errNotBuilt }

// Cancel takes my offer back.
func (e *Engine) Cancel(ctx context.Context, key model.SessionKey) error { return errNotBuilt }

// Leave leaves a session.
func (e *Engine) Leave(ctx context.Context, key model.SessionKey) error { return errNotBuilt }

// End ends a session for everybody, or leaves where that is not mine to decide.
func (e *Engine) End(ctx context.Context, key model.SessionKey) error { return errNotBuilt }

// Row does one of: pin, unpin, mute-1h, mute-8h, mute, unmute, archive, unarchive.
func (e *Engine) Row(ctx context.Context, op, conversation string) error { return errNotBuilt }

// Sessions are the sessions that have not been over for long, newest first.
func (e *Engine) Sessions() []model.Session { return nil }

// Conversations are the rows that the host knows something about, as the list
// shows them; contacts without any are the caller's.
func (e *Engine) Conversations() []model.Conversation { return nil }

// Queued counts own entries that are not yet at the network.
func (e *Engine) Queued() int { return 0 }

// Fault is one sentence when nothing can be stored, empty otherwise.
func (e *Engine) Fault() string { return "" }
