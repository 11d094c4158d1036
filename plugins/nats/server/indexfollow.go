package server

import (
	"context"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// A replica's index follows the store, whoever writes it. What it does not know
// yet, the store's own window of ten minutes does.

// follow takes an entry that the store has just published. One that is not the
// next shows that some were missed; those are read.
func (x *index) follow(m *nats.Msg) {
	seq, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
	if err != nil {
		return
	}
	x.reading.Lock()
	defer x.reading.Unlock()
	switch {
	case seq <= x.upTo:
	case seq == x.upTo+1:
		x.learnt(m, strings.TrimPrefix(m.Subject, "live."), seq)
	default:
		x.readOn(x.s.life)
	}
}

// learnt notes one entry; x.reading is held.
func (x *index) learnt(m *nats.Msg, conversation string, seq uint64) {
	x.upTo = seq
	name := m.Header.Get(jetstream.MsgIDHeader)
	user, rest, ok := strings.Cut(name, ".")
	device, _, isID := strings.Cut(rest, ".")
	var e contractv1.Envelope
	if !ok || !isID || proto.Unmarshal(m.Data, &e) != nil {
		return
	}
	p := place{conversation: conversation, seq: seq, timeMS: e.TimeMs, size: int64(len(m.Data)) + entryOverhead}
	x.time(p.timeMS)
	if e.Kind == contractv1.Envelope_MEMBERSHIP {
		x.s.tails.forget(conversation) // who may write is to be looked at again
	} else {
		x.s.tails.reached(conversation, seq)
	}
	if m.Header.Get(headerReplica) != x.s.replica {
		x.s.daily.count(user, p.size, p.timeMS)
	}
	x.add(user+"."+device, name, p)
}

// readOn reads what is behind the last entry that is known; x.reading is held.
func (x *index) readOn(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*storeTimeout)
	defer cancel()
	for {
		msgs, more, err := x.s.direct(ctx, streamConv, directGet{NextFor: "conv.>", Seq: x.upTo + 1, Batch: 1000, MaxBytes: 4 << 20})
		if err != nil {
			x.s.o.Log.Debug("read the store on", "error", err)
			return // the next entry, or the next look, tries again
		}
		for _, m := range msgs {
			if seq := sequence(m); seq > x.upTo {
				x.learnt(m, strings.TrimPrefix(m.Header.Get(jetstream.SubjectHeader), "conv."), seq)
			}
		}
		if !more || len(msgs) == 0 {
			return
		}
	}
}

// lookAgain reads what may have been missed.
func (x *index) lookAgain(ctx context.Context) {
	x.reading.Lock()
	defer x.reading.Unlock()
	x.readOn(ctx)
}

// count adds what is stored for a user whether there is room or not: by another
// replica, or to let somebody go.
func (d *daily) count(user string, size, timeMS int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn(timeMS)
	if d.day == dayOf(timeMS) {
		d.used[user] += size
	}
}

// reached notes a sequence that another replica may have written.
func (t *tails) reached(conv string, seq uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if have, known := t.last[conv]; known && seq > have {
		t.last[conv] = seq
	}
}
