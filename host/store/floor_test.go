package store

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"switchboard/shared/budget"
)

// BenchmarkFloorCommit is what a durable row costs at least: one insert in a
// bare database with the settings that the store has, by a process that waited.
func BenchmarkFloorCommit(b *testing.B) {
	if err := quickSync(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(filepath.Join(b.TempDir(), "floor.db"), "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE t (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID`); err != nil {
		b.Fatal(err)
	}
	insert, err := db.Prepare(`INSERT INTO t VALUES (printf('%016d', ?), ?)`)
	if err != nil {
		b.Fatal(err)
	}
	// A store that has run for a while writes over its log; one whose log still
	// grows would pay for the growth with every sync.
	if _, err := db.Exec(`CREATE TABLE filler (x BLOB); INSERT INTO filler VALUES (zeroblob(5000000))`); err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 200)
	var all []time.Duration
	for n := 0; b.Loop(); n++ {
		time.Sleep(budget.Pause)
		begin := time.Now()
		if _, err := insert.Exec(n, body); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(begin))
	}
	b.ReportMetric(float64(budget.Percentile(all, 50)), "p50-ns")
}
