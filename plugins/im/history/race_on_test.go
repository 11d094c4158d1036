//go:build race

package history

// slow: under the race detector SQLite takes about forty times as long, so tests
// do less of the same and measure no times.
const slow = true
