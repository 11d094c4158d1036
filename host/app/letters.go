package app

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// letters weigh names in the order of a language, each name once for as long as it
// is in use. They are for one goroutine.
type letters struct {
	locale string
	order  *collate.Collator
	buffer collate.Buffer
	known  map[string][]byte
}

// fewNames is how many weights are kept at least.
const fewNames = 1000

// newLetters are the letters of a BCP 47 tag; of one that is none, those that most
// languages share.
func newLetters(locale string) *letters {
	return &letters{locale: locale, order: collate.New(language.Make(locale), collate.IgnoreCase), known: map[string][]byte{}}
}

// weigh is what a name weighs: compared byte by byte, two weights stand as the
// names do.
func (l *letters) weigh(name string) []byte {
	if w, ok := l.known[name]; ok {
		return w
	}
	l.buffer.Reset()
	w := bytes.Clone(l.order.KeyFromString(&l.buffer, name))
	l.known[name] = w
	return w
}

// forget drops the weights when most are of names that are not in use any more.
func (l *letters) forget(used int) {
	if len(l.known) > 2*max(used, fewNames) {
		clear(l.known)
	}
}

// sortNames sorts by name as people who read the language of a locale expect it,
// then by what tells two of the same name apart. Each name is weighed once.
func sortNames[T any](locale string, all []T, name, id func(T) string) {
	scale := newLetters(locale)
	type weighed struct {
		one T
		key []byte
	}
	list := make([]weighed, len(all))
	for i, one := range all {
		list[i] = weighed{one, scale.weigh(name(one))}
	}
	slices.SortStableFunc(list, func(x, y weighed) int {
		return cmp.Or(bytes.Compare(x.key, y.key), strings.Compare(id(x.one), id(y.one)))
	})
	for i := range list {
		all[i] = list[i].one
	}
}

// speak sets the language that names are sorted in; what was sorted in another one
// is sorted anew.
func (p *people) speak(locale string) {
	if p.locale != locale {
		p.locale, p.sorted, p.groupRows, p.drawn = locale, nil, nil, nil
	}
}
