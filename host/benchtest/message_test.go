package benchtest

import (
	"path/filepath"
	"testing"
	"time"

	"switchboard/shared/budget"
)

// Sizes of the measurement: figure and floors take turns.
const (
	messageRounds = 6
	messages      = 300
	messageSize   = 200
)

type probeTimes struct {
	Kept, Sent, Received []time.Duration
}

// BenchmarkMessage: from Update here to the event there, durable on both ends,
// costs at most 1.5 times what its path costs bare: two commits, four hops
// between host and plugin, one post through a service; p99 at most 3 x p50.
// Message and floors alike are measured alone, after a pause: on this path every
// process has waited, which costs more than the same in a loop that keeps all
// awake. The floor's log of the database does not grow and its hop goes one way.
func BenchmarkMessage(b *testing.B) {
	alice, bob := pair(b, filepath.Join(tools, "probe"))
	measure(b, alice, bob, 100) // warm
	var hop, commit, post, kept, sent, received []time.Duration
	for range messageRounds {
		hop = append(hop, floor(b, floors[0], "BenchmarkFloorHop", messages))
		commit = append(commit, floor(b, floors[1], "BenchmarkFloorCommit", messages))
		post = append(post, floor(b, floors[2], "BenchmarkFloorPost", messages))
		got := measure(b, alice, bob, messages)
		kept, sent, received = append(kept, got.Kept...), append(sent, got.Sent...), append(received, got.Received...)
	}
	hops, commits, posts := budget.Percentile(hop, 50), budget.Percentile(commit, 50), budget.Percentile(post, 50)
	least := 4*hops + 2*commits + posts
	p50 := budget.Percentile(received, 50)
	budget.Times("message, Update here to event there, p50", "ms", budget.Ms(p50), budget.Ms(least), 1.5).Report(b)
	budget.Times("message, p99 over its p50", "ms", budget.Ms(budget.Percentile(received, 99)), budget.Ms(p50), 3).Report(b)
	budget.Info("  until Update returns: two hops, one commit", "ms", budget.Ms(budget.Percentile(kept, 50)), budget.Ms(2*hops+commits)).Report(b)
	budget.Info("  until Sent", "ms", budget.Ms(budget.Percentile(sent, 50)), 0).Report(b)
	budget.Info("  floor: one hop, bare go-plugin stream", "ms", budget.Ms(hops), 0).Report(b)
	budget.Info("  floor: one commit, bare SQLite", "ms", budget.Ms(commits), 0).Report(b)
	budget.Info("  floor: one post, bare service and JetStream with TLS", "ms", budget.Ms(posts), 0).Report(b)
}

// measure lets Alice's probe send and collects what both noted.
func measure(b *testing.B, alice, bob *host, n int) probeTimes {
	b.Helper()
	alice.run("bob", "probe", "measure", map[string]int{"n": n, "size": messageSize}, nil)
	var here, there probeTimes
	end := time.Now().Add(patience)
	for len(here.Sent) < n || len(there.Received) < n {
		time.Sleep(100 * time.Millisecond)
		var more probeTimes
		alice.run("bob", "probe", "report", struct{}{}, &more)
		here.Kept, here.Sent = append(here.Kept, more.Kept...), append(here.Sent, more.Sent...)
		more = probeTimes{}
		bob.run("alice", "probe", "report", struct{}{}, &more)
		there.Received = append(there.Received, more.Received...)
		if time.Now().After(end) {
			b.Fatalf("%d sent, %d received of %d", len(here.Sent), len(there.Received), n)
		}
	}
	here.Received = there.Received
	return here
}
