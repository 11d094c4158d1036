package strict

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type sample struct {
	Name  string            `toml:"name"`
	N     int               `toml:"n"`
	Table map[string]string `toml:"table"`
	Rows  []struct {
		ID  string `toml:"id"`
		Sub struct {
			Deep bool `toml:"deep"`
		} `toml:"sub"`
	} `toml:"row"`
}

const good = `name = "a"
table.x = "1"

[[row]]
id = "one"

[[row]]
id = "two"
[row.sub]
deep = true
`

func TestLines(t *testing.T) {
	var s sample
	doc, err := Decode([]byte(good), "f.toml", &s)
	if err != nil || len(s.Rows) != 2 || !s.Rows[1].Sub.Deep {
		t.Fatalf("%+v, %v", s, err)
	}
	for path, line := range map[string]int{
		"name": 1, "table.x": 2, "row[0]": 4, "row[0].id": 5, "row[1].id": 8, "row[1].absent": 7, "row.sub.deep": 10, "absent": 0,
	} {
		if got := doc.Line(path); got != line {
			t.Errorf("%s stands in line %d, not %d", path, got, line)
		}
	}
	if f := doc.Fault("row[1].id", "bad %d", 5); f.Error() != "f.toml:8: bad 5" {
		t.Fatal(f)
	}
	if f := doc.Fault("absent", "missing"); f.Error() != "f.toml: missing" {
		t.Fatal(f)
	}
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"name = \"a\"\nnaem = \"b\"":       `f.toml:2: unknown key "naem"`,
		"n = \"x\"":                        "f.toml:1: ",
		"n = = 1":                          "f.toml:1: ",
		"[[row]]\nid = \"a\"\nx = 1":       `f.toml:3: unknown key "row.x"`,
		"n = 1\nn = 2":                     "f.toml:2: ",
		"name = \"\xff\"":                  "f.toml:1: ",
		"#" + strings.Repeat("x", MaxFile): "f.toml: the file is larger",
	} {
		var s sample
		_, err := Decode([]byte(text), "f.toml", &s)
		var fault *Fault
		if !errors.As(err, &fault) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("n = = 1"))
	f.Add([]byte("[a.b]\nc = {d = [1, {e = 2}]}\n[[row]]\n[row.sub]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s sample
		doc, err := Decode(data, "f.toml", &s)
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		if line := doc.Line("row[0].id"); line < 0 || line > len(data)+1 {
			t.Fatalf("line %d", line)
		}
	})
}
