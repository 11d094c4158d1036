package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// looksWritten matches what a person could read as words: two of them, or one that
// begins with a capital letter.
var looksWritten = regexp.MustCompile(`^[A-Z][a-z]+$|[A-Za-z]+ [a-z]+`)

// notShown are literals of the window that nobody reads: keys and names of the
// system, and ids that the host gave to pages of settings.
var notShown = regexp.MustCompile(`^(Me|Appearance|Alerts and sounds|Conversations|Messages|Network|Privacy)$|^[a-z]+( %[dsv])+$`)

// TestWindowHasNoWordsOfItsOwn looks for sentences that go past this package.
func TestWindowHasNoWordsOfItsOwn(t *testing.T) {
	files, err := filepath.Glob("../page/*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(err, len(files))
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
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err == nil && looksWritten.MatchString(s) && !notShown.MatchString(s) {
				t.Errorf("%s: %q is not in ui/words", set.Position(lit.Pos()), s)
			}
			return true
		})
	}
	for _, f := range []string{"../widget/*.go", "../render/*.go"} { // theirs are in ui/theme
		checkSprintf(t, f)
	}
}

// said finds what widgets and views say through the theme's printer.
var said = regexp.MustCompile(`Say\.Sprintf\("((?:[^"\\]|\\.)*)"`)

func checkSprintf(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	table := read(t, "../theme/german.go") + read(t, "../theme/germanchat.go")
	for _, f := range files {
		for _, m := range said.FindAllStringSubmatch(read(t, f), -1) {
			if !strings.HasSuffix(f, "_test.go") && !strings.Contains(table, `"`+m[1]+`":`) {
				t.Errorf("%s: no German for %q in ui/theme", f, m[1])
			}
		}
	}
}
