package server_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// Who offers and cancels, or only talks, all day long is stopped at a number of
// bytes: over restarts of the server, over the loss of its index, until the next
// day. Others are not, and what was stored stays stored.
func TestABoundOfBytesAUserAndDay(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	var clock atomic.Int64
	noon := time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)
	clock.Store(noon.UnixMilli())
	o := server.Options{Folder: t.TempDir(), Daily: limit, Now: func() time.Time { return time.UnixMilli(clock.Load()) }}
	s := start(t, o)
	a, b := join(t, s, "alice"), join(t, s, "bob")
	alice, bob := signIn(t, a), signIn(t, b)
	befriend(t, alice, bob)

	var last *contractv1.Envelope
	stored := 0
	body := strings.Repeat("x", 3000)
	for i := range 100 {
		e := entry(body)
		e.Session, e.Kind = e.Id, contractv1.Envelope_OFFER
		if i%2 == 1 {
			e.Session, e.Kind = last.Session, contractv1.Envelope_CANCEL
		}
		r := alice.post(conv, e)[0]
		if r.GetStored() == nil {
			reason := r.GetRefused().GetReason()
			if !strings.Contains(reason, "00:00 on 7 May 2031 UTC") {
				t.Fatalf("the refusal does not say until when: %v", r)
			}
			break
		}
		last, stored = e, stored+1
	}
	if stored*3000 > limit || stored*3600 < limit-3600 {
		t.Fatalf("%d entries of 3,000 bytes were stored under a limit of %d", stored, limit)
	}
	refused := func(who string, p *peer) {
		t.Helper()
		if r := p.post(conv, entry(body))[0]; r.GetRefused() == nil {
			t.Errorf("%s: one more entry: %v", who, r)
		}
	}
	refused("in another session", alice)
	if r := alice.post(conv, last)[0]; r.GetStored() == nil {
		t.Errorf("a repeat of what was stored: %v", r)
	}
	bob.say(conv, body)

	for _, how := range []string{"after a restart", "after the index was lost"} {
		alice.leave()
		bob.leave()
		s.Close()
		if strings.Contains(how, "lost") {
			removeIndex(t, o.Folder)
		}
		o.Listen = strings.TrimPrefix(s.Addresses()[0], "tcp://")
		s = start(t, o)
		alice, bob = signIn(t, a), signIn(t, b)
		refused(how, alice)
		bob.say(conv, fmt.Sprint(how, body))
	}
	clock.Store(noon.Add(12 * time.Hour).UnixMilli())
	alice.say(conv, body)
}
