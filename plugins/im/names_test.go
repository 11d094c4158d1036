package im

import (
	"slices"
	"testing"
)

func TestNamesOfReceiptsStandAsTheLanguageDoes(t *testing.T) {
	for locale, want := range map[string][]string{
		"de": {"a@lab", "o@lab", "p@lab", "z@lab"},
		"sv": {"o@lab", "p@lab", "z@lab", "a@lab"},
		"":   {"a@lab", "o@lab", "p@lab", "z@lab"},
	} {
		c := &chat{about: about{locale: locale}, names: map[string]string{"z@lab": "Zoe", "a@lab": "Ärger", "p@lab": "Otto", "o@lab": "otto"}}
		first, second := []string{"z@lab", "p@lab", "a@lab", "o@lab"}, []string{"p@lab", "o@lab"}
		c.sortByName(first, second)
		if !slices.Equal(first, want) || !slices.Equal(second, []string{"o@lab", "p@lab"}) {
			t.Errorf("in %q: %v and %v, want %v", locale, first, second, want)
		}
	}
}
