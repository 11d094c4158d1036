package phrase

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// german is every table in one.
var german = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, table := range []map[string]string{germanApp, germanSession, germanWay, germanNats, germanSystem, germanTray, germanPlugins} {
		maps.Copy(all, table)
	}
	return all
})

// sortForms puts the sentences of which most is written first.
func sortForms(all []form) {
	slices.SortFunc(all, func(x, y form) int {
		return cmp.Or(cmp.Compare(y.letters, x.letters), strings.Compare(strings.Join(x.parts, "\x00"), strings.Join(y.parts, "\x00")))
	})
}
