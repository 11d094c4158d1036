package history

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"switchboard/plugins/im/wire"
)

// Bounds of a search.
const (
	searchTime  = 25 * time.Millisecond // when something was found, no more is looked for
	searchPause = 1500 * time.Millisecond
	pulse       = 512 // of so many rows one is looked at only to see how late it is
	maxTerms    = 32
)

// Term is a word, or a phrase whose words follow each other.
type Term struct {
	Text   string
	Phrase bool
}

// Query is what is looked for in all conversations; all of it must hold.
type Query struct {
	Terms               []Term
	After, Before       int64 // Unix ms; 0 for no bound
	Picture, Link       bool
	Conversations, From []string // empty for all
	Limit               int
	Cursor              string
}

// Hit is a message that was found.
type Hit struct {
	Row
	Conversation, Session string
}

// ErrCursor says that a cursor is none that was given.
var ErrCursor = errors.New("the place in the search is not one that was given")

// span is a range of numbers of rows, newest at its high end.
type span struct{ lo, hi int64 }

const (
	lowest  = -1 << 62
	highest = 1<<62 - 1
)

// Find looks for messages, newest first, as they came to this computer. It stops at
// the limit, or after a moment when it has something; the cursor, empty at the end,
// goes on from there. Its time is linear in what is kept, and it ends with ctx.
func (s *Store) Find(ctx context.Context, q Query) (hits []Hit, cursor string, err error) {
	spans, err := s.searchSpans(ctx, q)
	if err != nil {
		return nil, "", err
	}
	at := 0
	if q.Cursor != "" {
		if at, err = resume(spans, q.Cursor); err != nil {
			return nil, "", err
		}
	}
	f, err := newFinder(q)
	if err != nil || f.nothing {
		return nil, "", err
	}
	begun := time.Now()
	for ; at < len(spans); at++ {
		more, next, err := s.look(ctx, f, spans[at], q.Limit-len(hits), func(found int) bool {
			since := time.Since(begun)
			return len(hits)+found > 0 && since > searchTime || since > searchPause
		})
		if err != nil {
			return nil, "", err
		}
		hits = append(hits, more...)
		if next >= spans[at].lo {
			return hits, fmt.Sprintf("%d:%d", at, next), nil
		}
		if at+1 < len(spans) && len(hits) >= q.Limit {
			return hits, fmt.Sprintf("%d:%d", at+1, spans[at+1].hi), nil
		}
	}
	return hits, "", nil
}

// searchSpans are the ranges of rows in the order in which they are looked at. Rows
// mostly have their numbers by time: of a bounded time the likely range comes first.
func (s *Store) searchSpans(ctx context.Context, q Query) ([]span, error) {
	lo, hi := int64(lowest), int64(highest)
	for _, b := range []struct {
		time int64
		n    *int64
		off  int64
	}{{q.After, &lo, 0}, {q.Before, &hi, -1}} {
		if b.time == 0 {
			continue
		}
		n, err := s.numberAt(ctx, b.time)
		if err != nil {
			return nil, err
		}
		*b.n = n + b.off
	}
	out := []span{{lo, hi}}
	if hi < highest {
		out = append(out, span{hi + 1, highest})
	}
	if lo > lowest {
		out = append(out, span{lowest, min(lo-1, hi)})
	}
	return out, nil
}

// numberAt is about the number of the first row of a time.
func (s *Store) numberAt(ctx context.Context, ms int64) (int64, error) {
	var first, last int64
	err := s.read.QueryRowContext(ctx, `SELECT coalesce((SELECT min(n) FROM messages), 0), coalesce((SELECT max(n) FROM messages), 0)`).Scan(&first, &last)
	if err != nil {
		return 0, fmt.Errorf("search messages: %w", err)
	}
	for last++; first < last; {
		middle := first + (last-first)/2
		var n, at int64
		err := s.read.QueryRowContext(ctx, `SELECT n, time FROM messages WHERE n >= ? ORDER BY n LIMIT 1`, middle).Scan(&n, &at)
		if err != nil {
			return 0, fmt.Errorf("search messages: %w", err)
		}
		if at >= ms {
			last = middle
		} else {
			first = n + 1
		}
	}
	return first, nil
}

func resume(spans []span, cursor string) (int, error) {
	which, number, ok := strings.Cut(cursor, ":")
	at, err1 := strconv.Atoi(which)
	n, err2 := strconv.ParseInt(number, 10, 64)
	if !ok || err1 != nil || err2 != nil || at < 0 || at >= len(spans) {
		return 0, ErrCursor
	}
	spans[at].hi = min(spans[at].hi, n)
	return at, nil
}

// finder is a query as SQL.
type finder struct {
	source  string // numbers of rows, highest first
	match   []any
	where   string
	args    []any
	link    bool
	nothing bool // no row can fit
}

func newFinder(q Query) (*finder, error) {
	f := &finder{link: q.Link, source: `SELECT n AS r FROM messages WHERE n BETWEEN ? AND ? ORDER BY n DESC`}
	var where []string
	add := func(clause string, args ...any) {
		where, f.args = append(where, clause), append(f.args, args...)
	}
	add(`m.deleted = 0 AND m.kind = ?`, wire.Text)
	match := f.terms(q.Terms, add)
	if match != "" {
		f.source = `SELECT rowid AS r FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC`
		f.match = []any{match}
	} else if len(q.Terms) > 0 && len(f.args) == 1 {
		f.nothing = true
	}
	if q.After != 0 {
		add(`m.time >= ?`, q.After)
	}
	if q.Before != 0 {
		add(`m.time < ?`, q.Before)
	}
	if q.Picture {
		add(`m.picture <> ''`)
	}
	if q.Link {
		add(`(instr(m.text, '://') > 0 OR instr(m.text, ':') > 0 AND instr(m.text, '@') > 0)`)
	}
	for column, list := range map[string][]string{"m.sender": q.From, "c.name": q.Conversations} {
		if len(list) > 0 {
			args := make([]any, len(list))
			for i, v := range list {
				args[i] = v
			}
			add(column+` IN (?`+strings.Repeat(`, ?`, len(list)-1)+`)`, args...)
		}
	}
	f.where = strings.Join(where, " AND ")
	return f, nil
}

// terms makes the text of a MATCH. What the index of words does not know is looked
// for in the text itself: signs, emoji, and scripts without spaces.
func (f *finder) terms(terms []Term, add func(string, ...any)) string {
	var words []string
	for i, t := range terms[:min(len(terms), maxTerms)] {
		text := strings.TrimSpace(strings.ReplaceAll(t.Text, "\x00", " "))
		switch {
		case text == "":
		case !Indexed(text):
			add(`instr(m.text, ?) > 0`, text)
		default:
			word := `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
			if i == len(terms)-1 && !t.Phrase {
				word += "*"
			}
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// Indexed says whether the index of words finds a text.
func Indexed(text string) bool {
	letters := false
	for _, r := range text {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			return false
		}
		letters = letters || unicode.IsLetter(r) || unicode.IsNumber(r)
	}
	return letters
}

// look reads a range from its high end until there are enough, or until it is told to
// stop, which is asked now and then; next is where to go on, below the range at its end.
func (s *Store) look(ctx context.Context, f *finder, in span, limit int, stop func(found int) bool) (hits []Hit, next int64, err error) {
	args := append(append(append([]any{}, f.args...), f.match...), in.lo, in.hi)
	args = append(append(args, f.args...), pulse)
	found, err := s.read.QueryContext(ctx, `SELECT m.n, `+f.where+`, c.name, c.session, `+prefixed+`
		FROM (`+f.source+`) JOIN messages m ON m.n = r JOIN conversations c ON c.n = m.conv
		WHERE `+f.where+` OR m.n % ? = 0 ORDER BY r DESC`, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("search messages: %w", err)
	}
	defer found.Close()
	for found.Next() {
		var n int64
		var fits bool
		h := Hit{}
		if h.Row, err = scanRow(behind{found, []any{&n, &fits, &h.Conversation, &h.Session}}); err != nil {
			return nil, 0, fmt.Errorf("search messages: %w", err)
		}
		if fits {
			hits = append(hits, h)
		}
		if len(hits) >= limit || stop(len(hits)) {
			return hits, n - 1, nil
		}
	}
	if err := found.Err(); err != nil {
		return nil, 0, fmt.Errorf("search messages: %w", err)
	}
	return hits, in.lo - 1, nil
}

// behind scans a row's columns behind others.
type behind struct {
	rows  scanner
	first []any
}

// Scan is part of scanner.
func (b behind) Scan(columns ...any) error { return b.rows.Scan(append(b.first, columns...)...) }
