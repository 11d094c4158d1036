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

	"switchboard/shared/phrase"
)

// rejected are German words for which the glossary in german.go has another one.
var rejected = regexp.MustCompile(`\b(Verwalter|Administrator|Hinweise?n?|Aussehen|misslungen|misslang|kommt online|online kommt|Schreibtischs?|` +
	`Platte|Endwert|Ausgaben?|Einlass|ein(zu)?lassen|eingelassen|einlässt|Verweis(es|e|en)?|koppeln|gekoppelt|Netzwerks?|Besitzer|Inhaber|Fotos?|` +
	`Befugniss?e?|Anwesenheit|trägt|getragen|Marken?)\b`)

// familiar is how one speaks to friends and children, which this program does not.
var familiar = regexp.MustCompile(`\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein(e|en|em|er|es)?)\b`)

// TestGermanIsOfOnePiece reads all tables of German, wherever they stand.
func TestGermanIsOfOnePiece(t *testing.T) {
	found := 0
	for _, pattern := range []string{"german*.go", "plurals.go", "../theme/german*.go", "../../shared/phrase/german*.go",
		"../../plugins/im/*words.go", "../../plugins/im/happened.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			for _, s := range literals(t, f) {
				found++
				if w := rejected.FindString(s); w != "" {
					t.Errorf("%s: %q has %q, for which the glossary has another word", f, s, w)
				}
				if w := familiar.FindString(s); w != "" {
					t.Errorf("%s: %q says %q to somebody whom the rest calls Sie", f, s, w)
				}
			}
		}
	}
	if found < 1500 {
		t.Errorf("only %d sentences were read", found)
	}
	for _, s := range []string{"der Verwalter", "Ihre Anwesenheit", "der Export und die Ausgabe"} {
		if !rejected.MatchString(s) {
			t.Errorf("%q is not refused", s)
		}
	}
}

// literals are the strings of a file, apart from the English ones under which the
// others stand in a table.
func literals(t *testing.T, path string) (out []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			keys[kv.Key] = true
		}
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || keys[lit] {
			return true
		}
		if s, err := strconv.Unquote(lit.Value); err == nil {
			out = append(out, s)
		}
		return true
	})
	return out
}

// TestOneSentenceHasOneGerman compares the tables of the window with the host's.
func TestOneSentenceHasOneGerman(t *testing.T) {
	same := 0
	for _, en := range phrase.Known() {
		theirs := phrase.Say("de", en)
		if strings.Contains(en, "%") {
			continue // values are put in there
		}
		for _, table := range []map[string]string{german, germanOfHost} {
			if ours, ok := table[en]; ok {
				same++
				if ours != theirs {
					t.Errorf("%q is %q in the window and %q in the host's sentences", en, ours, theirs)
				}
			}
		}
	}
	if same < 10 {
		t.Errorf("only %d sentences stand in both", same)
	}
}
