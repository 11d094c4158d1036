package session

import (
	"fmt"
	"testing"
)

// TestCommitsOfAMessage: an update costs its author's host two commits, before
// the plugin is answered and when it is read back, and every other host one.
func TestCommitsOfAMessage(t *testing.T) {
	const messages = 20
	n, a1, a2, b := connected(t)
	all := map[*host]int{a1: 2, a2: 1, b: 1}
	say := func(i int) {
		t.Helper()
		text := fmt.Sprint("m", i)
		posts := n.postsSoFar()
		_, err := a1.send(ab, text)
		must(t, err)
		for h := range all {
			eventually(t, "it is there", func() bool { l := h.log("im", imKey); return len(l) == i+1 })
		}
		eventually(t, "the answer is taken", func() bool { return n.postsSoFar() == posts+1 && a1.idle() })
	}
	say(0) // rows of the session and its authors
	before := map[*host]int{}
	for h := range all {
		before[h] = h.commits()
	}
	for i := range messages {
		say(i + 1)
	}
	for h, each := range all {
		// On a slow day what is stored lazily comes on top, once a second.
		if got := h.commits() - before[h]; got < each*messages || got > each*messages+messages/2 {
			t.Errorf("%s: %d commits for %d messages, not %d", h.device, got, messages, each*messages)
		}
	}
}

func (n *network) postsSoFar() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.posts
}

// idle: nothing is on its way to the network.
func (h *host) idle() (idle bool) {
	_ = h.e.askAfter(func(e *Engine) {
		idle = true
		for _, c := range e.conversations {
			idle = idle && c.flight == nil && len(c.out) == 0
		}
	})
	return idle
}
