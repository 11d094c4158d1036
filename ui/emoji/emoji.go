// Package emoji owns the list of emoji: their order, groups, names and words in
// English and German, and skin tones. It must not know how they are drawn.
package emoji

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed table.txt
var table string

// Emoji is one sign that can be chosen.
type Emoji struct {
	Text  string
	Tones bool // has skin tones

	english, german string
	words           string // names and words of both languages, small, each after a \n
}

// Name is what it is called.
func (e *Emoji) Name(german bool) string {
	if german && e.german != "" {
		return e.german
	}
	return e.english
}

// Group is a part of the list.
type Group struct {
	Name     string // English
	From, To int    // of All
}

type list struct {
	all    []Emoji
	groups []Group
	byText map[string]int
}

var loaded = sync.OnceValue(func() *list {
	l := &list{byText: map[string]int{}}
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if name, ok := strings.CutPrefix(line, "= "); ok {
			l.groups = append(l.groups, Group{Name: name, From: len(l.all), To: len(l.all)})
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 6 || len(l.groups) == 0 {
			panic("emoji: the table has a line that is none: " + line)
		}
		e := Emoji{Text: c[0], Tones: c[1] != "", english: c[2], german: c[4]}
		var b strings.Builder
		for _, w := range []string{c[2], c[4], c[3], c[5]} {
			b.WriteString("\n" + strings.ToLower(strings.ReplaceAll(w, "|", "\n")))
		}
		e.words = b.String()
		l.byText[bare(e.Text)] = len(l.all)
		l.all = append(l.all, e)
		l.groups[len(l.groups)-1].To = len(l.all)
	}
	return l
})

// All is every emoji in Unicode's order. It must not be changed. Safe for
// concurrent use, as everything here.
func All() []Emoji { return loaded().all }

// Groups are the parts of All.
func Groups() []Group { return loaded().groups }

// Find is the emoji with a text, whatever its skin tone; -1 when there is none.
func Find(text string) int {
	if i, ok := loaded().byText[bare(text)]; ok {
		return i
	}
	return -1
}

// maxQuery is how much of a query counts, in bytes.
const maxQuery = 64

// Search is the emoji whose names or words, in English or German, hold every word
// of a query: those whose name begins so first, then those with a word that does.
func Search(query string, limit int) []int {
	query = strings.ToLower(query[:min(len(query), maxQuery)])
	wanted := strings.FieldsFunc(query, func(r rune) bool { return unicode.IsSpace(r) || r == '_' || r == ':' })
	if len(wanted) == 0 {
		return nil
	}
	var ranks [3][]int
	for i := range loaded().all {
		if r := loaded().all[i].rank(wanted); r >= 0 {
			ranks[r] = append(ranks[r], i)
		}
	}
	out := slices.Concat(ranks[0], ranks[1], ranks[2])
	return out[:min(len(out), limit)]
}

// rank is how well it fits, best 0; -1 when it does not.
func (e *Emoji) rank(wanted []string) int {
	rank := 0
	for _, w := range wanted {
		switch {
		case strings.Contains(e.words, "\n"+w):
			rank = max(rank, 0)
		case strings.Contains(e.words, " "+w), strings.Contains(e.words, "-"+w):
			rank = max(rank, 1)
		case len(w) > 2 && strings.Contains(e.words, w):
			rank = max(rank, 2)
		default:
			return -1
		}
	}
	return rank
}

// Tones are the five skin tones, light to dark.
const Tones = 5

func tone(r rune) bool { return r >= 0x1f3fb && r < 0x1f3fb+Tones }

// WithTone is an emoji in a skin tone, 1 to Tones; in 0, or where it has none, as
// it is.
func WithTone(text string, n int) string {
	i := Find(text)
	if i < 0 || !loaded().all[i].Tones || n <= 0 || n > Tones {
		return text
	}
	r := []rune(loaded().all[i].Text)
	rest := r[1:]
	if len(rest) > 0 && rest[0] == 0xfe0f {
		rest = rest[1:]
	}
	return string(r[0]) + string(rune(0x1f3fb+n-1)) + string(rest)
}

// bare is an emoji without skin tones and signs of variation.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if tone(r) || r == 0xfe0f {
			return -1
		}
		return r
	}, text)
}
