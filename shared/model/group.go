package model

import "time"

// GroupRole is somebody's role in a group; empty for who is not in it.
type GroupRole string

// Roles. There is one owner; owners and admins change a group, the owner alone
// gives roles.
const (
	GroupOwner  GroupRole = "owner"
	GroupAdmin  GroupRole = "admin"
	GroupPlain  GroupRole = "member"
	GroupNobody GroupRole = ""
)

// GroupState is where somebody stands in a group.
type GroupState string

// States in a group.
const (
	InGroup      GroupState = "in"
	InvitedTo    GroupState = "invited"   // asked to come, no answer yet
	RequestedFor GroupState = "requested" // asked to be let in, no answer yet
	OutOfGroup   GroupState = "out"       // left or removed; what was read stays
)

// GroupMember is somebody in a group, invited to it, or waiting to be let in.
type GroupMember struct {
	Address, Name string
	Role          GroupRole
	State         GroupState
	Since         time.Time
	By            string // address of who invited
}

// GroupInfo is a named set of people talking together, as it is known here, also
// while offline.
type GroupInfo struct {
	ID, Conversation string
	Name             string
	Picture          string // hash of a blob, empty for none
	Role             GroupRole
	State            GroupState // mine
	Earlier          bool       // new members see earlier messages
	Open             bool       // anybody on the network may ask to be let in
	Count            int        // members that are in
	// Members: the owner, admins, members, by name; then who is invited or asks.
	Members []GroupMember
	Why     string // one sentence why nothing can be written, when out
}

// GroupChange does one thing to a group.
type GroupChange struct {
	// Op is create, rename, picture, invite, remove, leave, role, earlier, open,
	// request, admit, refuse, accept or decline.
	Op    string
	Group string // its id; empty for create
	// Address of whom it is about: invite, remove, role, admit, refuse; for leave
	// the next owner, or empty.
	Address string
	Name    string    // create, rename: 1 to 64 bytes
	Picture string    // picture: the hash of a blob, empty for none
	Role    GroupRole // role
	On      bool      // earlier, open
	Earlier bool      // create
	Open    bool      // create
}
