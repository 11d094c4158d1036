package im

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// badPlace is said before anybody is known, so it goes out in English; the window
// has its German.
const badPlace = "The place in the search is not one that was given."

var value = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// TestEveryWordIsThereInGerman compares all tables of words, field by field.
func TestEveryWordIsThereInGerman(t *testing.T) {
	same := []string{"Info", "%s, %s"} // in both languages
	for _, pair := range [][2]any{{english, german}, {englishMore, germanMore}, {englishChat, germanChat}} {
		en, de := reflect.ValueOf(pair[0]).Elem(), reflect.ValueOf(pair[1]).Elem()
		for i := range en.NumField() {
			name := en.Type().Name() + "." + en.Type().Field(i).Name
			switch en.Field(i).Kind() {
			case reflect.Func:
				if en.Field(i).IsNil() || de.Field(i).IsNil() {
					t.Errorf("%s is missing", name)
				}
			case reflect.String:
				e, d := en.Field(i).String(), de.Field(i).String()
				if e == "" || d == "" || e == d && !slices.Contains(same, e) {
					t.Errorf("%s is %q and in German %q", name, e, d)
				}
				if a, b := value.FindAllString(e, -1), value.FindAllString(d, -1); !slices.Equal(a, b) {
					t.Errorf("%s: %q takes %v and %q takes %v", name, e, a, d, b)
				}
			}
		}
	}
}

// TestNothingIsSaidPastTheWords looks for sentences in the code of the plugin.
func TestNothingIsSaidPastTheWords(t *testing.T) {
	written := regexp.MustCompile(`^[A-Z][a-z]+$|^[A-Z][a-z]+ [a-z]+|[a-z] [a-z]+.*[.…!?]$`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(err, len(files))
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || strings.HasSuffix(f, "words.go") || f == "happened.go" || f == "locale.go" {
			continue
		}
		set := gotoken.NewFileSet()
		file, err := parser.ParseFile(set, f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != gotoken.STRING {
				return true
			}
			if s, err := strconv.Unquote(lit.Value); err == nil && written.MatchString(s) && s != badPlace {
				t.Errorf("%s: %q is in no table of words", set.Position(lit.Pos()), s)
			}
			return true
		})
	}
}
