package app

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// sortNames sorts by name as people who read the language of a locale expect it,
// then by what tells two of the same name apart. Each name is weighed once.
func sortNames[T any](locale string, all []T, name, id func(T) string) {
	letters, buffer := collate.New(language.Make(locale), collate.IgnoreCase), &collate.Buffer{}
	type weighed struct {
		one T
		key []byte
	}
	list := make([]weighed, len(all))
	for i, one := range all {
		list[i] = weighed{one, letters.KeyFromString(buffer, name(one))}
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
