package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

func (s *Session) call(ctx context.Context, c *contractv1.HostCall) (*contractv1.HostReply, error) {
	return s.host.link.Call(ctx, s.handle, c)
}

// UpdateOption changes how Update names an update.
type UpdateOption func(*contractv1.UpdateCall)

// WithID uses an id of the plugin's own, a UUIDv7.
func WithID(id ID) UpdateOption { return func(c *contractv1.UpdateCall) { c.Id = string(id) } }

// WithKey makes repeats harmless under a key of the plugin's own: the same key
// and ordinal give the same update.
func WithKey(key string, ordinal int) UpdateOption {
	return func(c *contractv1.UpdateCall) { c.ActionId, c.Ordinal = key, uint32(ordinal) }
}

// Update appends to the log that everybody in the session shares, ourselves
// included. It returns when the update is on this computer's disk. Made while
// an Action or Command is handled, it is idempotent by that and its ordinal:
// handling the same action again after a crash doubles nothing.
func (s *Session) Update(ctx context.Context, body []byte, options ...UpdateOption) (ID, error) {
	if len(body) > contractv1.MaxUpdate {
		return "", Errorf(contractv1.Error_TOO_LARGE, "an update is at most %d bytes, this is %d", contractv1.MaxUpdate, len(body))
	}
	c := &contractv1.UpdateCall{Body: body}
	for _, o := range options {
		o(c)
	}
	if c.ActionId == "" {
		if scope := s.scopeOf(ctx); scope != nil {
			c.ActionId, c.Ordinal = scope.id, scope.next()
		}
	}
	r, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: c}})
	if err != nil {
		return "", fmt.Errorf("update: %w", err)
	}
	return ID(r.GetUpdate().GetId()), nil
}

// Discard drops an own update that failed or still waits, so that it is neither
// tried nor told of again. One that is not there any more is no error; one that
// is on its way to the network, or has reached it, is.
func (s *Session) Discard(ctx context.Context, id ID) error {
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_Discard{
		Discard: &contractv1.DiscardCall{Id: string(id)}}})
	if err != nil {
		return fmt.Errorf("discard: %w", err)
	}
	return nil
}

// WantBlob asks the host to fetch a blob of at most 5 MiB that an update speaks of,
// so that it is here when the network no longer keeps it. That it was noted is all
// that an answer without error says.
func (s *Session) WantBlob(ctx context.Context, hash string, size int64) error {
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_BlobWant{
		BlobWant: &contractv1.BlobWantCall{Hash: hash, Size: size}}})
	if err != nil {
		return fmt.Errorf("want a blob: %w", err)
	}
	return nil
}

// GiveBlob gives the network a blob once more that is kept here and that an update of
// ours speaks of anew, as when it is forwarded. One that is not here is an error.
func (s *Session) GiveBlob(ctx context.Context, hash string, size int64) error {
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_BlobWant{
		BlobWant: &contractv1.BlobWantCall{Hash: hash, Size: size, Give: true}}})
	if err != nil {
		return fmt.Errorf("give a blob: %w", err)
	}
	return nil
}

// PutBlob gives the network content of at most 512 KiB for a day, for who is told
// its hash. When it returns without error the network has it; a repeat is harmless.
func (s *Session) PutBlob(ctx context.Context, data []byte) (hash string, err error) {
	if len(data) > contractv1.MaxPluginBlob {
		return "", Errorf(contractv1.Error_TOO_LARGE, "a blob is at most %d bytes, this is %d", contractv1.MaxPluginBlob, len(data))
	}
	r, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_BlobPut{BlobPut: &contractv1.BlobPutCall{Data: data}}})
	if err != nil {
		return "", fmt.Errorf("put a blob: %w", err)
	}
	return r.GetBlobPut().GetHash(), nil
}

// GetBlob fetches content that PutBlob gave to the network, here or on another
// device. What it returns has that hash.
func (s *Session) GetBlob(ctx context.Context, hash string) ([]byte, error) {
	r, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_BlobGet{BlobGet: &contractv1.BlobGetCall{Hash: hash}}})
	if err != nil {
		return nil, fmt.Errorf("get a blob: %w", err)
	}
	return r.GetBlobGet().GetData(), nil
}

// SetState sets a durable value outside the log; the last one wins. Keys are
// [a-z0-9._-], at most 64 bytes; values at most 4 KiB.
func (s *Session) SetState(ctx context.Context, key string, value []byte, scope Scope) error {
	if len(value) > contractv1.MaxState {
		return Errorf(contractv1.Error_TOO_LARGE, "state %q is larger than %d bytes", key, contractv1.MaxState)
	}
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_SetState{SetState: &contractv1.StateCall{
		Key: key, Value: value, Scope: contractv1.StateValue_Scope(scope)}}})
	if err != nil {
		return fmt.Errorf("set state %q: %w", key, err)
	}
	return nil
}

// Signal sends something that is worth nothing later, to all other members or
// to the given addresses. When there is no room it is dropped.
func (s *Session) Signal(body []byte, target ...string) error {
	if len(body) > contractv1.MaxSignal {
		return Errorf(contractv1.Error_TOO_LARGE, "a signal is at most %d bytes, this is %d", contractv1.MaxSignal, len(body))
	}
	if len(target) == 0 {
		return s.signal(&contractv1.Signal{Body: body})
	}
	for _, t := range target {
		if err := s.signal(&contractv1.Signal{Body: body, Target: t}); err != nil {
			return err
		}
	}
	return nil
}

// SignalDevice sends a signal to one device.
func (s *Session) SignalDevice(body []byte, target, device string) error {
	if len(body) > contractv1.MaxSignal {
		return Errorf(contractv1.Error_TOO_LARGE, "a signal is at most %d bytes, this is %d", contractv1.MaxSignal, len(body))
	}
	return s.signal(&contractv1.Signal{Body: body, Target: target, TargetDevice: device})
}

func (s *Session) signal(m *contractv1.Signal) error {
	return s.item(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_Signal{Signal: m}}, flow.Droppable)
}

// Summary is the session's line in the list of conversations.
type Summary struct {
	Text string // plain; cut to 256 bytes
	From string // address, or empty
	Time time.Time
	// Seq it speaks of; at most one alert is raised for each.
	Seq              int64
	Unread, Mentions int
	Alert            Alert
	Draft            string // cut to 256 bytes
	Typing           bool   // somebody else is writing; the host forgets it after 8 seconds
}

// SetSummary replaces the session's summary. Latest wins.
func (s *Session) SetSummary(ctx context.Context, sum Summary) error {
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_Summary{Summary: &contractv1.SummaryCall{
		Text: link.Cut(sum.Text, contractv1.MaxSummary), From: sum.From, TimeMs: toMs(sum.Time), Seq: sum.Seq,
		Unread: uint32(max(sum.Unread, 0)), Mentions: uint32(max(sum.Mentions, 0)),
		Alert: contractv1.SummaryCall_Alert(sum.Alert), Draft: link.Cut(sum.Draft, contractv1.MaxSummary), Typing: sum.Typing}}})
	if err != nil {
		return fmt.Errorf("set summary: %w", err)
	}
	return nil
}

// Ack tells that the plugin has everything up to seq in its own store.
func (s *Session) Ack(seq int64) error {
	return s.host.link.Send(&contractv1.PluginFrame{Session: s.handle,
		Body: &contractv1.PluginFrame_Ack{Ack: &contractv1.Ack{Seq: seq}}})
}

// End ends the session for everybody.
func (s *Session) End(ctx context.Context, reason string) error {
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_End{
		End: &contractv1.EndCall{Reason: link.Cut(reason, contractv1.MaxSummary)}}})
	if err != nil {
		return fmt.Errorf("end the session: %w", err)
	}
	return nil
}

// Leave leaves it for this user.
func (s *Session) Leave(ctx context.Context) error {
	_, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_Leave{Leave: &contractv1.LeaveCall{}}})
	if err != nil {
		return fmt.Errorf("leave the session: %w", err)
	}
	return nil
}

// MakeOffer proposes a new session of this plugin, in this conversation when
// conversation is empty, and returns its id.
func (s *Session) MakeOffer(ctx context.Context, conversation, title string, payload []byte) (string, error) {
	r, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_Offer{Offer: &contractv1.OfferCall{
		Conversation: conversation, Title: link.Cut(title, contractv1.MaxOfferTitle), Payload: payload}}})
	if err != nil {
		return "", fmt.Errorf("offer: %w", err)
	}
	return r.GetOffer().GetSessionId(), nil
}

// Fetch reads the session's own updates again: those after one position and,
// when before is not 0, before another, at most limit. More says that the limit
// cut something off.
func (s *Session) Fetch(ctx context.Context, after, before int64, limit int) (updates []Update, more bool, err error) {
	r, err := s.call(ctx, &contractv1.HostCall{Call: &contractv1.HostCall_Fetch{Fetch: &contractv1.FetchCall{
		AfterSeq: after, BeforeSeq: before, Limit: uint32(max(limit, 0))}}})
	if err != nil {
		return nil, false, fmt.Errorf("fetch: %w", err)
	}
	for _, u := range r.GetFetch().GetUpdates() {
		updates = append(updates, updateFromWire(u))
	}
	return updates, r.GetFetch().GetMore(), nil
}

// Reply answers a command; the result is encoded as JSON.
func (s *Session) Reply(c Command, result any) error {
	r, err := commandReply(c.ID, result)
	if err != nil {
		s.Fail(c, err.Error())
		return err
	}
	if s.answering(c.ID) == nil {
		return Errorf(contractv1.Error_INVALID, "command %q was answered before", c.Name)
	}
	return s.commandReply(r)
}

func commandReply(id string, result any) (*contractv1.CommandReply, error) {
	data, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("the result of a command: %w", err)
	}
	if len(data) > contractv1.MaxCommandReply {
		return nil, Errorf(contractv1.Error_TOO_LARGE, "the result of a command is larger than %d bytes", contractv1.MaxCommandReply)
	}
	return &contractv1.CommandReply{Id: id, Result: data}, nil
}

// Fail says that an action or command was not done, with one sentence for the
// person: the text of an action returns to its editor, the command fails.
func (s *Session) Fail(e Event, reason string) {
	switch v := e.(type) {
	case Action:
		if s.answering(v.ID) != nil {
			_ = s.handled(&contractv1.Handled{ActionId: v.ID, Failed: reasonOr(reason)})
		}
	case Command:
		if s.answering(v.ID) != nil {
			_ = s.commandReply(&contractv1.CommandReply{Id: v.ID, Error: link.ToWire(
				Errorf(contractv1.Error_INVALID, "%s", reasonOr(reason)))})
		}
	}
}

func reasonOr(reason string) string {
	if reason == "" {
		return "It did not work."
	}
	return link.Cut(reason, 1<<10)
}
