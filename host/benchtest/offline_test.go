package benchtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/shared/budget"
	controlv1 "switchboard/shared/contract/control/v1"
)

// waiting is how many messages wait for somebody who is offline.
const waiting = 10_000

// BenchmarkOffline: 10,000 messages that waited are in, stored and shown within
// 3 s of the start of the program.
func BenchmarkOffline(b *testing.B) {
	alice, bob := pair(b)
	bob.stop()
	pour(b, alice, waiting)
	last := text(waiting - 1)
	begin := time.Now()
	bob.start()
	ready := time.Since(begin)
	shown := bob.show(begin, "dm.alice.bob/im", last)
	bob.until("history", func(context.Context) bool { return bob.newest("alice") == last })
	took := max(shown, time.Since(begin))
	bob.complete("alice", waiting)
	budget.AtMost("10,000 messages waiting offline: in, stored, shown, from exec", "s", took.Seconds(), 3).Report(b)
	budget.Info("  of that until the host is ready", "s", ready.Seconds(), 0).Report(b)
}

func text(i int) string { return fmt.Sprintf("message %d of those that wait for somebody", i) }

// pour sends n messages in order, many under way at a time: the first is
// acknowledged before the second is sent, as the last comes last.
func pour(b *testing.B, h *host, n int) {
	b.Helper()
	const atOnce = 32
	send := func(i int) { h.run("bob", "im", "send", map[string]string{"text": text(i)}, nil) }
	var next atomic.Int64
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n-1 && !b.Failed(); i = int(next.Add(1)) - 1 {
				send(i)
			}
		})
	}
	all.Wait()
	send(n - 1)
	h.until("empty outbox", func(ctx context.Context) bool {
		s, err := h.client.Status(ctx, nothing)
		return err == nil && s.Queued == 0
	})
}

// show attends a view until it holds a text.
func (h *host) show(begin time.Time, session, text string) (took time.Duration) {
	h.b.Helper()
	h.call(func(ctx context.Context) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := h.client.Attend(ctx, &controlv1.ViewRequest{Session: session})
		for err == nil {
			var v *controlv1.ViewReply
			if v, err = stream.Recv(); err == nil && strings.Contains(string(v.Json), text) {
				took = time.Since(begin)
				return nil
			}
		}
		return err
	})
	return took
}

type entry struct{ ID, Text string }

// newest is the text of the last message.
func (h *host) newest(conversation string) string {
	h.b.Helper()
	var last []entry
	h.run(conversation, "im", "history", map[string]int{"limit": 1}, &last)
	if len(last) == 0 {
		return ""
	}
	return last[0].Text
}

// complete insists that a conversation holds n messages, each once.
func (h *host) complete(conversation string, n int) {
	h.b.Helper()
	seen := map[string]bool{}
	for before := ""; ; {
		var page []entry
		h.run(conversation, "im", "history", map[string]any{"limit": 2000, "before": before}, &page)
		if len(page) == 0 {
			break
		}
		for _, e := range page {
			seen[e.Text] = true
		}
		before = page[0].ID
	}
	if len(seen) != n {
		h.b.Errorf("%d of %d messages came", len(seen), n)
	}
}
