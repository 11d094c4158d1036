package words

import (
	"slices"
	"testing"

	"golang.org/x/text/language"
)

func TestSortStandsAsTheLanguageDoes(t *testing.T) {
	t.Cleanup(func() { Use(language.English) })
	for _, tag := range []language.Tag{language.English, language.German} {
		Use(tag)
		got := []string{"Zoe", "ärger", "Otto", "otto", "Arm", "Äpfel"}
		Sort(got, func(s string) string { return s })
		if want := []string{"Äpfel", "ärger", "Arm", "Otto", "otto", "Zoe"}; !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", tag, got, want)
		}
	}
}
