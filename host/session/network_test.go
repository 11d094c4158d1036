package session

import (
	"errors"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// network is one order for every conversation, scripted by the test.
type network struct {
	mu     sync.Mutex
	seq    int64
	clock  int64
	logs   map[string][]*contractv1.Envelope
	states []*contractv1.NetState
	hosts  []*host
	posts  int // batches that came
	sets   int // state values that came
	sigs   int
	// answer may change what a post is answered; drop loses the answer.
	answer func(h *host, e *contractv1.Envelope) *contractv1.PostResult
	groups groups
	// busy refuses a state value for now
	busy func(v *contractv1.NetState) bool
	drop func() bool
}

func newNetwork() *network {
	return &network{logs: map[string][]*contractv1.Envelope{}, clock: time.Now().UnixMilli()}
}

var errLost = errors.New("the answer was lost")

// call is a host's NetCall.
func (n *network) call(h *host, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !h.connected {
		return nil, errors.New("not connected")
	}
	switch b := c.GetCall().(type) {
	case *contractv1.NetCall_Post:
		r := n.post(h, b.Post)
		if n.drop != nil && n.drop() {
			return nil, errLost
		}
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Post{Post: r}}, nil
	case *contractv1.NetCall_Fetch:
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Fetch{Fetch: n.fetch(b.Fetch)}}, nil
	case *contractv1.NetCall_SetState:
		if n.busy != nil && n.busy(b.SetState) {
			return nil, errors.New("busy")
		}
		n.sets++
		v := proto.Clone(b.SetState).(*contractv1.NetState)
		v.Value.Author = h.address
		n.states = append(n.states, v)
		for _, o := range n.hosts {
			if o.connected && (v.Value.Scope == contractv1.StateValue_EVERYONE || o.address == h.address) && n.hears(v.Conversation, o.address) {
				o.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_State{State: &contractv1.StateChange{Values: []*contractv1.NetState{v}}}})
			}
		}
	case *contractv1.NetCall_Signal:
		n.sigs++
		s := proto.Clone(b.Signal).(*contractv1.NetSignal)
		s.Signal.From, s.Signal.Device = h.address, h.device
		for _, o := range n.hosts {
			if o.connected && n.hears(s.Conversation, o.address) {
				o.event(&contractv1.NetEvent{Event: &contractv1.NetEvent_Signal{Signal: s}})
			}
		}
	}
	return &contractv1.NetReply{}, nil
}

func (n *network) post(h *host, p *contractv1.Post) *contractv1.PostReply {
	n.posts++
	r := &contractv1.PostReply{}
	for _, e := range p.GetEnvelopes() {
		if n.answer != nil {
			if a := n.answer(h, e); a != nil {
				a.Id = e.GetId()
				r.Results = append(r.Results, a)
				if a.GetRetry() != nil {
					return r
				}
				continue
			}
		}
		seq, at := n.append(h.address, h.device, e)
		r.Results = append(r.Results, &contractv1.PostResult{Id: e.GetId(),
			Result: &contractv1.PostResult_Stored{Stored: &contractv1.Stored{Seq: seq, TimeMs: at}}})
	}
	return r
}

// append orders an entry; a repeat of an id is answered with its first seq.
func (n *network) append(address, device string, e *contractv1.Envelope) (int64, int64) {
	for _, old := range n.logs[e.GetConversation()] {
		if old.GetId() == e.GetId() && old.GetFrom() == address && old.GetDevice() == device {
			return old.GetSeq(), old.GetTimeMs()
		}
	}
	return n.force(address, device, e)
}

// force orders an entry whatever its id is.
func (n *network) force(address, device string, e *contractv1.Envelope) (int64, int64) {
	e = proto.Clone(e).(*contractv1.Envelope)
	n.seq++
	n.clock = max(n.clock+1, time.Now().UnixMilli())
	e.From, e.Device, e.Seq, e.TimeMs = address, device, n.seq, n.clock
	n.logs[e.Conversation] = append(n.logs[e.Conversation], e)
	for _, o := range n.hosts {
		if o.connected && n.hears(e.Conversation, o.address) {
			o.envelopes(e.Conversation, []*contractv1.Envelope{e})
		}
	}
	return e.Seq, e.TimeMs
}

func (n *network) fetch(f *contractv1.NetFetch) *contractv1.NetFetchReply {
	r := &contractv1.NetFetchReply{}
	for _, e := range n.logs[f.GetConversation()] {
		if e.GetSeq() <= f.GetAfterSeq() || f.GetBeforeSeq() > 0 && e.GetSeq() >= f.GetBeforeSeq() {
			continue
		}
		if len(r.Envelopes) == int(f.GetLimit()) {
			r.More = true
			break
		}
		r.Envelopes = append(r.Envelopes, e)
	}
	return r
}

// inject orders an entry of somebody who is not in the test.
func (n *network) inject(from, device string, e *contractv1.Envelope) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e.Id == "" {
		e.Id = newID()
	}
	seq, _ := n.force(from, device, e)
	return seq
}
