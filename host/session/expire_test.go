package session

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// commits counts the transactions in a store's log.
func (h *host) commits() (n int) {
	h.t.Helper()
	const header, frame, page = 32, 24, 8
	data, err := os.ReadFile(filepath.Join(h.dir, "store.db-wal"))
	must(h.t, err)
	if len(data) < header {
		return 0
	}
	size := frame + int(binary.BigEndian.Uint32(data[page:]))
	for at := header; at+size <= len(data); at += size {
		if binary.BigEndian.Uint32(data[at+4:]) != 0 {
			n++
		}
	}
	return n
}

// What waited too long fails all at once, in one transaction, and is not sent.
func TestWhatWaitedTooLongFailsTogether(t *testing.T) {
	_, a1, _, b := connected(t)
	a1.disconnect()
	const rows = 60
	for range rows {
		_, err := a1.send(ab, "old")
		must(t, err)
	}
	a1.mu.Lock()
	a1.now = func() time.Time { return time.Now().Add(defaultRetention + time.Hour) }
	a1.mu.Unlock()
	before := a1.commits()
	a1.connect()
	eventually(t, "nothing waits", func() bool { return a1.e.Queued() == 0 })
	if n := a1.commits() - before; n < 1 || n > rows/2 {
		t.Errorf("%d transactions", n)
	}
	list, err := a1.store.Outbox(t.Context())
	must(t, err)
	for _, r := range list {
		if !strings.Contains(r.Reason, "waited longer") {
			t.Errorf("%+v", r)
		}
	}
	if l := b.log("im", imKey); len(list) != rows || len(l) != 0 {
		t.Errorf("%d are left, %d were sent", len(list), len(l))
	}
}
