package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/im/wire"
)

func findAll(t testing.TB, s *Store, q Query) string {
	t.Helper()
	var ids []string
	for range 10_000 {
		hits, cursor, err := s.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(hits) > q.Limit {
			t.Fatalf("%d hits", len(hits))
		}
		for _, h := range hits {
			ids = append(ids, h.ID)
		}
		if q.Cursor = cursor; cursor == "" {
			return strings.Join(ids, " ")
		}
	}
	t.Fatal("the search does not end")
	return ""
}

func one(words ...string) []Term {
	var out []Term
	for _, w := range words {
		out = append(out, Term{Text: strings.TrimPrefix(w, "="), Phrase: strings.HasPrefix(w, "=")})
	}
	return out
}

func TestFind(t *testing.T) {
	s, l := openLog(t)
	ctx := t.Context()
	room := must(s.Log(ctx, "room.x", "im"))(t)
	at := func(n int64, id, from, body string) Entry {
		e := text(n, id, from, body)
		e.Time = n * 86_400_000
		return e
	}
	must(l.Apply(ctx, []Entry{at(1, "a", alice, "the Grüne cable"), at(2, "b", bob, "a red cable http://x.y"), at(3, "c", bob, "東京都 👍")}))(t)
	pic := at(5, "p", alice, "")
	pic.Body.Picture.Hash = strings.Repeat("0a", 32)
	pic.Body.Picture.Type, pic.Body.Picture.Width, pic.Body.Picture.Height, pic.Body.Picture.Bytes = "image/png", 1, 1, 1
	must(room.Apply(ctx, []Entry{at(4, "d", bob, "cable red, no picture: me@x"), pic, at(6, "e", alice, "gone cable"),
		{ID: "x", From: alice, Seq: 7, Body: wire.Body{Kind: wire.Delete, Target: "e"}}}))(t)
	day := int64(86_400_000)
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Terms: one("cable")}, "d b a"},
		{Query{Terms: one("cab")}, "d b a"},
		{Query{Terms: one("=cab")}, ""},
		{Query{Terms: one("=red cable")}, "b"},
		{Query{Terms: one("red", "cable")}, "d b"},
		{Query{Terms: one("grune")}, "a"},
		{Query{Terms: one("京都")}, "c"},
		{Query{Terms: one("👍")}, "c"},
		{Query{Terms: one("cable"), From: []string{bob}}, "d b"},
		{Query{Terms: one("cable"), Conversations: []string{"dm.alice.bob"}}, "b a"},
		{Query{Terms: one("cable"), Conversations: []string{"room.none"}}, ""},
		{Query{Terms: one("cable"), Before: 2 * day}, "a"},
		{Query{Terms: one("cable"), After: 2 * day, Before: 4 * day}, "b"},
		{Query{After: 3 * day}, "p d c"},
		{Query{Picture: true}, "p"},
		{Query{Link: true}, "d b"},
		{Query{From: []string{alice}}, "p a"},
		{Query{Terms: one("\x00")}, ""},
	} {
		for _, limit := range []int{1, 2, 50} {
			c.q.Limit = limit
			if got := findAll(t, s, c.q); got != c.want {
				t.Errorf("%+v: %q, want %q", c.q, got, c.want)
			}
		}
	}
	for _, cursor := range []string{"x", "1:", "9:9", "-1:3", ":"} {
		if _, _, err := s.Find(ctx, Query{Terms: one("cable"), Limit: 1, Cursor: cursor}); err == nil {
			t.Errorf("the cursor %q is taken", cursor)
		}
	}
}

// TestFindOutOfOrder: rows whose numbers do not follow the time are found all the
// same when the time is bounded.
func TestFindOutOfOrder(t *testing.T) {
	s, l := openLog(t)
	var entries []Entry
	for i := range int64(200) {
		e := text(i+1, fmt.Sprint("m", i), bob, "cable")
		e.Time = (i*37)%200*1000 + 1
		entries = append(entries, e)
	}
	must(l.Apply(t.Context(), entries))(t)
	got := strings.Fields(findAll(t, s, Query{Terms: one("cable"), After: 50_001, Before: 100_001, Limit: 7}))
	if slices.Sort(got); len(slices.Compact(got)) != 50 {
		t.Errorf("%d of 50 found", len(got))
	}
}

// fillWords writes n messages of two conversations with words that are rare and
// words that are in every one, and makes the index.
func fillWords(t testing.TB, s *Store, l *Log, n int) {
	t.Helper()
	for _, q := range []string{
		`PRAGMA synchronous = off`, `DROP TRIGGER words_insert`,
		`INSERT INTO conversations (name, session) VALUES ('room.x', 'im')`,
		fmt.Sprintf(`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < %d)
			INSERT INTO messages (conv, pos, id, sender, device, time, kind, text, picture)
			SELECT iif(i %% 10, %d, (SELECT max(n) FROM conversations)), i, 'id' || i, iif(i %% 1000 = 7, 'carol@lab', iif(i %% 3, 'bob@lab', 'alice@lab')), 'd', i * 60000, 1,
				'message about topic' || (i %% 5000) || ' and number ' || i || iif(i %% 10000 = 5, ' https://x.example', ''), iif(i %% 20000 = 9, 'p', '') FROM c`, n, l.conv),
		`INSERT INTO words (words) VALUES ('rebuild')`,
	} {
		if _, err := s.write.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFindInAMillion: p95 of what people look for is at most 50 ms.
func TestFindInAMillion(t *testing.T) {
	many := 1_000_000
	if slow {
		many = 10_000
	}
	s, l := openLog(t)
	fillWords(t, s, l, many)
	day := func(share int) int64 { return int64(many) / 100 * int64(share) * 60000 }
	queries := map[string]Query{
		"rare word":       {Terms: one(fmt.Sprint("=", many/2))},
		"word of all":     {Terms: one("=message")},
		"beginning of it": {Terms: one("mes")},
		"long beginning":  {Terms: one("messag")},
		"one letter":      {Terms: one("m")},
		"topic":           {Terms: one("=topic77")},
		"two words":       {Terms: one("message", "topic77")},
		"phrase":          {Terms: one("=topic77 and number")},
		"rare author":     {Terms: one("=message"), From: []string{"carol@lab"}},
		"in":              {Terms: one("=message"), Conversations: []string{"room.x"}},
		"before":          {Terms: one("=message"), Before: day(30)},
		"between":         {Terms: one("=message"), After: day(30), Before: day(31)},
		"pictures":        {Picture: true},
		"links":           {Link: true},
		"nothing":         {Terms: one("absent")},
		"nobody":          {Terms: one("=message"), From: []string{"nobody@lab"}},
	}
	for i := range 12 {
		queries[fmt.Sprint("a word ", i)] = Query{Terms: one(fmt.Sprint("=topic", i*397))}
	}
	var all []time.Duration
	for name, q := range queries {
		q.Limit = 50
		var runs []time.Duration
		for range 5 {
			begun := time.Now()
			hits, _, err := s.Find(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, time.Since(begun))
			if (name == "nothing" || name == "nobody") != (len(hits) == 0) {
				t.Errorf("%s: %d hits", name, len(hits))
			}
		}
		slices.Sort(runs)
		t.Logf("%-16s %v to %v", name, runs[0], runs[4])
		if name != "nobody" { // all rows are looked at, for as long as that may take
			all = append(all, runs[2])
		} else if !slow && runs[2] > 2*searchPause {
			t.Errorf("looking for nothing takes %v", runs[2])
		}
	}
	slices.Sort(all)
	p95 := all[len(all)*95/100]
	t.Logf("p95 over %d messages: %v", many, p95)
	if !slow && p95 > 50*time.Millisecond {
		t.Errorf("p95 is %v", p95)
	}
}

// FuzzFind: no query breaks the statement, and it ends.
func FuzzFind(f *testing.F) {
	f.Add(`a "b" NEAR(c, 2) * ^x`, "0:5", int64(0), int64(9))
	f.Add("\x00", "", int64(-1), int64(1))
	s, l := openLog(f)
	must(l.Apply(f.Context(), []Entry{text(1, "a", alice, "NEAR the cable"), text(2, "b", bob, "x * y")}))(f)
	f.Fuzz(func(t *testing.T, term, cursor string, after, before int64) {
		for _, phrase := range []bool{true, false} {
			_, _, err := s.Find(t.Context(), Query{Terms: []Term{{Text: term, Phrase: phrase}, {Text: "c"}}, After: after, Before: before,
				From: []string{term}, Conversations: []string{term}, Limit: 3, Cursor: cursor})
			if err != nil && err != ErrCursor {
				t.Fatalf("%q: %v", term, err)
			}
		}
	})
}
