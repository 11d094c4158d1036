package sdk

import (
	"context"
	"encoding/json"
)

// Plugin is a feature plugin. Run is called once per session in a goroutine of
// its own and returns when the session is over. A panic in it ends that session
// only. The optional interfaces Starter, Stopper, Positioner, Commander and
// Searcher add to it.
type Plugin interface {
	Run(ctx context.Context, s *Session) error
}

// PluginFunc is a Plugin that is only a function.
type PluginFunc func(ctx context.Context, s *Session) error

// Run calls the function.
func (f PluginFunc) Run(ctx context.Context, s *Session) error { return f(ctx, s) }

// Starter is called once, before the host is told that the plugin is ready:
// the place to open a database. An error ends the plugin.
type Starter interface {
	Start(ctx context.Context, h *Host) error
}

// Stopper is called once after the last session has ended.
type Stopper interface {
	Stop(ctx context.Context) error
}

// Positioner tells how far this plugin's own store has come in a session:
// updates beyond that position are delivered again. Without it, and for 0, the
// whole log is replayed.
type Positioner interface {
	Position(ctx context.Context, conversation, session string) (int64, error)
}

// Commander handles plugin-scoped commands, those that belong to no
// conversation. The result is encoded as JSON. Calls arrive concurrently.
type Commander interface {
	Command(ctx context.Context, c Command) (any, error)
}

// Command is a contributed command of the manifest. Session-scoped commands
// come as an Event and are answered by Session.Reply or Session.Fail, or with
// null when the loop body completes; plugin-scoped ones go to a Commander.
type Command struct {
	// ID is also the idempotency key of the updates made while handling it: after
	// a crash the host sends the same command again.
	ID   string
	Name string
	// Args is a JSON object as the manifest describes it.
	Args json.RawMessage
}

// Decode puts the arguments into v.
func (c Command) Decode(v any) error {
	if len(c.Args) == 0 {
		return nil
	}
	return json.Unmarshal(c.Args, v)
}

// ID names an update: random, unique, chosen before the network knows of it.
type ID string

// Person is somebody on a network and, for oneself, the device.
type Person struct {
	Address string
	Name    string
	Device  string
}

// MemberState is a person's place in a session.
type MemberState string

// The states of a member.
const (
	Invited  MemberState = "invited"
	Joined   MemberState = "joined"
	Left     MemberState = "left"
	Declined MemberState = "declined"
)

// Member is a person's place in one session.
type Member struct {
	Address string
	Name    string
	State   MemberState
	// Device that joined; empty until Joined.
	Device string
}

// Scope says who gets a state value.
type Scope int

// The two scopes of state.
const (
	// Everyone in the session.
	Everyone Scope = iota + 1
	// MyDevices only: drafts, read positions that are not to be told.
	MyDevices
)

// Alert says whether a summary should disturb; whether it does is up to the host.
type Alert int

// What a summary may ask for.
const (
	AlertNone Alert = iota + 1
	AlertMessage
	AlertOffer
	// AlertMention is a message that names this person: it may disturb where
	// AlertMessage would not.
	AlertMention
)
