// Package store keeps on disk what passes between plugins and what a host must
// remember: one SQLite database in WAL mode with synchronous=FULL, one writer.
//
// It owns the schema, its migrations and the transactions. It must not know
// what an entry means: folding, deduplication policy and delivery belong to
// host/session.
package store
