package main

import (
	"database/sql"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// age NAME CONVERSATION DAYS: makes the messages of a host that does not run so much
// older.
func cmdAge(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[2])
	ts.Check(err)
	db, err := sql.Open("sqlite", filepath.Join(theWorld(ts).profile(args[0]), "plugins-data", "im", "messages.db"))
	ts.Check(err)
	defer db.Close()
	r, err := db.Exec(`UPDATE messages SET time = time - ? WHERE conv IN (SELECT n FROM conversations WHERE name = ?)`, int64(days)*86_400_000, args[1])
	ts.Check(err)
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%d rows, %v", n, err)
	}
}
