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
var notShown = regexp.MustCompile(`^(Me|Appearance|Alerts and sounds|Conversations|Messages|Network|Privacy)$|^[a-z]+( %[dsv])+$|^bar [a-z]+$`)

// TestWindowHasNoWordsOfItsOwn looks for sentences that go past this package.
func TestWindowHasNoWordsOfItsOwn(t *testing.T) {
	for _, where := range []string{"../page/*.go", "../*.go", "../render/*.go", "../widget/*.go"} {
		noWords(t, where)
	}
	for _, f := range []string{"../widget/*.go", "../render/*.go"} { // theirs are in ui/theme
		checkSprintf(t, f)
	}
}

// noWords looks for sentences in the code of a package, apart from those that are
// said through the theme's printer and those of errors and of programs.
func noWords(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 5 {
		t.Fatal(pattern, err, len(files))
	}
	table := read(t, "../theme/german.go") + read(t, "../theme/germanchat.go")
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
			if c, ok := n.(*ast.CallExpr); ok && unseen(c) {
				return false
			}
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(lit.Value)
			if err == nil && looksWritten.MatchString(s) && !notShown.MatchString(s) && !strings.Contains(table, lit.Value+":") {
				t.Errorf("%s: %q is not in ui/words", set.Position(lit.Pos()), s)
			}
			return true
		})
	}
}

// unseen tells whether what is given to a call is nothing that the window shows as
// it stands: a key of the catalogue, or the reason of an error of the program.
func unseen(c *ast.CallExpr) bool {
	f, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if f.Sel.Name == "Sprintf" {
		x, ok := f.X.(*ast.SelectorExpr)
		return ok && x.Sel.Name == "Say"
	}
	x, ok := f.X.(*ast.Ident)
	return ok && (x.Name == "errors" || x.Name == "fmt" && f.Sel.Name == "Errorf" || x.Name == "strings")
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
