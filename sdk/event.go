package sdk

import "time"

// Event is what happens in a session, in order. The concrete types are below;
// a switch over them needs no default, unknown ones are never delivered.
type Event interface{ event() }

// Started is the first event of every session.
type Started struct {
	// Pending are own updates that the network has not stored yet.
	Pending []Pending
	// State is every value known when the session opened.
	State []State
}

// Update is an entry of the conversation's one order, own entries included.
type Update struct {
	ID ID
	// Seq is the position: strictly rising, with gaps.
	Seq          int64
	From, Device string
	// Time is the server's.
	Time     time.Time
	Body     []byte
	Protocol int
}

// Pending: an own update is on this computer's disk, not yet at the network.
type Pending struct {
	ID   ID
	Body []byte
	// Time is the local clock's, to be shown only while pending.
	Time time.Time
	// ActionID is the action or command in whose handling it was made.
	ActionID string
}

// Sent: the network has stored an own update. The Update comes as well, before
// or after; both name the same id.
type Sent struct {
	ID   ID
	Seq  int64
	Time time.Time
}

// Failed: an own update was refused and is not tried again.
type Failed struct {
	ID     ID
	Reason string
	// Ended: because the session was over.
	Ended bool
}

// State is a durable value outside the log; the last one of (author, key) wins.
type State struct {
	Author, Key string
	Value       []byte
	Scope       Scope
	Time        time.Time
}

// Signal is ephemeral.
type Signal struct {
	From, Device string
	Body         []byte
}

// ActionKind says what the person did.
type ActionKind int

// The kinds of action.
const (
	Press    ActionKind = iota + 1 // a button, card, chip or menu item (Value is the item)
	Submit                         // an editor or field, Value is the text
	Change                         // a toggle, slider, select or tabs
	EditLast                       // arrow up in an empty editor
	Cancel                         // Esc in an editor
	Link                           // a "plugin:" link, or a message's quote
	Drop                           // something dropped on a drop target
	Attach                         // a picture in an editor with view.Pictures, Value is for contractv1.ParsePicture
	React                          // an emoji for the list item, or a chip of its reactions; Value is the emoji
	Forward                        // what Action.Source names is to be sent here too
	Date                           // the person asks for a day of a list, Value is "2026-11-24"
	Reveal                         // the person followed a Hit, Value is its key
)

// Source names items of another session of the same plugin.
type Source struct {
	Conversation, Session string
	Keys                  []string // at most 100, as the person marked them
}

// Action: our person did something in the view. It is marked as handled when
// the body of the Events loop completes, unless Session.Fail was called.
type Action struct {
	ID    string
	Node  string
	Kind  ActionKind
	Value string
	// Revision of the tree or item on which it was made.
	Revision int64
	// List and Item name the list item that the node was in.
	List, Item string
	// Source of a Forward.
	Source Source
}

// Want asks for list items around an anchor; answer it with Session.Items.
type Want struct {
	List string
	// Anchor is an item's key; empty is the end to which the list sticks.
	Anchor        string
	Before, After int
	ID            uint64
}

// Seen: this item, and with it every earlier one, was visible for half a second
// or more in a focused window.
type Seen struct{ List, Key string }

// MemberChanged: somebody's place in the session is another now; in a standing
// session of a group, in the group.
type MemberChanged struct{ Member Member }

// MembershipOp says what was done to a group.
type MembershipOp int

// What can be done to a group.
const (
	GroupCreated MembershipOp = iota + 1
	GroupInvited
	GroupJoined
	GroupLeft
	GroupRemoved
	GroupDeclined
	GroupRenamed
	GroupPicture
	GroupRole
	GroupEarlier // whether new members see earlier messages
)

// Membership is an entry of a group's own order: what was done to the group. It
// comes to standing sessions, in order with the updates, and again with them.
type Membership struct {
	ID ID
	// Seq is the position; no update has the same.
	Seq  int64
	Time time.Time // the server's
	Op   MembershipOp
	By   Person
	// Whom it is about; empty for GroupRenamed, GroupPicture and GroupEarlier.
	Whom Person
	Name string // the group's name, for GroupCreated and GroupRenamed
	Role string // owner, admin or member, for GroupJoined and GroupRole
	On   bool   // for GroupEarlier
}

// ConversationChanged: the group has another name, or can no longer be written
// in (ReadOnly is the sentence that says why), or can again.
type ConversationChanged struct{ Title, ReadOnly string }

// Visible tells who looks. While nobody does, nothing need be shown.
type Visible struct{ Full, Compact, Focused bool }

// CaughtUp: what came before is history, what follows is happening.
type CaughtUp struct {
	Seq int64
	// Trimmed: the network no longer kept the beginning of the conversation when
	// this device first read it; other devices of the person may have it.
	Trimmed bool
	// ServerTime is the network's clock now, at the earliest; zero where it is not
	// known. What is decided by age is decided by it: the local clock may be wrong.
	ServerTime time.Time
}

// Ended: the session is over for everybody.
type Ended struct{ Reason, By string }

// Edited: the person typed. At most twice a second.
type Edited struct {
	Node, Text string
	Revision   int64
}

// SettingChanged: the person has changed one of the plugin's settings.
type SettingChanged struct{ Key, Value string }

// Presence of a member of the conversation. Needs the grant "peers".
type Presence struct{ Address, Status, Text string }

func (Started) event()       {}
func (Update) event()        {}
func (Pending) event()       {}
func (Sent) event()          {}
func (Failed) event()        {}
func (State) event()         {}
func (Signal) event()        {}
func (Action) event()        {}
func (Want) event()          {}
func (Seen) event()          {}
func (MemberChanged) event() {}
func (Membership) event()    {}
func (Visible) event()       {}
func (CaughtUp) event()      {}
func (Ended) event()         {}
func (Edited) event()        {}
func (Presence) event()      {}
func (Command) event()       {}

func (ConversationChanged) event() {}
func (SettingChanged) event()      {}
