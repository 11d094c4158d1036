package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// retryStore is when a client tries again after the store failed.
const retryStore = 2 * time.Second

// retryCluster is the same where other servers take over.
const retryCluster = 300 * time.Millisecond

// onPost takes post.dm.<peer>.U.D and post.room.<R>.U.D: the only way into a
// conversation.
func (s *Server) onPost(msg *nats.Msg) {
	t, ok := wire.Tokens(msg.Subject, 5)
	if !ok {
		return
	}
	conv, ok := named(t)
	if !ok {
		return
	}
	c, ok := s.caller(t, msg)
	if !ok || c.request == "" {
		return
	}
	data := append([]byte(nil), msg.Data...)
	if !s.shards.do(conv, func() { s.post(c, conv, data) }) {
		s.answer(c, nil, errBusy)
	}
}

// named is the conversation that a subject of five tokens speaks of: that of two
// people, or a group's.
func named(t []string) (string, bool) {
	switch {
	case t[1] == "dm" && wire.ValidName(t[2]) && wire.ValidName(t[3]):
		return wire.Conversation(t[3], t[2]), true
	case t[1] == "room" && wire.ValidRoom(t[2]):
		return wire.RoomConversation(t[2]), true
	}
	return "", false
}

// post stores a batch in order and answers for the prefix it came to. Refused
// entries are skipped, a retry ends the batch.
func (s *Server) post(c caller, conv string, data []byte) {
	var in contractv1.Post
	if err := unmarshal(data, &in); err != nil {
		s.answer(c, nil, err)
		return
	}
	if err := checkBatch(&in, conv); err != nil {
		s.answer(c, nil, err)
		return
	}
	reply, began := &contractv1.PostReply{}, time.Now()
	for _, e := range in.Envelopes {
		r := s.postOne(c, conv, e)
		reply.Results = append(reply.Results, r)
		s.counters.entry(r)
		if r.GetRetry() != nil {
			break
		}
	}
	s.counters.post(time.Since(began))
	body, err := proto.Marshal(reply)
	s.answer(c, body, err)
}

func checkBatch(in *contractv1.Post, conv string) error {
	if in.Conversation != conv {
		return wire.Errorf(contractv1.Error_INVALID, "The batch names another conversation than its address.")
	}
	if len(in.Envelopes) == 0 || len(in.Envelopes) > contractv1.MaxPostBatch {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A batch has 1 to %d entries.", contractv1.MaxPostBatch)
	}
	size := 0
	for _, e := range in.Envelopes {
		size += len(e.GetBody())
	}
	if size > contractv1.MaxPostBytes {
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A batch has at most %d bytes.", contractv1.MaxPostBytes)
	}
	return nil
}

func refused(id, reason string) *contractv1.PostResult {
	return &contractv1.PostResult{Id: id, Result: &contractv1.PostResult_Refused{Refused: &contractv1.Refused{Reason: reason}}}
}

func retry(id string, after time.Duration, reason string) *contractv1.PostResult {
	ms := uint32(max(after, 50*time.Millisecond) / time.Millisecond)
	return &contractv1.PostResult{Id: id, Result: &contractv1.PostResult_Retry{Retry: &contractv1.Retry{AfterMs: ms, Reason: reason}}}
}

func stored(id string, at place) *contractv1.PostResult {
	return &contractv1.PostResult{Id: id, Result: &contractv1.PostResult_Stored{
		Stored: &contractv1.Stored{Seq: int64(at.seq), TimeMs: at.timeMS}}}
}

// mayPost says why somebody may not write to a conversation, of which they are
// one.
func (s *Server) mayPost(ctx context.Context, conv, user string) error {
	if room, ok := wire.Room(conv); ok {
		return s.mayPostRoom(ctx, room, user)
	}
	peer, err := wire.Peer(conv, user)
	if err != nil {
		return err
	}
	return s.dir.settled(ctx, func() error { return s.mayWrite(user, peer) })
}

// mayWrite says why one person may not write to another.
func (s *Server) mayWrite(user, peer string) error {
	if user == peer {
		return nil
	}
	u, ok := s.dir.user(peer)
	if !ok {
		return wire.Errorf(contractv1.Error_NOT_FOUND, "Nobody is called %s on %s.", peer, s.o.Network)
	}
	if u.RemovedMS != 0 {
		return wire.Errorf(contractv1.Error_REFUSED, "%s is no longer on %s.", peer, s.o.Network)
	}
	p := s.dir.pair(user, peer)
	mine, theirs := p.sides(user, peer)
	switch {
	case mine.Blocked:
		return wire.Errorf(contractv1.Error_REFUSED, "You have blocked %s; unblock to write.", peer)
	case !p.Friends:
		return wire.Errorf(contractv1.Error_REFUSED, "%s is not your contact yet.", peer)
	case theirs.Blocked:
		return wire.Errorf(contractv1.Error_REFUSED, "%s does not take messages from you.", peer)
	}
	return nil
}

// postOne stores one entry, once for its author, device and id.
func (s *Server) postOne(c caller, conv string, in *contractv1.Envelope) *contractv1.PostResult {
	if err := checkEntry(in, conv); err != nil {
		return refused(in.GetId(), err.Error())
	}
	device := c.user + "." + c.device
	name := device + "." + in.Id
	at, found, err := s.index.find(device, name)
	if err != nil {
		s.o.Log.Error("index", "error", err)
		return retry(in.Id, retryStore, "The server cannot read its index at the moment.")
	}
	if found {
		if at.conversation != conv {
			return refused(in.Id, "This id was used in another conversation.")
		}
		return stored(in.Id, at)
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if err := s.mayPost(ctx, conv, c.user); err != nil {
		return notTaken(in.Id, err)
	}
	if s.space.low() {
		return retry(in.Id, 5*time.Second, errFull.Message)
	}
	if d := s.entries.waitN(c.user, s.weight(conv, in)); d > 0 {
		return retry(in.Id, d, "That was fast; the server takes the rest in a moment.")
	}
	return s.write(ctx, c, conv, name, in)
}

// notTaken answers for an entry that somebody may not write, or of which the
// server cannot tell at the moment.
func notTaken(id string, err error) *contractv1.PostResult {
	if e := wire.AsError(err); e.Code == contractv1.Error_UNAVAILABLE || e.Code == contractv1.Error_INTERNAL {
		return retry(id, retryStore, e.Message)
	}
	return refused(id, err.Error())
}

func (s *Server) write(ctx context.Context, c caller, conv, name string, in *contractv1.Envelope) *contractv1.PostResult {
	ctx, cancel := context.WithTimeout(ctx, s.writeTime())
	defer cancel()
	// Only what is known is copied: nothing of the client's own making rides along.
	out := &contractv1.Envelope{
		Id: in.Id, Conversation: conv, Session: in.Session, Plugin: in.Plugin, Protocol: in.Protocol,
		Kind: in.Kind, From: s.address(c.user), Device: c.device, TimeMs: s.index.time(s.nowMS()),
		TargetDevice: in.TargetDevice, Encryption: in.Encryption, Body: in.Body,
	}
	body, err := proto.Marshal(out)
	if err != nil {
		return refused(in.Id, "The entry is malformed.")
	}
	size := int64(len(body)) + entryOverhead
	if reason, full := s.fullStore(c.user, size); full {
		return refused(in.Id, reason)
	}
	if until, ok := s.daily.take(c.user, size, out.TimeMs); !ok {
		return refused(in.Id, s.daily.fullDay(until))
	}
	v, err := s.append(ctx, conv, c.user+"."+c.device, name, body, out.TimeMs, func() error { return s.mayPost(ctx, conv, c.user) })
	if !v.fresh {
		s.daily.giveBack(c.user, size, out.TimeMs)
	}
	var no *wire.Error
	switch {
	case errors.As(err, &no):
		return notTaken(in.Id, no)
	case err != nil:
		return s.storeFailed(in.Id, err)
	case v.at.conversation != conv:
		return refused(in.Id, "This id was used in another conversation.")
	}
	if room, ok := wire.Room(conv); ok && v.fresh {
		s.fanEntry(room, v, s.dir.seats(room))
	}
	return stored(in.Id, v.at)
}

// append stores an entry at the end of a conversation, once for its name, and
// remembers where. May is asked again when somebody else came before it.
func (s *Server) append(ctx context.Context, conv, device, name string, body []byte, timeMS int64, may func() error) (fanned, error) {
	prev, err := s.tails.before(ctx, s, conv)
	if err != nil {
		return fanned{}, err
	}
	m := nats.NewMsg(wire.ConvSubject(conv))
	m.Data = body
	ack, err := s.publish(ctx, m, conv, name, prev, may)
	if err != nil {
		s.tails.forget(conv)
		return fanned{}, err
	}
	s.health.ok()
	v := fanned{at: place{conversation: conv, seq: ack.Sequence, timeMS: timeMS, size: int64(len(body)) + entryOverhead}, body: body, fresh: true}
	v.prev, _ = strconv.ParseUint(m.Header.Get(wire.HeaderPrevious), 10, 64)
	if ack.Duplicate { // the index did not know: read what was stored
		v = fanned{}
		if v.at, err = s.stored(ctx, ack.Sequence); err != nil {
			return fanned{}, err
		}
	} else {
		s.tails.set(conv, ack.Sequence)
	}
	s.index.add(device, name, v.at)
	return v, nil
}

// writeTime bounds one try to store an entry. In a cluster the acknowledgement of
// a server that was just stopped never comes; a repeat is harmless.
func (s *Server) writeTime() time.Duration {
	if s.o.Cluster != nil {
		return 1500 * time.Millisecond
	}
	return storeTimeout
}

// publish stores an entry behind prev. Where several replicas write, the store
// itself sees to it that prev is the one before.
func (s *Server) publish(ctx context.Context, m *nats.Msg, conv, name string, prev uint64, may func() error) (*jetstream.PubAck, error) {
	opts := []jetstream.PublishOpt{jetstream.WithMsgID(name)}
	if s.o.Cluster == nil {
		m.Header.Set(wire.HeaderPrevious, strconv.FormatUint(prev, 10))
		return s.js.PublishMsg(ctx, m, opts...)
	}
	m.Header.Set(headerReplica, s.replica)
	for try := 0; ; try++ {
		m.Header.Set(wire.HeaderPrevious, strconv.FormatUint(prev, 10))
		ack, err := s.js.PublishMsg(ctx, m, append(opts, jetstream.WithExpectLastSequencePerSubject(prev))...)
		if err == nil || !overtaken(err) || try == maxOvertaken {
			return ack, err
		}
		if try > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Duration(try) * time.Millisecond):
			}
		}
		if prev, err = s.leaderLast(ctx, streamConv, m.Subject); err != nil {
			return nil, err
		}
		if _, room := wire.Room(conv); room && may != nil {
			// What came before may have taken the author out of the group.
			if err := s.dir.upToDate(ctx); err != nil {
				return nil, err
			}
			if err := may(); err != nil {
				return nil, err
			}
		}
	}
}

// headerReplica says which replica wrote an entry.
const headerReplica = "Sb-Rep"

// maxOvertaken is how often one post tries again behind what others wrote.
const maxOvertaken = 20

// overtaken tells that somebody else wrote to the conversation first, or is
// about to.
func overtaken(err error) bool {
	var e *jetstream.APIError
	return errors.As(err, &e) && (e.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || e.ErrorCode == wrongLastSequence)
}

const wrongLastSequence = 10164 // the store's word when the other one is not finished

func (s *Server) storeFailed(id string, err error) *contractv1.PostResult {
	s.o.Log.Warn("store an entry", "error", err)
	s.health.failed()
	after := retryStore
	if s.o.Cluster != nil {
		after = retryCluster // another leader is being found
	}
	return retry(id, after, "The server cannot write at the moment; nothing is lost, it is tried again.")
}

// stored reads back where an entry stands.
func (s *Server) stored(ctx context.Context, seq uint64) (place, error) {
	msgs, _, err := s.direct(ctx, streamConv, directGet{Seq: seq})
	if err != nil {
		return place{}, err
	}
	if len(msgs) == 0 {
		return place{}, fmt.Errorf("entry %d is not there", seq)
	}
	e, _, err := envelope(msgs[0])
	if err != nil {
		return place{}, err
	}
	return place{conversation: e.Conversation, seq: seq, timeMS: e.TimeMs, size: int64(len(msgs[0].Data)) + entryOverhead}, nil
}

func checkEntry(e *contractv1.Envelope, conv string) error {
	switch {
	case e == nil || !wire.ValidToken(e.Id):
		return wire.Errorf(contractv1.Error_INVALID, "The entry has no proper id.")
	case e.Conversation != "" && e.Conversation != conv:
		return wire.Errorf(contractv1.Error_INVALID, "The entry names another conversation.")
	case !wire.ValidToken(e.Session) || !wire.ValidName(e.Plugin):
		return wire.Errorf(contractv1.Error_INVALID, "The entry's session or plugin is malformed.")
	case len(e.Body) > contractv1.MaxUpdate:
		return wire.Errorf(contractv1.Error_TOO_LARGE, "A message has at most %d bytes.", contractv1.MaxUpdate)
	case e.Kind < contractv1.Envelope_UPDATE || e.Kind > contractv1.Envelope_END:
		return wire.Errorf(contractv1.Error_REFUSED, "Only the network itself writes this kind of entry.")
	case e.TargetDevice != "" && !wire.ValidDevice(e.TargetDevice):
		return wire.Errorf(contractv1.Error_INVALID, "The entry's device is malformed.")
	case e.Encryption != contractv1.Envelope_NONE && e.Encryption != contractv1.Envelope_SEALED:
		return wire.Errorf(contractv1.Error_INVALID, "The entry's encryption is not known.")
	}
	return nil
}
