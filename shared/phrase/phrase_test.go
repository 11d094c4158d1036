package phrase

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSentencesKeepTheirValues(t *testing.T) {
	for in, want := range map[string]string{
		"the network plugin was stopped":                                                 "das Netz-Plugin wurde angehalten",
		"The network plugin was stopped.":                                                "Das Netz-Plugin wurde angehalten.",
		"there is no conversation \"dm.a.b\"":                                            "es gibt keine Unterhaltung dm.a.b",
		"Nobody is called bob on lab.":                                                   "Auf lab heißt niemand bob.",
		"The server at 10.0.0.1:4222 cannot be reached (connection refused).":            "Der Server unter 10.0.0.1:4222 ist nicht erreichbar (die Verbindung wurde abgelehnt).",
		"The folder /root cannot be read: permission denied":                             "Der Ordner /root lässt sich nicht lesen: keine Berechtigung",
		"the echo could not be started: it ended at once":                                "das Echo ließ sich nicht starten: es hat sich sofort beendet",
		"sign in: could not reach a:1: dial tcp: connection refused":                     "sign in: a:1 war nicht erreichbar: dial tcp: die Verbindung wurde abgelehnt",
		"the profile is in use: process 7 runs Switchboard with /home/a":                 "das Profil ist in Gebrauch: Prozess 7 betreibt Switchboard mit /home/a",
		"look for _x._tcp nearby: this computer is in no local network at the moment":    "dieser Computer ist gerade in keinem lokalen Netz",
		"Nothing can be stored: the disk is full. Make room, then it goes on by itself.": "Nichts kann gespeichert werden: Die Festplatte ist voll. Schaffen Sie Platz, dann geht es von selbst weiter.",
	} {
		got, ok := In("de-AT", in)
		if !ok || got != want {
			t.Errorf("%q:\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestWhatIsNotKnownComesBack(t *testing.T) {
	for _, s := range []string{"", "a sentence of somebody else", "a: b", ": ", "%s", strings.Repeat("x: ", 5000)} {
		if got, ok := In("de", s); ok || got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got, ok := In("en-GB", "the disk is full"); ok || got != "the disk is full" {
		t.Errorf("English became %q", got)
	}
}

func TestSay(t *testing.T) {
	if got := Say("de_DE", "%s asks to be let into this group", "Bob"); got != "Bob bittet um Aufnahme in diese Gruppe" {
		t.Error(got)
	}
	if got := Say("en", "%s asks to be let into this group", "Bob"); got != "Bob asks to be let into this group" {
		t.Error(got)
	}
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+ #0-9.]*[a-zA-Z]`)

func TestTranslationsTakeTheSameValues(t *testing.T) {
	mayDrop := []string{"this session cannot be %s: %s", "this session cannot be %s: it is %s", "This session is %s.", "look for %s nearby: %w"}
	for en, de := range german() {
		if strings.TrimSpace(de) == "" {
			t.Errorf("the German for %q is empty", en)
		}
		if a, b := verb.FindAllString(en, -1), verb.FindAllString(de, -1); len(a) != len(b) && !slices.Contains(mayDrop, en) {
			t.Errorf("%q takes %v and %q takes %v", en, a, de, b)
		}
	}
}

// people are the sources of sentences that a person meets: in these, errors.New and
// fmt.Errorf; in all, sentences that begin large and end with a dot.
var people = []struct {
	files  string
	errors bool
}{
	{"../../host/app/*.go", true}, {"../../host/session/*.go", true}, {"../../host/blobs/*.go", true},
	{"../../host/picture/*.go", true}, {"../../host/dial/*.go", true}, {"../../host/desktop/chooser.go", true},
	{"../../host/settings/settings.go", true},
	{"../../host/supervise/*.go", true}, {"../../host/bridge/*.go", true}, {"../../host/store/*.go", true},
	{"../../host/discover/*.go", true}, {"../../host/catalog/*.go", true}, {"../../host/sandbox/*.go", true},
	{"../../host/policy/*.go", true}, {"../../host/views/*.go", true},
	{"../../plugins/nats/*.go", false}, {"../../plugins/nats/client/*.go", false},
	{"../../plugins/nats/server/*.go", false}, {"../../plugins/nats/wire/*.go", false},
}

// others are sentences that no person meets in the window: of faults between
// programs, of the command line, and of figures for administrators.
var others = regexp.MustCompile(`^(a (contact can be|session can be|plugin can be|group cannot be changed|role is|conversation (is exported|cannot be)|connection of type)|` +
	`an account is made on|plugins are switched on and off|.* is not the name of a secret|the secret |only tcp can|find |the proxy cannot be dialled|` +
	`the action names what|only what is forwarded|the value is the same|write a command|read the sessions|close the sessions|a contact is watched|%w|%s: %w|%s, %w|%s:%d: %w|make the plugin |%s is not empty; choose|%q cannot be a plugin's name|` +
	`line %d: |The entry is of another plugin|This host does not know|The id |A session that always|The session has no such update|` +
	`A summary is at most|The value is larger|The scope of the value|A session holds at most)|` +
	`^(Accounts|Bytes|Connections|Devices|Entries|Failures|Free|Heap|Registrations|The slowest|Time|When) .*\.$`)

var sentence = regexp.MustCompile(`^[A-Z%][^\n]* [^\n]*\.$`)

// TestHostSentencesAreThereInGerman reads what people meet from the sources.
func TestHostSentencesAreThereInGerman(t *testing.T) {
	found := 0
	for _, p := range people {
		files, err := filepath.Glob(p.files)
		if err != nil || len(files) == 0 {
			t.Fatal(p.files, err)
		}
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "metrics.go") {
				continue
			}
			found += check(t, f, p.errors)
		}
	}
	if found < 250 {
		t.Errorf("only %d sentences were found", found)
	}
}

func check(t *testing.T, path string, wrong bool) (found int) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	literal := func(e ast.Expr) (string, bool) {
		lit, ok := e.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(lit.Value)
		return s, err == nil
	}
	need := func(at token.Pos, s string) {
		found++
		if _, ok := german()[s]; !ok && !others.MatchString(s) {
			if _, ok := find(verb.ReplaceAllString(s, "x"), 0); !ok {
				t.Errorf("%s: no German for %q", set.Position(at), s)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := ""
			if f, ok := n.Fun.(*ast.SelectorExpr); ok {
				name = fmt.Sprint(f.X) + "." + f.Sel.Name
			}
			if wrong && (name == "errors.New" || name == "fmt.Errorf") {
				if s, ok := literal(n.Args[0]); ok {
					need(n.Pos(), s)
					return false
				}
			}
		case *ast.BasicLit:
			if s, ok := literal(n); ok && sentence.MatchString(s) {
				need(n.Pos(), s)
			}
		}
		return true
	})
	return found
}

func FuzzIn(f *testing.F) {
	for s := range german() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if out, ok := In("de", s); !ok && out != s {
			t.Errorf("%q changed to %q without being known", s, out)
		}
	})
}
