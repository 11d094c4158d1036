package im

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"switchboard/sdk"
)

// TestEveryWordIsThereInTheLanguageOfTests looks at every table of the pseudo-locale.
func TestEveryWordIsThereInTheLanguageOfTests(t *testing.T) {
	w := wordsFor("en-XA")
	for _, pair := range [][2]any{{english, w}, {englishMore, w.more()}, {englishChat, w.chat()}} {
		en, xa := reflect.ValueOf(pair[0]).Elem(), reflect.ValueOf(pair[1]).Elem()
		for i := range en.NumField() {
			if en.Field(i).Kind() != reflect.String {
				continue
			}
			name, a, b := en.Type().Field(i).Name, en.Field(i).String(), xa.Field(i).String()
			if !strings.HasPrefix(b, "[") || !strings.HasSuffix(b, "]") {
				t.Errorf("%s is %q", name, b)
			}
			if x, y := value.FindAllString(a, -1), value.FindAllString(b, -1); !slices.Equal(x, y) {
				t.Errorf("%s: %q takes %v and %q takes %v", name, a, x, b, y)
			}
		}
	}
	at := time.Date(2026, 11, 24, 15, 4, 5, 0, time.UTC)
	for _, s := range []string{w.typing([]string{"Bob"}), w.day(at, at), w.happened(event{Op: sdk.GroupPicture}, "Bob", "", "")} {
		if !strings.HasPrefix(s, "[") || !strings.HasSuffix(s, "]") {
			t.Errorf("%q stands in no brackets", s)
		}
	}
	if got := w.typing(nil); got != "" {
		t.Errorf("nobody types: %q", got)
	}
}

func TestTimesFollowTheLocale(t *testing.T) {
	at := time.Date(2026, 11, 24, 15, 4, 5, 0, time.UTC)
	for locale, want := range map[string][3]string{
		"de":    {"24.11.2026, 15:04:05", "Dienstag, 24. November", "Dienstag, 24. November 2026"},
		"de_AT": {"24.11.2026, 15:04:05", "Dienstag, 24. November", "Dienstag, 24. November 2026"},
		"en":    {"Tuesday, 24 November 2026, 15:04:05", "Tuesday, 24 November", "Tuesday, 24 November 2026"},
		"en-GB": {"Tuesday, 24 November 2026, 15:04:05", "Tuesday, 24 November", "Tuesday, 24 November 2026"},
		"en-AU": {"Tuesday, 24 November 2026, 3:04:05 PM", "Tuesday, 24 November", "Tuesday, 24 November 2026"},
		"en-US": {"Tuesday, November 24, 2026, 3:04:05 PM", "Tuesday, November 24", "Tuesday, November 24, 2026"},
		"":      {"Tuesday, 24 November 2026, 15:04:05", "Tuesday, 24 November", "Tuesday, 24 November 2026"},
	} {
		w := wordsFor(locale)
		if got := [3]string{at.Format(w.chat().timeLayout), w.day(at, at), w.day(at, at.AddDate(1, 0, 0))}; got != want {
			t.Errorf("%q: %q, want %q", locale, got, want)
		}
	}
}

// TestWhatHappenedToAGroupIsSaidInGerman has who did it and to whom as a name and
// as the person who reads.
func TestWhatHappenedToAGroupIsSaidInGerman(t *testing.T) {
	for want, e := range map[string]event{
		"Alice hat die Gruppe erstellt":                  {Op: sdk.GroupCreated, By: "a"},
		"Sie haben Bob eingeladen":                       {Op: sdk.GroupInvited, By: "me", Whom: "b"},
		"Bob ist der Gruppe beigetreten":                 {Op: sdk.GroupJoined, By: "b", Whom: "b"},
		"Sie sind der Gruppe beigetreten":                {Op: sdk.GroupJoined, By: "me", Whom: "me"},
		"Alice hat Sie hinzugefügt":                      {Op: sdk.GroupJoined, By: "a", Whom: "me"},
		"Sie haben die Gruppe verlassen":                 {Op: sdk.GroupLeft, Whom: "me"},
		"Alice hat Bob aus der Gruppe entfernt":          {Op: sdk.GroupRemoved, By: "a", Whom: "b"},
		"Bob hat die Einladung abgelehnt":                {Op: sdk.GroupDeclined, Whom: "b"},
		"Alice hat der Gruppe den Namen „Umzug“ gegeben": {Op: sdk.GroupRenamed, By: "a", Name: "Umzug"},
		"Sie haben das Gruppenbild geändert":             {Op: sdk.GroupPicture, By: "me"},
		"Alice hat Ihnen die Gruppe übergeben":           {Op: sdk.GroupRole, By: "a", Whom: "me", Role: "owner"},
		"Alice hat Bob zum Admin gemacht":                {Op: sdk.GroupRole, By: "a", Whom: "b", Role: "admin"},
		"Sie haben Bob die Adminrechte entzogen":         {Op: sdk.GroupRole, By: "me", Whom: "b", Role: "member"},
	} {
		name := map[string]string{"a": "Alice", "b": "Bob", "me": "Carol"}
		if got := german.happened(e, name[e.By], name[e.Whom], "me"); got != want {
			t.Errorf("%+v: %q, want %q", e, got, want)
		}
	}
}
