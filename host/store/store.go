package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors that callers tell apart.
var (
	// ErrFull: the disk (or the limit set with Limit) is full; nothing was changed.
	ErrFull = errors.New("the disk is full: make room, then it goes on by itself")
	// ErrNewer: a newer Switchboard has written this database.
	ErrNewer = errors.New("this profile was used by a newer Switchboard: use that version, or another profile")
	// ErrForeign: the file is a database of another program.
	ErrForeign = errors.New("this file is not a Switchboard store")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("the store is closed")
)

// applicationID marks the file as ours ("SwBd").
const applicationID = 0x53774264

// pageSize is what the size limit counts in; it is SQLite's default.
const pageSize = 4096

// Store is the host's database. Methods are safe for concurrent use.
type Store struct {
	path string
	rdb  *sql.DB // readers; each sees the last commit
	wdb  *sql.DB

	mu     sync.Mutex // held for a whole write transaction
	conn   *sql.Conn  // the one writer
	stmts  map[string]*sql.Stmt
	ids    interned
	closed bool
}

// Open opens or makes the database. A newer schema is refused; an older one is
// copied beside the file before it is migrated.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	s := &Store{path: path, stmts: make(map[string]*sql.Stmt), ids: newInterned()}
	if err := s.open(ctx); err != nil {
		s.shut()
		return nil, fmt.Errorf("open store %s: %w", path, mapError(err))
	}
	return s, nil
}

// touch makes the file with the right mode before SQLite makes it with another.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(5000)"}, pragmas...)}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// quickSync lets this process sync as other builds of SQLite do: what makes the
// data safe, without another write for the time in the file's inode.
func quickSync() error {
	if _, err := sqlite.Fdatasync(true); err != nil && !errors.Is(err, sqlite.ErrFdatasyncUnavailable) {
		return err
	}
	return nil
}

func (s *Store) open(ctx context.Context) error {
	if err := quickSync(); err != nil {
		return err
	}
	var err error
	if s.wdb, err = sql.Open("sqlite", dsn(s.path, "journal_mode(WAL)", "synchronous(FULL)")); err != nil {
		return err
	}
	s.wdb.SetMaxOpenConns(1)
	if s.conn, err = s.wdb.Conn(ctx); err != nil {
		return err
	}
	if err = s.migrate(ctx); err != nil {
		return err
	}
	if s.rdb, err = sql.Open("sqlite", dsn(s.path, "query_only(1)")); err != nil {
		return err
	}
	s.rdb.SetMaxOpenConns(2)
	s.rdb.SetMaxIdleConns(1)
	return s.rdb.PingContext(ctx)
}

// migrate brings the schema up to date, each step in a transaction of its own.
func (s *Store) migrate(ctx context.Context) error {
	version, err := s.pragma(ctx, "user_version")
	if err != nil {
		return err
	}
	app, err := s.pragma(ctx, "application_id")
	if err != nil {
		return err
	}
	switch {
	case app != 0 && app != applicationID, app == 0 && version != 0:
		return ErrForeign
	case version > len(migrations):
		return ErrNewer
	case version == len(migrations):
		return nil
	case version > 0:
		if err := s.copyBefore(ctx, version); err != nil {
			return fmt.Errorf("copy version %d before changing it: %w", version, err)
		}
	}
	for v := version; v < len(migrations); v++ {
		step := fmt.Sprintf("BEGIN IMMEDIATE; %s; PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
			migrations[v], applicationID, v+1)
		if _, err := s.conn.ExecContext(ctx, step); err != nil {
			s.exec("ROLLBACK")
			return fmt.Errorf("to version %d: %w", v+1, err)
		}
	}
	return nil
}

// copyBefore leaves a consistent copy of an old version beside the file.
func (s *Store) copyBefore(ctx context.Context, version int) error {
	to := fmt.Sprintf("%s.v%d", s.path, version)
	if _, err := os.Stat(to); err == nil {
		to = fmt.Sprintf("%s-%s", to, time.Now().UTC().Format("20060102T150405.000"))
	}
	if _, err := s.conn.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return err
	}
	return os.Chmod(to, 0o600)
}

func (s *Store) pragma(ctx context.Context, name string) (n int, err error) {
	err = s.conn.QueryRowContext(ctx, "PRAGMA "+name).Scan(&n)
	return n, err
}

// exec runs a statement whose failure changes nothing for the caller.
func (s *Store) exec(query string) { _, _ = s.conn.ExecContext(context.Background(), query) }

// Limit bounds the size of the database in bytes; reaching it is ErrFull. It
// never shrinks what is there. 0 takes the limit away.
func (s *Store) Limit(bytes int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	pages := bytes / pageSize
	if bytes == 0 {
		pages = 1<<32 - 2
	}
	_, err := s.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count=%d", pages))
	return mapError(err)
}

// Close writes the log back and closes the database.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.shut()
}

func (s *Store) shut() error {
	var errs []error
	if s.rdb != nil {
		errs = append(errs, s.rdb.Close())
	}
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.wdb != nil {
		errs = append(errs, s.wdb.Close())
	}
	return errors.Join(errs...)
}

// Tx is one write transaction; it is valid only inside the function of Update.
type Tx struct {
	s     *Store
	fresh []func() // forgets what was interned, when it is rolled back
}

// Update runs f in one transaction and returns when it is on the disk. When f
// or the commit fails, nothing has changed.
func (s *Store) Update(f func(tx *Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	tx := &Tx{s: s}
	if err := tx.run("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := f(tx)
	if err == nil {
		err = tx.run("COMMIT")
	}
	if err != nil {
		s.exec("ROLLBACK")
		for _, forget := range tx.fresh {
			forget()
		}
	}
	return err
}

// stmt prepares a statement once for the writer.
func (tx *Tx) stmt(query string) (*sql.Stmt, error) {
	if st, ok := tx.s.stmts[query]; ok {
		return st, nil
	}
	st, err := tx.s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, mapError(err)
	}
	tx.s.stmts[query] = st
	return st, nil
}

func (tx *Tx) run(query string, args ...any) error {
	_, err := tx.exec(query, args...)
	return err
}

// exec answers how many rows were changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	st, err := tx.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := st.Exec(args...)
	if err != nil {
		return 0, mapError(err)
	}
	return r.RowsAffected()
}

// row scans the only row of a query; found is false when there is none.
func (tx *Tx) row(query string, args []any, into ...any) (found bool, err error) {
	st, err := tx.stmt(query)
	if err != nil {
		return false, err
	}
	switch err = st.QueryRow(args...).Scan(into...); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, mapError(err)
	}
	return true, nil
}

// query calls each for every row of a read.
func (s *Store) query(ctx context.Context, each func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := s.rdb.QueryContext(ctx, query, args...)
	if err != nil {
		return mapError(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return mapError(err)
		}
	}
	return mapError(rows.Err())
}

// mapError turns SQLite's way of saying that there is no room into ErrFull.
func mapError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case e.Code() == sqlite3.SQLITE_FULL, e.Code() == sqlite3.SQLITE_IOERR_WRITE:
		return fmt.Errorf("%w (%v)", ErrFull, err)
	case e.Code() == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%v)", ErrForeign, err)
	}
	return err
}
