package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// sentences are all that the window says, read from the source: constants of type
// Word, and what say is called with.
func sentences(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	add := func(where token.Position, e ast.Expr) {
		lit, ok := e.(*ast.BasicLit)
		if !ok {
			t.Errorf("%s: a sentence must be a literal, so that its translation can be looked for", where)
			return
		}
		s, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		out[s] = true
	}
	set := token.NewFileSet()
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Word" {
					add(set.Position(n.Pos()), n.Values[0])
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "say" {
					add(set.Position(n.Pos()), n.Args[0])
				}
			}
			return true
		})
	}
	if len(out) < 300 {
		t.Fatalf("only %d sentences were found", len(out))
	}
	return out
}

func TestEverySentenceIsThereInGerman(t *testing.T) {
	all := sentences(t)
	for s := range all {
		de, ok := german[s]
		if c, many := counted[s]; many && (c.One == "" || c.GermanOne == "" || c.German == "") {
			t.Errorf("a form of %q is missing", s)
		} else if !ok && !many && !bare(s) {
			t.Errorf("no German for %q", s)
		}
		if ok && strings.TrimSpace(de) == "" {
			t.Errorf("the German for %q is empty", s)
		}
	}
	for s := range counted {
		if !all[s] {
			t.Errorf("the forms for %q are of a sentence that nothing says", s)
		}
	}
	for s := range german {
		if !all[s] {
			t.Errorf("the German for %q is of a sentence that nothing says", s)
		}
	}
}

func TestTranslationsTakeTheSameValues(t *testing.T) {
	for _, table := range []map[string]string{german, germanOfHost} {
		for en, de := range table {
			if a, b := verb.FindAllString(en, -1), verb.FindAllString(de, -1); !slices.Equal(a, b) {
				t.Errorf("%q takes %v and %q takes %v", en, a, de, b)
			}
		}
	}
}

// TestSettingsAreThereInGerman reads what the host and its plugins declare.
func TestSettingsAreThereInGerman(t *testing.T) {
	need := func(s, where string) {
		if _, ok := germanOfHost[s]; !ok && s != "" && s != "HTTP" {
			t.Errorf("%s: no German for %q in germanhost.go", where, s)
		}
	}
	schema, err := os.ReadFile("../../host/settings/schema.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?:choice|number|toggle|text|secret)\("([a-z_.]+)", "([^"]*)", "([^"]*)", "([^"]*)"`).FindAllStringSubmatch(string(schema), -1)
	if len(declared) < 10 {
		t.Fatalf("only %d settings were found", len(declared))
	}
	for _, d := range declared {
		for _, s := range d[2:] {
			need(s, d[1])
		}
	}
	for _, c := range regexp.MustCompile(`model\.Choice\{ID: "[^"]*", Text: "([^"]*)"`).FindAllStringSubmatch(string(schema), -1) {
		need(c[1], "a choice")
	}
	for _, id := range []string{"im", "nats"} {
		manifest, err := os.ReadFile("../../plugins/" + id + "/plugin.toml")
		if err != nil {
			t.Fatal(err)
		}
		top, _, _ := strings.Cut(string(manifest), "[[")
		for _, m := range regexp.MustCompile(`(?m)^(?:name|summary) = "([^"]*)"`).FindAllStringSubmatch(top, -1) {
			need(m[1], id)
		}
		for _, m := range regexp.MustCompile(`(?m)^(?:title|help) = "([^"]*)"`).FindAllStringSubmatch(string(manifest), -1) {
			need(m[1], id)
		}
	}
}

func TestLanguageIsChosenBySettingThenEnvironment(t *testing.T) {
	for _, c := range []struct {
		setting, all, messages, lang string
		want                         language.Tag
	}{
		{"system", "", "", "de_DE.UTF-8", language.German},
		{"", "", "", "de_AT@euro", language.German},
		{"system", "", "de_CH.UTF-8", "en_US.UTF-8", language.German},
		{"system", "C.UTF-8", "", "de_DE.UTF-8", language.English},
		{"system", "", "", "fr_FR.UTF-8", language.English},
		{"system", "", "", "", language.English},
		{"system", "", "", "nonsense!!", language.English},
		{"de", "C", "", "", language.German},
		{"en", "", "", "de_DE.UTF-8", language.English},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_MESSAGES", c.messages)
		t.Setenv("LANG", c.lang)
		if got := Choose(c.setting); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

func TestWordsFollowTheLanguage(t *testing.T) {
	t.Cleanup(func() { Use(language.English) })
	at := time.Date(2026, 3, 7, 9, 5, 0, 0, time.UTC)
	for tag, want := range map[language.Tag][]string{
		language.English: {"Accept", "3 requests", "1 request", "Sat", "7 Mar", "7 March, 09:05", "Theme", "a sentence of somebody else"},
		language.German:  {"Annehmen", "3 Anfragen", "1 Anfrage", "Sa", "7. März", "7. März, 09:05 Uhr", "Farbschema", "a sentence of somebody else"},
		language.French:  {"Accept", "3 requests", "1 request", "Sat", "7 Mar", "7 March, 09:05", "Theme", "a sentence of somebody else"},
	} {
		Use(tag)
		got := []string{Accept.Text(), RequestCount(3), RequestCount(1), Weekday(at), Date(at), DateAndTime(at), Known("Theme"), Known("a sentence of somebody else")}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", tag, got, want)
		}
	}
}

func TestNumbersAndPluralsFollowTheLanguage(t *testing.T) {
	t.Cleanup(func() { Use(language.English) })
	for tag, want := range map[language.Tag][]string{
		language.English: {"1 request", "1,200 requests", "1.5 GB", "2 GB", "Add people", "Add 1 person",
			"One person is connected through this computer and will be cut off. " + string(QuitLeave), "lab and 1 more are here"},
		language.German: {"1 Anfrage", "1.200 Anfragen", "1,5 GB", "2 GB", "Leute hinzufügen", "1 Person hinzufügen",
			"Eine Person ist über diesen Computer verbunden und wird getrennt. " + german[string(QuitLeave)], "lab und 1 weitere sind hier"},
	} {
		Use(tag)
		got := []string{RequestCount(1), RequestCount(1200), Size(3 << 29), Size(2 << 30), AddCount(0), AddCount(1), QuitText(1), NearbyFound(2, "lab")}
		if !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", tag, got, want)
		}
	}
}

func TestTimesFollowTheCountry(t *testing.T) {
	t.Cleanup(func() { Use(language.English); UseRegion("") })
	at := time.Date(2026, 3, 7, 15, 5, 0, 0, time.UTC)
	for country, want := range map[string][]string{
		"":   {"15:05", "7 Mar", "7 Mar 2026", "7 March, 15:05", "7 March 2026"},
		"GB": {"15:05", "7 Mar", "7 Mar 2026", "7 March, 15:05", "7 March 2026"},
		"AU": {"3:05 PM", "7 Mar", "7 Mar 2026", "7 March, 3:05 PM", "7 March 2026"},
		"US": {"3:05 PM", "Mar 7", "Mar 7, 2026", "March 7, 3:05 PM", "March 7, 2026"},
	} {
		UseRegion(country)
		if got := []string{Clock(at), Date(at), DateOfYear(at), DateAndTime(at), LongDate(at)}; !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", country, got, want)
		}
	}
	for country, want := range map[string]time.Weekday{"": time.Monday, "GB": time.Monday, "US": time.Sunday, "EG": time.Saturday} {
		UseRegion(country)
		if got := FirstDay(); got != want {
			t.Errorf("a week in %q begins with %v", country, got)
		}
	}
	UseRegion("US")
	Use(language.German) // of somebody in America
	if got := FirstDay(); got != time.Monday {
		t.Errorf("a German week begins with %v", got)
	}
	if got := Clock(at) + DateOfYear(at); got != "15:057.3.2026" {
		t.Errorf("German in America: %q", got)
	}
}

func TestCountryIsOfTheEnvironment(t *testing.T) {
	for _, c := range []struct{ all, times, lang, want string }{
		{"", "", "en_US.UTF-8", "US"}, {"", "en_GB.UTF-8", "en_US.UTF-8", "GB"}, {"C", "en_GB", "en_US", ""},
		{"", "", "", ""}, {"", "", "de.UTF-8", ""}, {"", "", "x!!", ""},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_TIME", c.times)
		t.Setenv("LANG", c.lang)
		if got := Region(); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestPseudoKeepsValues(t *testing.T) {
	t.Cleanup(func() { Use(language.English) })
	t.Setenv("SWITCHBOARD_LANG", "en-XA")
	Use(Choose("de"))
	for got, want := range map[string]string{
		Accept.Text():                     "[Åççéþţ~~~]",
		RequestCount(1):                   "[1 ŕéǫûéšţ~~~~]",
		RequestCount(3):                   "[3 ŕéǫûéšţš~~~~]",
		PageSection("A", "B"):             "[A · B]",
		Muted("Bob"):                      "[Bob îš ɱûţéđ~~~~]",
		Known("Theme"):                    "[Ţĥéɱé~~]",
		Known("a sentence of nobody"):     "a sentence of nobody",
		Known("there is no plugin tally"): "[ţĥéŕé îš ñö þļûĝîñ ţåļļý~~~~~~~~~~]",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestReasonsOfTheHostAreTranslated(t *testing.T) {
	t.Cleanup(func() { Use(language.English) })
	const reason = "The folder /root cannot be read: permission denied"
	if got := Known(reason); got != reason {
		t.Errorf("in English %q", got)
	}
	Use(language.German)
	for range 2 { // the second time from memory
		if got := SessionEnded("Tafel", "The session is over."); got != "Tafel ist beendet: Die Sitzung ist beendet." {
			t.Error(got)
		}
		if got := Known(reason); got != "Der Ordner /root lässt sich nicht lesen: keine Berechtigung" {
			t.Error(got)
		}
	}
	for i := range 3 * maxKnown {
		Known("there is no plugin " + strconv.Itoa(i))
	}
	if len(known.table) > maxKnown {
		t.Errorf("%d sentences are remembered", len(known.table))
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
