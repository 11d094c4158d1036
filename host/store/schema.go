package store

// migrations is append-only: entry n takes a database from version n to n+1.
// What was released is never edited.
var migrations = []string{schema1, schema2, schema3, schema4, schema5}

// An envelope's rowid is conversation<<seqBits | seq: one tree, already in the
// order in which everything reads it.
const seqBits = 40

const schema1 = `
CREATE TABLE conversations (
	cid      INTEGER PRIMARY KEY,
	id       TEXT NOT NULL UNIQUE,
	cursor   INTEGER NOT NULL DEFAULT 0,
	skipped  INTEGER NOT NULL DEFAULT 0,
	pinned   INTEGER NOT NULL DEFAULT 0,
	muted    INTEGER NOT NULL DEFAULT 0,
	archived INTEGER NOT NULL DEFAULT 0,
	time_ms  INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE authors (
	aid     INTEGER PRIMARY KEY,
	address TEXT NOT NULL,
	device  TEXT NOT NULL,
	UNIQUE (address, device)
);
CREATE TABLE sessions (
	sid        INTEGER PRIMARY KEY,
	cid        INTEGER NOT NULL,
	id         TEXT NOT NULL,
	plugin     TEXT NOT NULL,
	fold       BLOB,
	open       INTEGER NOT NULL DEFAULT 1,
	held       INTEGER NOT NULL DEFAULT 0,
	acked      INTEGER NOT NULL DEFAULT 0,
	updated_ms INTEGER NOT NULL DEFAULT 0,
	UNIQUE (cid, id)
);
CREATE TABLE envelopes (
	rid      INTEGER PRIMARY KEY,
	sid      INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	kind     INTEGER NOT NULL,
	aid      INTEGER NOT NULL,
	id       TEXT NOT NULL,
	time_ms  INTEGER NOT NULL,
	protocol INTEGER NOT NULL,
	body     BLOB
);
CREATE UNIQUE INDEX envelopes_id ON envelopes (sid, aid, id);
CREATE INDEX envelopes_session ON envelopes (sid, seq);
CREATE TABLE outbox (
	oid       INTEGER PRIMARY KEY AUTOINCREMENT,
	cid       INTEGER NOT NULL,
	id        TEXT NOT NULL UNIQUE,
	session   TEXT NOT NULL,
	plugin    TEXT NOT NULL,
	protocol  INTEGER NOT NULL,
	kind      INTEGER NOT NULL,
	priority  INTEGER NOT NULL,
	body      BLOB,
	action_id TEXT NOT NULL,
	time_ms   INTEGER NOT NULL,
	state     INTEGER NOT NULL,
	seq       INTEGER NOT NULL DEFAULT 0,
	sent_ms   INTEGER NOT NULL DEFAULT 0,
	reason    TEXT NOT NULL DEFAULT '',
	ended     INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX outbox_session ON outbox (cid, session, state);
CREATE TABLE made (
	cid       INTEGER NOT NULL,
	session   TEXT NOT NULL,
	action_id TEXT NOT NULL,
	ordinal   INTEGER NOT NULL,
	id        TEXT NOT NULL,
	time_ms   INTEGER NOT NULL,
	PRIMARY KEY (cid, session, action_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX made_time ON made (time_ms);
CREATE TABLE actions (
	aid      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	cid      INTEGER NOT NULL,
	session  TEXT NOT NULL,
	plugin   TEXT NOT NULL,
	node     TEXT NOT NULL,
	kind     INTEGER NOT NULL,
	value    TEXT NOT NULL,
	list     TEXT NOT NULL,
	item     TEXT NOT NULL,
	revision INTEGER NOT NULL,
	time_ms  INTEGER NOT NULL
);
CREATE TABLE states (
	cid     INTEGER NOT NULL,
	session TEXT NOT NULL,
	plugin  TEXT NOT NULL,
	author  TEXT NOT NULL,
	key     TEXT NOT NULL,
	scope   INTEGER NOT NULL,
	value   BLOB,
	time_ms INTEGER NOT NULL,
	dirty   INTEGER NOT NULL,
	PRIMARY KEY (cid, session, author, key)
) WITHOUT ROWID;
CREATE INDEX states_dirty ON states (dirty) WHERE dirty <> 0;
CREATE TABLE editors (
	cid     INTEGER NOT NULL,
	session TEXT NOT NULL,
	node    TEXT NOT NULL,
	text    TEXT NOT NULL,
	PRIMARY KEY (cid, session, node)
) WITHOUT ROWID;
CREATE TABLE summaries (
	cid      INTEGER NOT NULL,
	session  TEXT NOT NULL,
	plugin   TEXT NOT NULL,
	text     TEXT NOT NULL,
	author   TEXT NOT NULL,
	time_ms  INTEGER NOT NULL,
	seq      INTEGER NOT NULL,
	unread   INTEGER NOT NULL,
	mentions INTEGER NOT NULL,
	draft    TEXT NOT NULL,
	alerted  INTEGER NOT NULL,
	PRIMARY KEY (cid, session)
) WITHOUT ROWID;
CREATE TABLE compacts (
	cid     INTEGER NOT NULL,
	session TEXT NOT NULL,
	plugin  TEXT NOT NULL,
	node    BLOB NOT NULL,
	PRIMARY KEY (cid, session)
);
CREATE TABLE contacts (
	address TEXT PRIMARY KEY,
	contact BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE kv (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
`

// Groups as they were last known, offline too.
const schema2 = `
CREATE TABLE groups (
	id   TEXT PRIMARY KEY,
	data BLOB NOT NULL
) WITHOUT ROWID;
`

// An own entry is written before anybody is answered, so its row costs two pages
// and no more: its numbers only order the rows that are there, and the few
// readers by session look at all rows, of which bodies stand last.
const schema3 = `
CREATE TABLE queue (
	oid       INTEGER PRIMARY KEY,
	cid       INTEGER NOT NULL,
	id        TEXT NOT NULL UNIQUE,
	session   TEXT NOT NULL,
	plugin    TEXT NOT NULL,
	protocol  INTEGER NOT NULL,
	kind      INTEGER NOT NULL,
	priority  INTEGER NOT NULL,
	action_id TEXT NOT NULL,
	time_ms   INTEGER NOT NULL,
	state     INTEGER NOT NULL,
	seq       INTEGER NOT NULL DEFAULT 0,
	sent_ms   INTEGER NOT NULL DEFAULT 0,
	reason    TEXT NOT NULL DEFAULT '',
	ended     INTEGER NOT NULL DEFAULT 0,
	body      BLOB
);
INSERT INTO queue (oid, cid, id, session, plugin, protocol, kind, priority, action_id, time_ms, state, seq, sent_ms, reason, ended, body)
	SELECT oid, cid, id, session, plugin, protocol, kind, priority, action_id, time_ms, state, seq, sent_ms, reason, ended, body FROM outbox;
DROP TABLE outbox;
ALTER TABLE queue RENAME TO outbox;
`

// The beginning of a conversation may have been dropped by the network before this
// device first read it.
const schema4 = `
ALTER TABLE conversations ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
`

// An action may name items of another session.
const schema5 = `
ALTER TABLE actions ADD COLUMN source BLOB;
`
