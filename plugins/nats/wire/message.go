package wire

import (
	"bytes"
	"encoding/json"
	"io"

	contractv1 "switchboard/shared/contract/v1"
)

// Directory operations: the op of DirSubject. What is not listed here with a
// type of its own is a contract message in its binary form.
const (
	OpAnnounce  = "announce"  // contract SetPresence → Welcome (JSON)
	OpPresence  = "presence"  // contract SetPresence → nothing
	OpRoster    = "roster"    // Page (JSON) → contract Roster
	OpPresences = "presences" // Page (JSON) → contract PresenceChange, many: PresenceList (JSON of binary)
	OpChange    = "change"    // contract RosterChange → nothing
	OpInvite    = "invite"    // contract InviteCreate → contract Invite
	OpDevices   = "devices"   // nothing → contract DeviceList
	OpLink      = "link"      // contract DeviceLink → contract DeviceCode
	OpRevoke    = "revoke"    // contract DeviceRevoke → nothing
	OpRename    = "rename"    // contract DeviceRename → nothing
	OpLinked    = "linked"    // contract JoinAnswer → nothing: a device that waits to be linked
	OpRecovery  = "recovery"  // nothing → contract Recovery
	OpState     = "state"     // contract NetState → nothing
	OpGroup     = "group"     // contract GroupChange → contract Group
	OpGroups    = "groups"    // Page (JSON) → contract Groups, HeaderNext
	OpProfile   = "profile"   // contract ProfileChange → nothing
	OpInvites   = "invites"   // nothing → contract InviteList
	OpUninvite  = "uninvite"  // contract InviteRevoke → nothing
	OpJoins     = "joins"     // nothing → contract JoinRequests; owners only
	OpJoin      = "join"      // contract JoinAnswer → nothing; owners only
	OpBlobPut   = "blobput"   // contract BlobPut → contract BlobStored
	OpBlobGet   = "blobget"   // contract BlobGet → contract BlobPart
	OpBye       = "bye"       // nothing, no answer: this device leaves on purpose
)

// What PushSubject carries.
const (
	PushRoster   = "roster"   // contract Roster
	PushState    = "state"    // contract StateChange
	PushDevices  = "devices"  // contract DeviceList
	PushPresence = "presence" // contract PresenceChange with mine
	PushJoins    = "joins"    // contract JoinRequests
	PushLinks    = "links"    // contract JoinRequests: devices
	PushGroup    = "group"    // contract Groups
)

// Registration operations.
const (
	RegisterNew    = "new"
	RegisterDevice = "device"
	// RegisterRecover makes this device one of the account that Code restores.
	RegisterRecover = "recover"
	RegisterWho     = "who"
	// RegisterEnrol makes a new account by an administrator's token.
	RegisterEnrol = "enrol"
	// RegisterAsk, RegisterReveal and RegisterWait are the three steps of being
	// let in nearby: see Joining.
	RegisterAsk    = "ask"
	RegisterReveal = "reveal"
	RegisterWait   = "wait"
)

// Register asks for an account (new), for one more device of an account
// (device) or what the server thinks of this key (who).
type Register struct {
	Op         string `json:"op"`
	Token      string `json:"token,omitempty"`
	User       string `json:"user,omitempty"`
	Name       string `json:"name,omitempty"`
	Code       string `json:"code,omitempty"`
	DeviceName string `json:"device_name,omitempty"`
	// Commit belongs to ask, Nonce to reveal.
	Commit string `json:"commit,omitempty"`
	Nonce  []byte `json:"nonce,omitempty"`
}

// Waiting says that somebody must decide first.
type Waiting struct {
	ID        string `json:"id"`
	Nonce     []byte `json:"nonce,omitempty"` // the server's, in the answer to ask
	ExpiresMS int64  `json:"expires_ms"`
}

// Registered answers it.
type Registered struct {
	User      string   `json:"user"`
	Name      string   `json:"name"`
	Device    string   `json:"device"`
	Network   string   `json:"network"`
	Owner     bool     `json:"owner,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
	// Waiting is set while there is no account yet; all else is empty then.
	Waiting *Waiting `json:"waiting,omitempty"`
}

// Welcome answers OpAnnounce.
type Welcome struct {
	Network    string   `json:"network"`              // its name
	Addresses  []string `json:"addresses,omitempty"`  // host:port of its servers
	RetentionS int64    `json:"retention_s"`          // how long entries are kept, in seconds
	TimeMS     int64    `json:"time_ms"`              // the server's clock
	Name       string   `json:"name"`                 // of the person, as shown
	Avatar     string   `json:"avatar,omitempty"`     // the picture's hash
	BlobQuota  int64    `json:"blob_quota,omitempty"` // bytes
	BlobUsed   int64    `json:"blob_used,omitempty"`  // bytes
	Recovery   bool     `json:"recovery,omitempty"`   // there is a recovery code
	// Status and Text are the account's, which another device may have set.
	Status int32  `json:"status"`
	Text   string `json:"text,omitempty"`
	// Record is the signed record of the network's addresses: see Record.
	Record []byte `json:"record,omitempty"`
}

// Announce is what a device says when it arrives: its capabilities and its
// presence; Set says that the person changed it here while away.
type Announce struct {
	Status       int32    `json:"status"` // of contract's SetPresence
	Text         string   `json:"text,omitempty"`
	Capabilities []string `json:"capabilities,omitempty"`
	Set          bool     `json:"set,omitempty"`
	Idle         bool     `json:"idle,omitempty"` // nobody touches the device
}

// Page asks for a part of a list, after a key.
type Page struct {
	After string `json:"after,omitempty"`
}

// Box operations.
const (
	BoxHeads = "heads"
	BoxPage  = "page"
	BoxState = "state"
)

// BoxRequest is a question to the catch-up service.
type BoxRequest struct {
	Op string `json:"op"`
	// Since: heads, only conversations with entries after this sequence.
	Since uint64 `json:"since,omitempty"`
	// UpTo and After continue an answer that was cut.
	UpTo  uint64 `json:"up_to,omitempty"`
	After string `json:"after,omitempty"`
	// Conversation, From (exclusive), Before (exclusive, 0 for none), Limit: page.
	Conversation string `json:"conversation,omitempty"`
	From         int64  `json:"from,omitempty"`
	Before       int64  `json:"before,omitempty"`
	Limit        int    `json:"limit,omitempty"`
	// Head: page, an entry that was promised: an answer that ends before it is late.
	Head int64 `json:"head,omitempty"`
}

// Heads answers BoxHeads: for every conversation its newest sequence.
type Heads struct {
	Heads map[string]uint64 `json:"heads,omitempty"`
	// UpTo is the store's newest sequence when the first page was asked.
	UpTo uint64 `json:"up_to"`
	// Next continues; empty at the end.
	Next string `json:"next,omitempty"`
}

// BoxPage answers with a contract Envelopes and these headers.
const (
	// HeaderMore is "1" when entries follow.
	HeaderMore = "Sb-More"
	// HeaderNext continues a state snapshot; absent at the end.
	HeaderNext = "Sb-Next"
)

// Decode reads strict JSON: unknown fields and trailing bytes are errors.
func Decode(data []byte, v any) error {
	if len(data) > 16<<10 {
		return Errorf(contractv1.Error_TOO_LARGE, "The request is too large.")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return Errorf(contractv1.Error_INVALID, "The request is malformed.")
	}
	if _, err := d.Token(); err != io.EOF {
		return Errorf(contractv1.Error_INVALID, "The request is malformed.")
	}
	return nil
}
