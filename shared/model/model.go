// Package model holds the plain immutable values that cross between the host
// and the window. A value handed over is never changed again; a change is a new
// value. It knows neither side.
package model

import "time"

// SessionKey names a session: a conversation and an id that is unique in it.
type SessionKey struct{ Conversation, Session string }

// Status is somebody's presence.
type Status string

// The five presences.
const (
	Available Status = "available"
	Away      Status = "away"
	Busy      Status = "busy"
	Invisible Status = "invisible"
	Offline   Status = "offline"
)

// Presence is a status with its text and the capabilities ("whiteboard/3") of
// all devices together; when offline, the last known ones.
type Presence struct {
	Status       Status
	Text         string
	Capabilities []string
}

// Account is me on the network.
type Account struct {
	Address, Name, Device string
	Network, NetworkKey   string
	Owner                 bool
	Avatar                string // hash of a blob, empty for none
}

// ConnectionState says how things stand with the network.
type ConnectionState string

// The states of the connection line.
const (
	Connecting   ConnectionState = "connecting"
	Connected    ConnectionState = "connected"
	Disconnected ConnectionState = "offline"
	WrongKey     ConnectionState = "wrong-key"
	RefusedState ConnectionState = "refused"
	NoAccount    ConnectionState = "no-account"
)

// Connection is the connection line: state, one sentence, and the next try.
type Connection struct {
	State   ConnectionState
	Detail  string
	RetryAt time.Time
}

// ContactState is where a contact stands in the roster.
type ContactState string

// Contact states. Request means that they ask me.
const (
	Requested ContactState = "requested"
	Request   ContactState = "request"
	Friend    ContactState = "friend"
	Blocked   ContactState = "blocked"
)

// Contact is somebody in the roster.
type Contact struct {
	Address, Name string
	State         ContactState
	Greeting      string // of a request
	Conversation  string
	Presence      Presence
	Avatar        string // hash of a blob, empty for none
	// Watch is "once" or "always" when I asked to be told that they come online.
	Watch string
	// NewKeys: the network's owner reset the account then, and it signs in with new
	// keys since; zero when that never was so.
	NewKeys time.Time
}

// ConversationKind tells the three kinds apart.
type ConversationKind string

// Kinds of conversation.
const (
	Direct ConversationKind = "direct"
	Group  ConversationKind = "group"
	Self   ConversationKind = "self"
)

// Conversation is a row of the list.
type Conversation struct {
	ID       string
	Kind     ConversationKind
	Title    string
	Peer     string // address, for Direct
	Summary  string
	From     string // address of who the summary is from
	Time     time.Time
	Unread   int
	Mentions int
	Draft    string
	Typing   bool
	NotSent  bool
	InCall   bool
	Pinned   bool
	Muted    time.Time // until
	Archived bool
	Members  int    // of a group: how many are in it
	ReadOnly string // one sentence why nothing can be written; empty when it can
}

// SessionState is where a session's life stands.
type SessionState string

// States of a session, as folded from the conversation's order.
const (
	Offered    SessionState = "offered"   // waiting for an answer
	Active     SessionState = "active"    // joined on this device
	Elsewhere  SessionState = "elsewhere" // answered on another of my devices
	Declined   SessionState = "declined"
	Cancelled  SessionState = "cancelled"
	TimedOut   SessionState = "timed-out"
	Ended      SessionState = "ended"
	Left       SessionState = "left"
	Impossible SessionState = "impossible" // missing or refused here; Reason says why
)

// SessionMember is somebody's place in a session: invited, joined, left, declined.
type SessionMember struct{ Address, Name, Device, State string }

// Session is one running activity. Standing ones (chat) have no offer.
type Session struct {
	Key        SessionKey
	Plugin     string
	Title      string
	Protocol   int
	Standing   bool
	Solo       bool
	Mine       bool
	By         string // who offered
	State      SessionState
	Reason     string
	Members    []SessionMember
	AnsweredOn string // device name, with Elsewhere
	Offered    time.Time
	Expires    time.Time
	Idle       time.Time // since when nothing has been entered in it, the server's clock
	Seq        int64
	Crashed    bool // the plugin stopped under it; Restart brings it back
}

// PluginState is how a plugin stands.
type PluginState string

// Plugin states.
const (
	Stopped  PluginState = "stopped" // not needed now
	Starting PluginState = "starting"
	Running  PluginState = "running"
	Backoff  PluginState = "restarting"
	Parked   PluginState = "parked" // failed three times, or keeps too much; Reason says how
	Disabled PluginState = "disabled"
	Refused  PluginState = "refused" // policy or manifest
	Absent   PluginState = "absent"  // known, off by default, and not installed here
)

// Grant is a power with its verdict.
type Grant struct {
	Name    string
	Allowed bool
	Reason  string
}

// ActionEntry is what a plugin contributes to a conversation's header.
type ActionEntry struct{ ID, Title, Icon string }

// Plugin is a row of the plugins page.
type Plugin struct {
	ID, Name, Kind, Version string
	Publisher               string
	Summary                 string
	Origin                  string // built-in, system, user
	Icon                    string // SVG path data of a 24-unit viewbox
	Enabled                 bool
	State                   PluginState
	Reason                  string
	PID, CompanionPID       int
	Grants                  []Grant
	Isolation               []string // what is enforced here
	Missing                 []string // what this system cannot enforce
	Offers                  bool     // an offer of it can be made
	Standing                bool
	Actions                 []ActionEntry
	Capability              string // "im/1"
	Log                     []string
	MemoryKB                int
	Locked                  string // the administrator's sentence, when policy fixes it
}

// SettingKind is the type of a setting.
type SettingKind string

// Kinds of setting.
const (
	BoolSetting   SettingKind = "bool"
	IntSetting    SettingKind = "int"
	TextSetting   SettingKind = "text"
	SecretSetting SettingKind = "secret"
	ChoiceSetting SettingKind = "choice"
)

// Choice is one option of a ChoiceSetting.
type Choice struct{ ID, Text string }

// Setting is one row of a settings page. Value is in text form.
type Setting struct {
	Key, Title, Help string
	Page, Section    string
	Kind             SettingKind
	Value, Default   string
	Min, Max         int
	Choices          []Choice
	Locked           string // the administrator's sentence
}

// Device is one installation of my account.
type Device struct {
	ID, Name     string
	Linked, Seen time.Time
	This, Online bool
}

// LinkCode lets one more device into my account, once and until it expires.
type LinkCode struct {
	Code    string // three groups of four, to be read out and typed
	Link    string // the network and the code in one, for a QR code
	Expires time.Time
}

// LinkRequest is a new device that waits to be let into my account.
type LinkRequest struct {
	ID       string
	Computer string // what it calls itself
	Digits   string // six; its screen shows the same
	Time     time.Time
}

// SignUp is a sign-up that waits for somebody elsewhere to let this device in.
type SignUp struct {
	Digits string // six; the other screen shows the same
	Detail string // one sentence
}

// JoinRequest is somebody nearby who asks to be let into the network that I own.
// Digits are six, and the same on both screens.
type JoinRequest struct {
	ID, User, Name, Computer, Digits string
	Time                             time.Time
}

// FoundNetwork is a network near this computer, as it describes itself; nothing
// of that is proved before it is joined.
type FoundNetwork struct {
	Name, Link, Computer, Owner string
	Joined                      bool
}

// Invitation is one that was made and is still open.
type Invitation struct {
	ID, By           string
	Created, Expires time.Time
	Uses, Used       int
}

// Carry is how this computer carries its network.
type Carry struct {
	Here, Open, Approval bool
	Addresses            []string
	Interfaces           []CarryInterface
	Firewall             string // the one command, or a sentence; empty when nothing is in the way
	Moved                bool   // this computer carried it until it moved to another one
	Others               int    // devices of other computers connected now
}

// CarryInterface is one of this computer's network interfaces.
type CarryInterface struct {
	Name, Address, Kind string
	Chosen, Private     bool
}

// CarryChange changes it; nil fields stay.
type CarryChange struct {
	Open, Approval *bool
	Interfaces     []string // empty: the real ones with a private address
}

// Snapshot is all that the window shows apart from plugin views. Slices are
// sorted: Conversations as the list shows them, Contacts by name.
type Snapshot struct {
	Revision      uint64
	Profile       string
	Account       *Account // nil before the first run is done
	Connection    Connection
	Presence      Presence
	Contacts      []Contact
	Groups        []GroupInfo // by name; those one left, too
	Conversations []Conversation
	Sessions      []Session
	Plugins       []Plugin
	Settings      []Setting
	PolicyFault   string // why nothing may be sent, when the policy cannot be read
	QueuedUpdates int    // own updates that are not yet at the network
	Blobs         Blobs
	SignUp        *SignUp // while a sign-up waits to be let in; else nil
	LinkRequests  []LinkRequest
	Recovery      bool          // a recovery code of this account exists
	RecoveryOffer bool          // the person is to be offered a recovery code, now and once
	Retention     time.Duration // how long the network keeps messages; 0 is as long as there is room
	Joins         []JoinRequest // who asks to be let into the network that I own
}

// Blobs is how things stand with my pictures and the like at the network.
type Blobs struct {
	Quota, Used int64  // bytes; 0 when the network has not said
	Waiting     int    // still to be given to the network
	Fault       string // why one could not be: the network's sentence; empty for none
}

// Folder is what the window's own dialog shows of a folder of this computer.
type Folder struct {
	Path, Parent string   // Parent is empty at the top
	Folders      []string // names, sorted
	Files        []string // names of pictures, sorted
	More         bool     // there is more than is listed
}
