package page

import (
	"strings"
	"testing"
)

func TestFiltersAreWrittenIntoTheQuery(t *testing.T) {
	for _, c := range []struct{ query, name, value, want string }{
		{"cable", "from", "bob@lab", "cable from:bob@lab"},
		{"cable from:bob@lab", "from", "dora@lab", "cable from:dora@lab"},
		{"from:bob@lab cable", "from", "", "cable"},
		{`in:"Second floor" cable`, "in", "Choir", "cable in:Choir"},
		{"cable", "in", "Second floor", `cable in:"Second floor"`},
		{`in:"Second`, "in", "", ""},
		{"login:bob", "in", "Choir", "login:bob in:Choir"},
		{"", "has", "picture", "has:picture"},
	} {
		if got := withFilter(c.query, c.name, c.value); got != c.want {
			t.Errorf("%q with %s:%q is %q, want %q", c.query, c.name, c.value, got, c.want)
		}
	}
	if got := filterValue(`cable in:"Second floor"`, "in"); got != `"Second floor"` {
		t.Errorf("the value is %q", got)
	}
}

func FuzzFilters(f *testing.F) {
	for _, s := range []string{"cable from:bob", `in:"Second floor" x`, `in:"open`, "login:bob", "İn:x in:y", "in: in:", "ȺȺȺȺȺȺ in:x"} {
		f.Add(s, "Choir")
	}
	f.Fuzz(func(t *testing.T, query, value string) {
		got := withFilter(query, "in", value)
		if clean := strings.Join(strings.Fields(value), " "); clean == value && value != "" && !strings.Contains(value, `"`) && !strings.Contains(got, value) {
			t.Errorf("%q with in:%q is %q", query, value, got)
		}
	})
}
