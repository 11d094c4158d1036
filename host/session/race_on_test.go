//go:build race

package session

// slow: under the race detector SQLite takes about forty times as long.
const slow = true
