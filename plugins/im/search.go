package im

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

const (
	hitBefore = 100       // bytes of a text before what was found in it
	markBytes = 256 << 10 // of a text in which it is looked for what to mark
)

// Search looks for messages in all conversations.
func (p *Plugin) Search(ctx context.Context, q sdk.Query) (sdk.Found, error) {
	h := history.Query{Picture: q.Picture, Link: q.Link, Conversations: q.Conversations, From: q.From, Limit: q.Limit, Cursor: q.Cursor}
	if !q.After.IsZero() {
		h.After = q.After.UnixMilli()
	}
	if !q.Before.IsZero() {
		h.Before = q.Before.UnixMilli()
	}
	for _, t := range q.Terms {
		h.Terms = append(h.Terms, history.Term(t))
	}
	var out sdk.Found
	// What only looked like a link is passed over, so a page may be empty: it is not
	// the end while there is a cursor.
	hits, cursor, err := p.store.Find(ctx, h)
	if errors.Is(err, history.ErrCursor) {
		return out, sdk.Errorf(contractv1.Error_INVALID, "The place in the search is not one that was given.")
	}
	if err != nil {
		return out, err
	}
	out.Cursor = cursor
	// Rows come as they came here, which is not by time where a file was imported.
	slices.SortStableFunc(hits, func(x, y history.Hit) int { return cmp.Compare(y.Time, x.Time) })
	for i := range hits {
		r := &hits[i]
		if q.Link && !hasLink(r.Text) {
			continue
		}
		text, marks := excerpt(r.Text, q.Terms)
		out.Hits = append(out.Hits, sdk.Hit{Conversation: r.Conversation, Session: r.Session, Key: r.ID, From: r.From,
			Time: time.UnixMilli(r.Time), Text: text, Marks: marks, Picture: r.Picture != ""})
	}
	return out, nil
}

// hasLink is about what the window makes a link.
func hasLink(text string) bool { return linkLike.MatchString(text) }

var linkLike = regexp.MustCompile(`(?i)(^|[^\pL\pN])(https?://[^\s<>"]*[\pL\pN]|mailto:[^\s<>"@]+@[\pL\pN])`)

// excerpt is a text in one line, around the first place where something was found
// and at most contractv1.MaxHitText long, with the marks in it.
func excerpt(text string, terms []sdk.Term) (string, []sdk.Mark) {
	marks := marksIn(text[:min(len(text), markBytes)], terms)
	start, head := 0, ""
	if len(marks) > 0 && marks[0].Start > hitBefore && len(text) > contractv1.MaxHitText {
		start, head = border(text, marks[0].Start-hitBefore), "…"
	}
	rest := text[start:]
	if limit := contractv1.MaxHitText - len(head); len(rest) > limit {
		rest = rest[:border(rest, limit-len("…"))] + "…"
	}
	var out []sdk.Mark
	shift := len(head) - start
	end := len(head) + len(strings.TrimSuffix(rest, "…"))
	for _, m := range marks {
		if m.Start, m.End = m.Start+shift, m.End+shift; m.Start >= len(head) && m.End <= end && len(out) < contractv1.MaxMarks {
			out = append(out, m)
		}
	}
	return oneLine(head + rest), out
}

// border is the place at or before at where a letter begins.
func border(text string, at int) int {
	for at = min(max(at, 0), len(text)); at > 0 && at < len(text) && !utf8.RuneStart(text[at]); {
		at--
	}
	return at
}

// oneLine makes spaces of what breaks lines, and leaves every byte at its place.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
}

// token is a word of a text as the index of words sees it.
type token struct {
	start, end int
	word       string
}

// marksIn finds the places of terms in a text, as the index of words finds them:
// without regard to case and accents, the last word as a beginning.
func marksIn(text string, terms []sdk.Term) []sdk.Mark {
	var looked [][]token
	var signs []string
	for _, t := range terms {
		if words := tokens(t.Text); len(words) > 0 && !scanned(t.Text) {
			looked = append(looked, words)
		} else {
			looked = append(looked, nil)
			signs = append(signs, t.Text)
		}
	}
	words := tokens(text)
	var out []sdk.Mark
	add := func(start, end int) {
		if n := len(out); n > 0 && start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, end)
		} else if n < contractv1.MaxMarks {
			out = append(out, sdk.Mark{Start: start, End: end})
		}
	}
	for i := range words {
		for n, term := range looked {
			begins := n == len(looked)-1 && !terms[n].Phrase
			if len(term) > 0 && follows(words[i:], term, begins) {
				add(words[i].start, words[i+len(term)-1].end)
			}
		}
	}
	for _, s := range signs {
		for at := 0; s != "" && len(out) < contractv1.MaxMarks; {
			i := strings.Index(text[at:], s)
			if i < 0 {
				break
			}
			out = insert(out, sdk.Mark{Start: at + i, End: at + i + len(s)})
			at += i + len(s)
		}
	}
	return out
}

// insert keeps marks in order and apart.
func insert(marks []sdk.Mark, m sdk.Mark) []sdk.Mark {
	at := len(marks)
	for at > 0 && marks[at-1].Start > m.Start {
		at--
	}
	if at > 0 && marks[at-1].End > m.Start || at < len(marks) && marks[at].Start < m.End {
		return marks
	}
	marks = append(marks, sdk.Mark{})
	copy(marks[at+1:], marks[at:])
	marks[at] = m
	return marks
}

func follows(words, term []token, begins bool) bool {
	if len(words) < len(term) {
		return false
	}
	for i, t := range term {
		switch {
		case words[i].word == t.word:
		case begins && i == len(term)-1 && strings.HasPrefix(words[i].word, t.word):
		default:
			return false
		}
	}
	return true
}

// scanned says which texts are looked for letter by letter.
func scanned(text string) bool { return !history.Indexed(text) }

// tokens are the words of a text, without case and accents.
func tokens(text string) []token {
	var out []token
	start := -1
	end := func(at int) {
		if start >= 0 {
			out = append(out, token{start, at, plain(text[start:at])})
		}
		start = -1
	}
	for i, r := range text {
		in := unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r) || start >= 0 && unicode.IsMark(r)
		switch {
		case in && start < 0:
			start = i
		case !in:
			end(i)
		}
	}
	end(len(text))
	return out
}

func plain(word string) string {
	ascii := true
	for i := range len(word) {
		ascii = ascii && word[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(word)
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(word))
}
