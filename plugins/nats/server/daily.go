package server

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"
)

// DefaultDaily is how many bytes of entries a user may have stored in a day
// unless the operator says otherwise.
const DefaultDaily = 256 << 20

// entryOverhead is what an entry costs beside its own bytes: its subject, its
// headers and its row in the index. It makes the smallest entries count too.
const entryOverhead = 256

// daily counts the bytes that each user has stored in the server's day (UTC).
// The index keeps the same figures on the disk, in the transaction that notes
// the entries, so that a restart begins where the day stood.
type daily struct {
	limit int64

	mu   sync.Mutex
	day  int64
	used map[string]int64 // by user, of that day alone
}

func newDaily(limit int64) *daily { return &daily{limit: limit, used: map[string]int64{}} }

const dayMS = int64(24 * time.Hour / time.Millisecond)

func dayOf(timeMS int64) int64 { return timeMS / dayMS }

// take counts an entry, or tells since when (Unix ms) there is room again.
func (d *daily) take(user string, size, timeMS int64) (until int64, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn(timeMS)
	if d.used[user]+size > d.limit {
		return (d.day + 1) * dayMS, false
	}
	d.used[user] += size
	return 0, true
}

// giveBack uncounts an entry that was not stored.
func (d *daily) giveBack(user string, size, timeMS int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.day == dayOf(timeMS) {
		d.used[user] = max(0, d.used[user]-size)
	}
}

// turn begins a new day; the server's clock never runs backwards between entries.
func (d *daily) turn(timeMS int64) {
	if day := dayOf(timeMS); day > d.day {
		d.day = day
		clear(d.used)
	}
}

// load takes up the day where the index has it.
func (d *daily) load(ctx context.Context, db *sql.DB, nowMS int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turn(nowMS)
	rows, err := db.QueryContext(ctx, `SELECT user, bytes FROM used WHERE day = ?`, d.day)
	if err != nil {
		return fmt.Errorf("read what was stored today: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var user string
		var n int64
		if err := rows.Scan(&user, &n); err != nil {
			return fmt.Errorf("read what was stored today: %w", err)
		}
		d.used[user] = n
	}
	return rows.Err()
}

// keepUsed adds what a transaction of the index noted for the first time.
func keepUsed(ctx context.Context, tx *sql.Tx, batch map[string]place, fresh []string) error {
	type share struct {
		user string
		day  int64
	}
	sums := map[share]int64{}
	for _, name := range fresh {
		user, _, _ := strings.Cut(name, ".")
		sums[share{user, dayOf(batch[name].timeMS)}] += batch[name].size
	}
	for s, n := range sums {
		if _, err := tx.ExecContext(ctx, `INSERT INTO used (user, day, bytes) VALUES (?, ?, ?)
			ON CONFLICT (user, day) DO UPDATE SET bytes = bytes + excluded.bytes`, s.user, s.day, n); err != nil {
			return err
		}
	}
	return nil
}

// fullDay is the sentence for somebody who has stored too much today.
func (d *daily) fullDay(until int64) string {
	return fmt.Sprintf("You have stored %d MB at this network today, which is all that it takes in a day; it takes more from %s UTC on.",
		d.limit>>20, time.UnixMilli(until).UTC().Format("15:04 on 2 January 2006"))
}
