package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// ErrNewer says that the file was written by a later version of the program.
var ErrNewer = errors.New("the message history was written by a newer version of Switchboard; install that version to open it")

// migrations bring a file from version i to i+1. Append only.
var migrations = []string{`
CREATE TABLE conversations (
	n        INTEGER PRIMARY KEY,
	name     TEXT NOT NULL,
	session  TEXT NOT NULL,
	position INTEGER NOT NULL DEFAULT 0,
	UNIQUE (name, session)
);
CREATE TABLE messages (
	n        INTEGER PRIMARY KEY,
	conv     INTEGER NOT NULL,
	pos      INTEGER NOT NULL,
	id       TEXT NOT NULL,
	sender   TEXT NOT NULL,
	device   TEXT NOT NULL,
	time     INTEGER NOT NULL,
	kind     INTEGER NOT NULL,
	state    INTEGER NOT NULL DEFAULT 0,
	edited   INTEGER NOT NULL DEFAULT 0,
	deleted  INTEGER NOT NULL DEFAULT 0,
	reply_to TEXT NOT NULL DEFAULT '',
	reason   TEXT NOT NULL DEFAULT '',
	text     TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX messages_pos ON messages (conv, pos);
CREATE UNIQUE INDEX messages_id ON messages (conv, id);
CREATE INDEX messages_reply ON messages (conv, reply_to) WHERE reply_to <> '';
CREATE TABLE changes (
	n      INTEGER PRIMARY KEY AUTOINCREMENT,
	conv   INTEGER NOT NULL,
	id     TEXT NOT NULL,
	target TEXT NOT NULL,
	kind   INTEGER NOT NULL,
	time   INTEGER NOT NULL,
	done   INTEGER NOT NULL DEFAULT 0,
	reason TEXT NOT NULL DEFAULT '',
	text   TEXT NOT NULL DEFAULT '',
	UNIQUE (conv, id)
);
CREATE INDEX changes_open ON changes (conv) WHERE done = 0;
CREATE TABLE cursors (
	conv INTEGER NOT NULL,
	who  TEXT NOT NULL,
	key  TEXT NOT NULL,
	seq  INTEGER NOT NULL,
	PRIMARY KEY (conv, who, key)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (
	text, content = 'messages', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER words_insert AFTER INSERT ON messages WHEN new.text <> '' BEGIN
	INSERT INTO words (rowid, text) VALUES (new.n, new.text);
END;
CREATE TRIGGER words_delete AFTER DELETE ON messages WHEN old.text <> '' BEGIN
	INSERT INTO words (words, rowid, text) VALUES ('delete', old.n, old.text);
END;
CREATE TRIGGER words_update AFTER UPDATE OF text ON messages WHEN old.text <> new.text BEGIN
	INSERT INTO words (words, rowid, text) SELECT 'delete', old.n, old.text WHERE old.text <> '';
	INSERT INTO words (rowid, text) SELECT new.n, new.text WHERE new.text <> '';
END;
`, `
DROP TABLE words; -- beginnings of words are looked up, not gathered from every word that has them
CREATE VIRTUAL TABLE words USING fts5 (
	text, content = 'messages', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
INSERT INTO words (words) VALUES ('rebuild');
`, `
ALTER TABLE conversations ADD COLUMN editing TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN draft TEXT NOT NULL DEFAULT '';
`, `
ALTER TABLE messages ADD COLUMN mention INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN event TEXT NOT NULL DEFAULT '';
CREATE INDEX messages_event ON messages (conv, pos) WHERE kind = 100;
`, `
ALTER TABLE messages ADD COLUMN picture TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN picture TEXT NOT NULL DEFAULT '';
`, `
ALTER TABLE conversations ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
`, `
ALTER TABLE messages ADD COLUMN forwarded TEXT NOT NULL DEFAULT '';   -- whose it was: address, line feed, name
ALTER TABLE messages ADD COLUMN edit_time INTEGER NOT NULL DEFAULT 0; -- of the last edit, 0 where it was not kept
ALTER TABLE messages ADD COLUMN reactions INTEGER NOT NULL DEFAULT 0; -- rows of the table below, kept by its triggers
CREATE TABLE reactions (
	conv   INTEGER NOT NULL,
	target TEXT NOT NULL,
	emoji  TEXT NOT NULL,
	who    TEXT NOT NULL,
	pos    INTEGER NOT NULL,
	PRIMARY KEY (conv, target, emoji, who)
) WITHOUT ROWID;
CREATE INDEX reactions_pos ON reactions (conv, pos);
CREATE TRIGGER reactions_insert AFTER INSERT ON reactions BEGIN
	UPDATE messages SET reactions = reactions + 1 WHERE conv = new.conv AND id = new.target;
END;
CREATE TRIGGER reactions_delete AFTER DELETE ON reactions BEGIN
	UPDATE messages SET reactions = reactions - 1 WHERE conv = old.conv AND id = old.target;
END;
CREATE TRIGGER reactions_gone AFTER DELETE ON messages WHEN old.reactions > 0 BEGIN
	DELETE FROM reactions WHERE conv = old.conv AND target = old.id;
END;
CREATE TRIGGER reactions_emptied AFTER UPDATE OF deleted ON messages WHEN new.deleted = 1 AND new.reactions > 0 BEGIN
	DELETE FROM reactions WHERE conv = new.conv AND target = new.id;
END;
CREATE TABLE moves (
	conv INTEGER NOT NULL,
	who  TEXT NOT NULL,
	key  TEXT NOT NULL,
	seq  INTEGER NOT NULL,
	time INTEGER NOT NULL,
	PRIMARY KEY (conv, who, key, seq)
) WITHOUT ROWID;
`, `
ALTER TABLE messages ADD COLUMN imported INTEGER NOT NULL DEFAULT 0;      -- from a file, not from the network
ALTER TABLE conversations ADD COLUMN imported INTEGER NOT NULL DEFAULT 0; -- highest place of such a row
ALTER TABLE conversations ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;    -- up to here rows were removed because of their age
`, `
ALTER TABLE messages ADD COLUMN place INTEGER NOT NULL DEFAULT 0; -- of own rows: what was last in the order when they were written
UPDATE messages SET place = coalesce((SELECT m.pos FROM messages m WHERE m.conv = messages.conv AND m.pos < 1 << 62 AND m.time <= messages.time
	ORDER BY m.pos DESC LIMIT 1), 0) WHERE pos >= 1 << 62;
CREATE INDEX messages_failed ON messages (conv, place, pos) WHERE state = 2;
CREATE INDEX messages_waiting ON messages (conv, pos) WHERE state = 1;
CREATE TABLE orphans ( -- what was said of messages that are not here: of each kind and person the last
	conv   INTEGER NOT NULL,
	target TEXT NOT NULL,
	kind   INTEGER NOT NULL,
	emoji  TEXT NOT NULL,
	who    TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	time   INTEGER NOT NULL,
	active INTEGER NOT NULL,
	text   TEXT NOT NULL,
	PRIMARY KEY (conv, target, kind, emoji, who)
) WITHOUT ROWID;
CREATE INDEX orphans_seq ON orphans (conv, kind, seq);
ALTER TABLE conversations ADD COLUMN sending TEXT NOT NULL DEFAULT ''; -- messages that are being made of what was attached
`}

// Store is the open file. Its methods and those of its Logs may be called from
// any goroutine.
type Store struct {
	write, read *sql.DB
	path        string
	stmts       statements
}

// Open opens the history in dir, making or migrating it as needed.
func Open(ctx context.Context, dir string) (*Store, error) {
	path := filepath.Join(dir, "messages.db")
	s := &Store{path: path}
	var err error
	if s.write, err = connect(path, 1, false); err != nil {
		return nil, err
	}
	if err = s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.read, err = connect(path, 2, true); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err = s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close ends it. Everything that was answered is on disk already.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// connect opens the file for one writer or for several readers. Temporary data
// stays in memory: a plugin may write nowhere but in its own folder.
func connect(path string, conns int, readOnly bool) (*sql.DB, error) {
	q := url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "temp_store(memory)",
		"cache_size(-4096)", "secure_delete(fast)", "trusted_schema(off)",
	}}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	} else {
		q.Set("_txlock", "immediate")
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("open message history %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// migrate brings the file to this program's version; an older file is copied
// first, a newer one is left alone.
func (s *Store) migrate(ctx context.Context) error {
	var version int
	if err := s.write.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read message history %s: %w", s.path, err)
	}
	switch {
	case version > len(migrations):
		return fmt.Errorf("open message history: %w", ErrNewer)
	case version == len(migrations):
		return nil
	case version > 0:
		saved := s.path + ".v" + strconv.Itoa(version)
		if err := os.Remove(saved); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("copy message history: %w", err)
		}
		if _, err := s.write.ExecContext(ctx, `VACUUM INTO ?`, saved); err != nil {
			return fmt.Errorf("copy message history before changing it: %w", err)
		}
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate message history: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	for _, m := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, m); err != nil {
			return fmt.Errorf("migrate message history: %w", err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, len(migrations))); err != nil {
		return fmt.Errorf("migrate message history: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migrate message history: %w", err)
	}
	return nil
}
