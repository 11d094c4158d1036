package session

import (
	"fmt"
	"testing"
	"time"

	"switchboard/host/store"
)

// BenchmarkPublish is what a change costs with many conversations.
func BenchmarkPublish(b *testing.B) {
	e := crowded(1000)
	b.ReportAllocs()
	for b.Loop() {
		e.order[500].stale, e.dirty = true, true
		e.publish()
	}
}

// crowded is an engine, not running, that knows many conversations.
func crowded(n int) *Engine {
	o := Options{Self: func() (string, string, bool) { return "a@n", "a1", true }}
	o.fill()
	e := &Engine{o: o, conversations: map[string]*conversation{}, own: newOwns(), log: o.Log}
	for i := range n {
		id := fmt.Sprintf("dm.a.u%04d", i)
		k := key(id, "im")
		c := e.conversation(id)
		c.sessions["im"] = &session{key: k, plugin: "im", conv: c, standing: true, summary: &store.SummaryRow{
			Text: "some text of a message", From: "x@n", TimeMs: time.Now().UnixMilli() - int64(i*7919%n), Unread: 1}}
	}
	return e
}
