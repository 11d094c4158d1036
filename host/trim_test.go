package main

import (
	"database/sql"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // to change a profile as time would
)

// trim NAME CONVERSATION TEXT: makes the profile of a host that does not run as if
// it had come when the network no longer kept what is above the message TEXT.
func cmdTrim(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	change := func(file string, statements ...string) {
		db, err := sql.Open("sqlite", filepath.Join(w.profile(args[0]), file))
		ts.Check(err)
		defer db.Close()
		for _, s := range statements {
			r, err := db.Exec(s, args[1], args[len(args)-1])
			ts.Check(err)
			if n, err := r.RowsAffected(); err != nil || n == 0 {
				ts.Fatalf("%s: %d rows, %v", s, n, err)
			}
		}
	}
	change("store.db", "UPDATE conversations SET trimmed=1 WHERE id=?1 AND ?2<>''")
	change(filepath.Join("plugins-data", "im", "messages.db"), `DELETE FROM messages WHERE conv IN (SELECT n FROM conversations WHERE name=?1)
		AND pos < (SELECT pos FROM messages WHERE text=?2)`)
}
