package history

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// fill writes n messages as fast as SQLite can, without the word index.
func fill(t testing.TB, s *Store, l *Log, n int) {
	t.Helper()
	for _, q := range []string{
		`DROP TRIGGER words_insert`,
		fmt.Sprintf(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < %d)
			INSERT INTO messages (conv, pos, id, sender, device, time, kind, text)
			SELECT %d, i, 'id' || i, iif(i %% 3, 'bob@lab', 'alice@lab'), 'd', i * 60000, 1, 'message number ' || i FROM c`, n, l.conv),
	} {
		if _, err := s.write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyRowsAreReadByPosition(t *testing.T) {
	many := 300_000
	if slow {
		many = 10_000
	}
	s, l := openLog(t)
	fill(t, s, l, many)
	ctx := t.Context()
	var all []time.Duration
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		id := fmt.Sprint("id", 1+rng.IntN(many))
		start := time.Now()
		r := must(l.Row(ctx, id))(t)
		rows, _, _, err := l.Window(ctx, r.Place(), 100, 100)
		if err != nil || len(rows) < 100 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		all = append(all, time.Since(start))
	}
	slices.Sort(all)
	most := all[len(all)*9/10] // the slowest few may have waited for other programs
	t.Logf("nine of ten windows of 200 rows in %d within %v", many, most)
	if !slow && most > 100*time.Millisecond {
		t.Errorf("a window took %v", most)
	}
	start := time.Now()
	if n, first, err := l.Unread(ctx, alice, 10); n != min(many-10-(many/3-3), MaxUnread) || first != "id11" || err != nil {
		t.Errorf("unread %d from %q, %v", n, first, err)
	}
	must(l.LastEditable(ctx, "nobody"))(t)
	must(l.LastIncoming(ctx, "nobody"))(t)
	if ids, more, err := l.Mine(ctx, "nobody", 0, int64(many), 200); len(ids) != 0 || !more || err != nil {
		t.Errorf("mine %v %v %v", ids, more, err)
	}
	if took := time.Since(start); !slow && took > 100*time.Millisecond {
		t.Errorf("counting took %v", took)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`a "b" NEAR(c, 2) * ^x`)
	f.Add("\x00")
	_, l := openLog(f)
	f.Fuzz(func(t *testing.T, q string) {
		if _, err := l.Search(t.Context(), q, 1); err != nil {
			t.Fatalf("%q: %v", q, err)
		}
	})
}
