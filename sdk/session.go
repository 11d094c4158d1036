package sdk

import (
	"context"
	"sync"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// Session is one activity in one conversation. Its methods are safe for
// concurrent use, apart from Events, which one goroutine ranges over.
type Session struct {
	host   *Host
	handle uint32
	open   *contractv1.SessionOpen
	ctx    context.Context
	cancel context.CancelCauseFunc
	window *flow.Window
	wake   chan struct{}
	work   sync.WaitGroup

	mu       sync.Mutex
	queue    []arrived
	members  []Member
	current  *scope            // what the loop handles now
	scopes   map[string]*scope // by action or command id, not answered yet
	ending   ending
	limit    *time.Timer
	revision int64
	working  int  // Go's work that runs
	started  bool // Started was told
	looping  bool // somebody ranges over the events
	looped   bool // somebody did
	waiting  bool // the loop waits for an event
	over     bool // Run has returned
}

// closeLimit is how long a loop body may go on after its session was closed
// before its context is cancelled.
const closeLimit = time.Second

func afterFunc(d time.Duration, f func()) *time.Timer { return time.AfterFunc(d, f) }

func newSession(ctx context.Context, h *Host, handle uint32, open *contractv1.SessionOpen) *Session {
	s := &Session{host: h, handle: handle, open: open, window: flow.NewWindow(),
		wake: make(chan struct{}, 1), scopes: map[string]*scope{}}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	for _, m := range open.GetMembers() {
		s.members = append(s.members, memberFromWire(m, open.GetConversation().GetMembers()))
	}
	if group := open.GetConversation(); len(s.members) == 0 && open.GetStanding() && group.GetKind() == contractv1.Conversation_GROUP {
		for _, p := range group.GetMembers() {
			s.members = append(s.members, Member{Address: p.GetAddress(), Name: p.GetName(), State: Joined})
		}
	}
	return s
}

// Host is the plugin's host.
func (s *Session) Host() *Host { return s.host }

// Conversation is where the session takes place. Not to be changed.
func (s *Session) Conversation() *contractv1.Conversation { return s.open.GetConversation() }

// ID is the session's id, unique in its conversation.
func (s *Session) ID() string { return s.open.GetSessionId() }

// Protocol is what both sides agreed to speak.
func (s *Session) Protocol() int { return int(s.open.GetProtocol()) }

// Standing: the session needs no offer, as a chat.
func (s *Session) Standing() bool { return s.open.GetStanding() }

// Solo: only my own devices take part.
func (s *Session) Solo() bool { return s.open.GetSolo() }

// Mine: this user made the offer.
func (s *Session) Mine() bool { return s.open.GetMine() }

// Offer is the payload of the offer.
func (s *Session) Offer() []byte { return s.open.GetOffer() }

// Self is this user on this device.
func (s *Session) Self() Person {
	return Person{Address: s.open.GetSelf().GetAddress(), Name: s.open.GetSelf().GetName(), Device: s.open.GetSelfDevice()}
}
