package benchtest

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"switchboard/shared/budget"
)

// Sizes of the measurement.
const (
	million  = 1_000_000
	opens    = 5
	searches = 300
)

// longHistory gives Alice's chat with Bob a million messages.
func longHistory(b *testing.B, alice *host) {
	b.Helper()
	alice.stop()
	data := filepath.Join(alice.profile, "plugins-data", "im")
	cmd := exec.Command(filepath.Join(tools, "fixture"), "history", "-data", data,
		"-conversation", "dm.alice.bob", "-me", "alice@local", "-peer", "bob@local", "-n", fmt.Sprint(million))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("fixture: %v: %s", err, out)
	}
}

// lastKey is that of the newest message.
var lastKey = fmt.Sprintf("fixture-%08d", million)

// BenchmarkTranscript: a conversation of 1,000,000 messages opens within 100 ms
// and is searched within 50 ms.
func BenchmarkTranscript(b *testing.B) {
	alice, bob := pair(b)
	bob.stop()
	longHistory(b, alice)
	var cold []time.Duration
	for range opens {
		alice.start()
		alice.connected()
		cold = append(cold, alice.show(time.Now(), "dm.alice.bob/im", lastKey))
		alice.stop()
	}
	alice.start()
	budget.AtMost("1,000,000 messages: open, first time in a process, p50", "ms", budget.Ms(budget.Percentile(cold, 50)), 100).Report(b)
	took := alice.search()
	budget.AtMost("1,000,000 messages: search, p95", "ms", budget.Ms(budget.Percentile(took, 95)), 50).Report(b)
	budget.Info("  search, p50", "ms", budget.Ms(budget.Percentile(took, 50)), 0).Report(b)
	scrolling(b, alice)
}

// search looks for words as people do: one word, two words, a beginning; words
// that are everywhere and words that are almost nowhere.
func (h *host) search() (took []time.Duration) {
	h.b.Helper()
	var sample []entry
	h.run("bob", "im", "history", map[string]int{"limit": 5000}, &sample)
	random := rand.New(rand.NewPCG(5, 6))
	word := func() string {
		words := strings.Fields(sample[random.IntN(len(sample))].Text)
		return words[random.IntN(len(words))]
	}
	found := 0
	for i := range searches {
		query := word()
		switch i % 3 {
		case 1:
			query += " " + word()
		case 2:
			query = query[:min(3, len(query))]
		}
		var hits []entry
		begin := time.Now()
		h.run("bob", "im", "search", map[string]any{"query": query}, &hits)
		took = append(took, time.Since(begin))
		if len(hits) > 0 {
			found++
		}
	}
	if found < searches/2 {
		h.b.Errorf("only %d of %d searches found anything", found, searches)
	}
	return took
}
