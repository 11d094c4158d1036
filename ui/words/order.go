package words

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// alphabet is the order of letters of the language in use, made when it is first
// asked for.
var alphabet struct {
	sync.Mutex
	tag    language.Tag
	order  *collate.Collator
	buffer collate.Buffer
}

// Sort sorts by name as people who read the window's language expect it, then by
// the letters themselves. Equal ones keep their order; safe from any goroutine.
func Sort[T any](all []T, name func(T) string) {
	if len(all) < 2 {
		return
	}
	type weighed struct {
		one  T
		name string
		key  []byte
	}
	list := make([]weighed, len(all))
	for i, key := range weights(len(all), func(i int) string { return name(all[i]) }) {
		list[i] = weighed{all[i], name(all[i]), key}
	}
	slices.SortStableFunc(list, func(x, y weighed) int {
		return cmp.Or(bytes.Compare(x.key, y.key), strings.Compare(x.name, y.name))
	})
	for i := range list {
		all[i] = list[i].one
	}
}

// weights are what names weigh: compared byte by byte, they stand as the names do.
func weights(n int, name func(int) string) [][]byte {
	tag := language.English
	if s := spoken.Load(); s != nil {
		tag = s.tag
	}
	alphabet.Lock()
	defer alphabet.Unlock()
	if alphabet.order == nil || alphabet.tag != tag {
		alphabet.tag, alphabet.order = tag, collate.New(tag, collate.IgnoreCase)
	}
	out := make([][]byte, n)
	for i := range out {
		out[i] = bytes.Clone(alphabet.order.KeyFromString(&alphabet.buffer, name(i)))
	}
	alphabet.buffer.Reset()
	return out
}
