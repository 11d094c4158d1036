package im

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
)

// million makes a history of so many messages as fast as SQLite can, which is
// without the index of words, and gives their number.
func million(t testing.TB, dir string) int {
	t.Helper()
	n := 1_000_000
	if slow {
		n = 10_000
	}
	store, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Log(t.Context(), "dm.alice.bob", "im"); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "messages.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{`PRAGMA synchronous = off`, `DROP TRIGGER words_insert`,
		fmt.Sprintf(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < %d)
			INSERT INTO messages (conv, pos, id, sender, device, time, kind, text)
			SELECT 1, i, 'id' || i, iif(i %% 3, 'bob@lab', 'alice@lab'), 'd', i * 60000, 1, 'message number ' || i FROM c`, n),
		// Of every thousand, one was not sent, and stands where it was written.
		fmt.Sprintf(`INSERT INTO messages (conv, pos, id, sender, device, time, kind, state, reason, place, text)
			SELECT 1, (1 << 62) + pos, 'failed' || pos, 'alice@lab', 'd', time + 1, 1, 2, 'no', pos, 'not sent' FROM messages WHERE pos %% 1000 = 500 AND pos <= %d`, n),
		fmt.Sprintf(`UPDATE conversations SET position = %d`, n)} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMillionMessagesOpenAtOnce(t *testing.T) {
	dir := t.TempDir()
	n := million(t, dir)
	start := time.Now()
	st := stageIn(t, dir, bob)
	st.start(sdk.Visible{Full: true})
	st.do(sdk.Want{List: listID, Before: 60})
	took := time.Since(start)
	t.Logf("a conversation of %d messages opens in %v", n, took)
	if st.items[len(st.items)-1].GetKey() != fmt.Sprint("id", n) || st.summary.Unread != min(n-n/3, history.MaxUnread) {
		t.Errorf("summary %+v", st.summary)
	}
	if !slow && took > 100*time.Millisecond {
		t.Errorf("opening took %v", took)
	}
	start = time.Now()
	notSent := 0
	for range 50 {
		st.do(sdk.Want{List: listID, Anchor: st.items[0].GetKey(), Before: 60})
		notSent += strings.Count(draw(st.items), "not_sent")
	}
	if want := 50*60/1000 + 1; notSent < want-1 || notSent > want {
		t.Errorf("%d that were not sent on the way, not about %d", notSent, want)
	}
	if each := time.Since(start) / 50; !slow && each > 10*time.Millisecond {
		t.Errorf("scrolling takes %v a step", each)
	} else {
		t.Logf("scrolling: %v a step", each)
	}
}
