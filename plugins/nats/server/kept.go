package server

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// The index also knows how many bytes of entries the store keeps of each person:
// it adds what it notes for the first time and takes off what it forgets, in the
// same transactions. What is not yet in the database is in "waiting".

// keptTables are made anew with the entries: an index of another version lacks
// the sizes that the sums are made of.
const keptTables = `
CREATE TABLE IF NOT EXISTS kept (user TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
`

// indexVersion is the shape of the index's tables.
const indexVersion = 2

// shape makes the tables; those of another version are emptied, and catching up
// fills them from the store.
func shape(db *sql.DB) error {
	var version int
	if err := db.QueryRow(`PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if version != indexVersion {
		if _, err := db.Exec(`DROP TABLE IF EXISTS entries; DROP TABLE IF EXISTS used; DROP TABLE IF EXISTS kept`); err != nil {
			return err
		}
	}
	_, err := db.Exec(indexSchema + keptTables + fmt.Sprintf(`PRAGMA user_version = %d;`, indexVersion))
	return err
}

// loadKept takes up the sums where the database has them.
func (x *index) loadKept(ctx context.Context) error {
	rows, err := x.db.QueryContext(ctx, `SELECT user, bytes FROM kept`)
	if err != nil {
		return fmt.Errorf("read what is kept of each user: %w", err)
	}
	defer rows.Close()
	x.mu.Lock()
	defer x.mu.Unlock()
	for rows.Next() {
		var user string
		var n int64
		if err := rows.Scan(&user, &n); err != nil {
			return fmt.Errorf("read what is kept of each user: %w", err)
		}
		x.kept[user] = n
	}
	return rows.Err()
}

// keeps is how many bytes of a user's entries the store keeps.
func (x *index) keeps(user string) int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.kept[user] + x.waiting[user]
}

// fullStore tells that an entry would bring its author beyond what the network
// keeps of one person. Entries that are being stored at this moment are not
// counted: there are a handful at most.
func (s *Server) fullStore(user string, size int64) (reason string, full bool) {
	if s.o.Stored <= 0 || s.index.keeps(user)+size <= s.o.Stored {
		return "", false
	}
	return fmt.Sprintf("This network keeps %d MB of messages of one person, and yours have come to that; there is room again when the oldest of them expire.",
		s.o.Stored>>20), true
}

// addWaiting counts what is not yet in the database; x.mu is held.
func (x *index) addWaiting(name string, size int64) {
	user := author(name)
	if x.waiting[user] += size; x.waiting[user] <= 0 {
		delete(x.waiting, user)
	}
}

// author of an entry, by the entry's name.
func author(name string) string {
	user, _, _ := strings.Cut(name, ".")
	return user
}

// addKept adds to the sums in the database what a transaction noted for the
// first time, and tells it by user.
func addKept(ctx context.Context, tx *sql.Tx, batch map[string]place, fresh []string) (map[string]int64, error) {
	sums := map[string]int64{}
	for _, name := range fresh {
		sums[author(name)] += batch[name].size
	}
	for user, n := range sums {
		if _, err := tx.ExecContext(ctx, `INSERT INTO kept (user, bytes) VALUES (?, ?)
			ON CONFLICT (user) DO UPDATE SET bytes = bytes + excluded.bytes`, user, n); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// forget takes everything before a place out of the database and off the sums.
func (x *index) forget(ctx context.Context, before uint64) error {
	x.writing.Lock()
	defer x.writing.Unlock()
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("trim the index: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	sums, err := sumsBefore(ctx, tx, before)
	if err != nil {
		return fmt.Errorf("trim the index: %w", err)
	}
	for user, n := range sums {
		if _, err := tx.ExecContext(ctx, `UPDATE kept SET bytes = max(0, bytes - ?) WHERE user = ?`, n, user); err != nil {
			return fmt.Errorf("trim the index: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM entries WHERE seq < ?`, int64(before)); err != nil {
		return fmt.Errorf("trim the index: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM kept WHERE bytes = 0`); err != nil {
		return fmt.Errorf("trim the index: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("trim the index: %w", err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for user, n := range sums {
		if x.kept[user] -= n; x.kept[user] <= 0 {
			delete(x.kept, user)
		}
	}
	return nil
}

func sumsBefore(ctx context.Context, tx *sql.Tx, before uint64) (map[string]int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT substr(name, 1, instr(name, '.') - 1), sum(size) FROM entries WHERE seq < ? GROUP BY 1`, int64(before))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sums := map[string]int64{}
	for rows.Next() {
		var user string
		var n int64
		if err := rows.Scan(&user, &n); err != nil {
			return nil, err
		}
		sums[user] = n
	}
	return sums, rows.Err()
}
