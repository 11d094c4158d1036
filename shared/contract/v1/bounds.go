// Package contractv1 is the wire between the host and one plugin: the protobuf
// messages and the service, the handshake, the versions and the published
// bounds. It imports nothing of ours and knows neither hosts nor plugins.
package contractv1

import "time"

// Contract is the major version of the contract. A plugin that needs another
// is refused before it starts (its manifest says which it speaks).
const Contract = 1

// The handshake of go-plugin. The cookie keeps people from starting a plugin by
// hand; it is not a secret. The launch token is.
const (
	CookieKey   = "SWITCHBOARD_PLUGIN"
	CookieValue = "v1"
	// TokenMetadata is the gRPC metadata key that carries the launch token.
	TokenMetadata = "switchboard-token"
	// DescriptorFD is the SOCK_SEQPACKET socket on which descriptors arrive.
	DescriptorFD = 3
)

// Bounds. Both sides enforce them; what exceeds one is refused with TOO_LARGE
// or, where no answer is possible, ends the stream.
const (
	MaxBatch        = 64      // frames in one batch
	MaxFrame        = 1 << 20 // bytes of one frame
	WindowMessages  = 256     // a session's window at its start, each way
	WindowBytes     = 1 << 20
	MaxOpenCalls    = 64
	MaxUpdate       = 64 << 10 // body of an update
	MaxOffer        = 4 << 10
	MaxOfferTitle   = 128
	MaxSignal       = 8 << 10
	MaxState        = 4 << 10
	MaxStateKey     = 64
	MaxSummary      = 256
	MaxSecret       = 16 << 10
	MaxTree         = 256 << 10
	MaxCompact      = 8 << 10
	MaxDepth        = 32
	MaxNodes        = 2000
	MaxShows        = 30  // a second and session
	MaxListItems    = 200 // in one ListItems, and ops in one ListPatch
	MaxEditor       = 64 << 10
	MaxCommandArgs  = 128 << 10
	MaxCommandReply = 900 << 10
	MaxPostBatch    = 64
	MaxPostBytes    = 256 << 10
	MaxPresenceText = 128
	MaxCapabilities = 64
	MaxGroupName    = 64
	MaxGroupMembers = 1000
	MaxBlob         = 64 << 20
	MaxBlobPart     = 256 << 10
	MaxWanted       = 5 << 20   // bytes of a blob that is fetched without being asked for
	MaxPluginBlob   = 512 << 10 // bytes of a blob that a plugin puts or gets
	MaxPluginBlobs  = 64 << 20  // bytes that a plugin may put in a day
	MaxSentPicture  = 10 << 20  // bytes of a picture in a conversation
	MaxPictureSide  = 2560      // pixels of one
	MaxPictures     = 10        // that are attached together
	MaxQuery        = 256       // bytes of a SearchCall's query
	MaxHits         = 200       // of one SearchReply
	MaxHitText      = 512       // bytes
	MaxMarks        = 32        // of one hit
	MaxSearches     = 8         // open SearchCalls of one plugin
	MaxForward      = 100       // keys of one Action FORWARD
	MaxEmoji        = 64        // bytes of an Action REACT's value
)

// Times. Every call that crosses the stream has a deadline.
const (
	CallTimeout  = 15 * time.Second // a HostCall or NetCall without one of its own
	ReadyTimeout = 10 * time.Second // from exec to Ready
	PingEvery    = 10 * time.Second
	PingTimeout  = 10 * time.Second
	StopGrace    = 2 * time.Second
	SearchLimit  = 5 * time.Second  // a SearchCall
	IdleSession  = 60 * time.Second // a standing session without event or view
)
