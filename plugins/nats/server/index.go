package server

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	_ "modernc.org/sqlite" // the database driver
)

// place is where an entry stands.
type place struct {
	conversation string
	seq          uint64
	timeMS       int64
	size         int64 // counted for its author, with the overhead
}

// index finds an entry by author, device and id for as long as the network
// keeps it: hosts may send a row again after days, and the first one wins. It
// is derived from the store: what a crash takes from it is read again at the
// next start, and a damaged one is made anew.
type index struct {
	s  *Server
	db *sql.DB
	by *sql.Stmt // finds by name
	up *sql.Stmt // finds the greatest name of a device

	mu       sync.Mutex
	fresh    map[string]place  // not yet in the database
	newest   map[string]string // the greatest name, by user and device
	kept     map[string]int64  // bytes by user, as the database has them
	waiting  map[string]int64  // bytes by user of what is fresh
	lastTime int64
	upTo     uint64 // everything up to here was read, in a cluster

	reading sync.Mutex // one reads on at a time
	writing sync.Mutex // one changes the database at a time: it reads before it writes

	wake chan struct{}
	quit chan struct{}
	done sync.WaitGroup
}

const (
	indexOverlap = 1000
	maxNewest    = 100000
)

const indexSchema = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS entries (
  name TEXT PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL, conversation TEXT NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_seq ON entries (seq);
CREATE TABLE IF NOT EXISTS used (
  user TEXT NOT NULL, day INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (user, day)
) WITHOUT ROWID;
`

// indexTime bounds how long the index may take to be made anew; what is done of
// it is kept.
const indexTime = 30 * time.Minute

func openIndex(ctx context.Context, s *Server) (*index, error) {
	path := filepath.Join(s.o.Folder, "index.db")
	db, err := openIndexFile(path)
	if err != nil {
		s.o.Log.Warn("the index is damaged and made anew", "error", err)
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, fmt.Errorf("make the index anew: %w", err)
			}
		}
		if db, err = openIndexFile(path); err != nil {
			return nil, err
		}
	}
	x := &index{s: s, db: db, fresh: map[string]place{}, newest: map[string]string{}, kept: map[string]int64{}, waiting: map[string]int64{},
		wake: make(chan struct{}, 1), quit: make(chan struct{})}
	// An index that is made anew reads all that the store holds, which takes
	// longer than any other part of the start may.
	all, cancel := context.WithTimeout(s.life, indexTime)
	defer cancel()
	if err := x.catchUp(all); err != nil {
		_ = db.Close()
		return nil, err
	}
	if err := errors.Join(s.daily.load(ctx, db, x.time(s.nowMS())), x.loadKept(ctx)); err != nil {
		_ = db.Close()
		return nil, err
	}
	if x.by, err = db.Prepare(`SELECT seq, time, conversation FROM entries WHERE name = ?`); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open the index: %w", err)
	}
	if x.up, err = db.Prepare(`SELECT max(name) FROM entries WHERE name > ? AND name < ?`); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open the index: %w", err)
	}
	x.done.Add(1)
	go x.writer()
	return x, nil
}

func openIndexFile(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=cache_size(-2000)")
	if err != nil {
		return nil, fmt.Errorf("open the index: %w", err)
	}
	db.SetMaxOpenConns(2)
	if err := shape(db); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open the index: %w", err)
	}
	return db, nil
}

// catchUp reads what the store has beyond the index. An index that is ahead of
// the store belongs to another one and is emptied.
func (x *index) catchUp(ctx context.Context) error {
	st, err := x.s.js.Stream(ctx, streamConv)
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	if err := x.trim(ctx); err != nil {
		return err
	}
	head := st.CachedInfo().State.LastSeq
	var at uint64
	if err := x.db.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM entries`).Scan(&at); err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	if at > head {
		if _, err := x.db.ExecContext(ctx, `DELETE FROM entries; DELETE FROM used; DELETE FROM kept`); err != nil {
			return fmt.Errorf("empty the index: %w", err)
		}
		at = 0
	}
	// Entries of different conversations reach the index side by side, so a
	// crash may leave a hole shortly before its end.
	at -= min(at, indexOverlap)
	for at < head {
		msgs, more, err := x.s.direct(ctx, streamConv, directGet{NextFor: "conv.>", Seq: at + 1, Batch: 1000, MaxBytes: 4 << 20})
		if err != nil {
			return err
		}
		batch := map[string]place{}
		for _, m := range msgs {
			at = sequence(m)
			e, _, err := envelope(m)
			if err != nil {
				x.s.o.Log.Error("index", "error", err)
				continue
			}
			x.lastTime = max(x.lastTime, e.TimeMs)
			batch[m.Header.Get(jetstream.MsgIDHeader)] = place{
				conversation: strings.TrimPrefix(m.Header.Get(jetstream.SubjectHeader), "conv."), seq: at, timeMS: e.TimeMs, size: int64(len(m.Data)) + entryOverhead,
			}
		}
		if _, err := x.commit(ctx, batch); err != nil {
			return err
		}
		if !more || len(msgs) == 0 {
			break
		}
	}
	var last sql.NullInt64
	if err := x.db.QueryRowContext(ctx, `SELECT time FROM entries ORDER BY seq DESC LIMIT 1`).Scan(&last); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read the index: %w", err)
	}
	x.lastTime, x.upTo = max(x.lastTime, last.Int64), max(at, x.upTo)
	return nil
}

// time makes the server's clock never run backwards from one entry to the next.
func (x *index) time(now int64) int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.lastTime = max(x.lastTime, now)
	return x.lastTime
}

// find tells where an entry stands, if it was stored before. Hosts number their
// entries with UUIDv7, which rise: an id above all that the device ever used is
// new, and that needs no look at the disk.
func (x *index) find(device, name string) (place, bool, error) {
	if err := x.learn(device); err != nil {
		return place{}, false, err
	}
	x.mu.Lock()
	p, ok := x.fresh[name]
	above := name > x.newest[device]
	x.mu.Unlock()
	if ok || above {
		return p, ok, nil
	}
	err := x.by.QueryRow(name).Scan(&p.seq, &p.timeMS, &p.conversation)
	if errors.Is(err, sql.ErrNoRows) {
		return place{}, false, nil
	}
	return p, err == nil, err
}

// learn makes sure that a device's greatest name is known.
func (x *index) learn(device string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, known := x.newest[device]; known {
		return nil
	}
	if len(x.newest) >= maxNewest {
		clear(x.newest)
	}
	var top sql.NullString
	// '/' follows '.': the range is exactly this device's names.
	if err := x.up.QueryRow(device+".", device+"/").Scan(&top); err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	for n := range x.fresh {
		if strings.HasPrefix(n, device+".") {
			top.String = max(top.String, n)
		}
	}
	x.newest[device] = top.String
	return nil
}

// add remembers an entry at once and on the disk soon.
func (x *index) add(device, name string, p place) {
	x.mu.Lock()
	x.addWaiting(name, p.size-x.fresh[name].size)
	x.fresh[name] = p
	if top, known := x.newest[device]; known && name > top {
		x.newest[device] = name
	}
	x.mu.Unlock()
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// writer moves what is fresh to the disk, many at a time.
func (x *index) writer() {
	defer x.done.Done()
	for {
		select {
		case <-x.quit:
			return
		case <-x.wake:
		}
		select {
		case <-x.quit:
			return
		case <-time.After(200 * time.Millisecond):
		}
		x.flush()
	}
}

func (x *index) flush() {
	x.mu.Lock()
	batch := make(map[string]place, len(x.fresh))
	for n, p := range x.fresh {
		batch[n] = p
	}
	x.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	sums, err := x.commit(ctx, batch)
	if err != nil {
		x.s.o.Log.Warn("index", "error", err)
		return // it stays in memory and is tried with the next one
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for n := range batch {
		x.addWaiting(n, -x.fresh[n].size)
		delete(x.fresh, n)
	}
	for user, n := range sums {
		x.kept[user] += n
	}
}

// commit writes what is new, and tells by user what was not there before, in bytes.
func (x *index) commit(ctx context.Context, batch map[string]place) (sums map[string]int64, err error) {
	if len(batch) == 0 {
		return nil, nil
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	fresh, err := note(ctx, tx, batch)
	if err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	if err := keepUsed(ctx, tx, batch, fresh); err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	if sums, err = addKept(ctx, tx, batch, fresh); err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("write the index: %w", err)
	}
	return sums, nil
}

// note writes places and tells which names were not there before. The first
// place of a name wins, also when the store is read again.
func note(ctx context.Context, tx *sql.Tx, batch map[string]place) (fresh []string, err error) {
	add, err := tx.PrepareContext(ctx, `INSERT INTO entries (name, seq, time, conversation, size) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`)
	if err != nil {
		return nil, err
	}
	defer add.Close()
	for n, p := range batch {
		r, err := add.ExecContext(ctx, n, int64(p.seq), p.timeMS, p.conversation, p.size)
		if err != nil {
			return nil, err
		}
		if added, err := r.RowsAffected(); err != nil {
			return nil, err
		} else if added > 0 {
			fresh = append(fresh, n)
			continue
		}
		if _, err := tx.ExecContext(ctx, `UPDATE entries SET seq = ?1, time = ?2, conversation = ?3 WHERE name = ?4 AND seq > ?1`,
			int64(p.seq), p.timeMS, p.conversation, n); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// trim forgets what the store no longer keeps, and earlier days.
func (x *index) trim(ctx context.Context) error {
	st, err := x.s.js.Stream(ctx, streamConv)
	if err != nil {
		return fmt.Errorf("read the store: %w", err)
	}
	if err := x.forget(ctx, st.CachedInfo().State.FirstSeq); err != nil {
		return err
	}
	_, err = x.db.ExecContext(ctx, `DELETE FROM used WHERE day < ?`, dayOf(x.s.nowMS())-1)
	return err
}

func (x *index) close() error {
	close(x.quit)
	x.done.Wait()
	x.flush()
	return x.db.Close()
}
