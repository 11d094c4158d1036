package drop

import (
	"slices"
	"strings"
	"testing"
)

func TestListsOfFiles(t *testing.T) {
	for list, want := range map[string]string{
		"file:///home/a/b.png\r\n":                             "/home/a/b.png",
		"# a comment\r\nfile:///a%20b\r\nfile://localhost/c\n": "/a b|/c",
		"file:///a\x00":                                        "/a",
		"http://example.org/x.png\r\n":                         "|more",
		"file://elsewhere/x\n":                                 "|more",
		"file:relative\n":                                      "|more",
		"file:///a%00b\n":                                      "|more",
		"file:///a/../../etc/x\n":                              "/etc/x",
		"":                                                     "",
	} {
		paths, more := files([]byte(list))
		got := strings.Join(paths, "|")
		if more {
			got += "|more"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
	if paths, more := files([]byte(strings.Repeat("file:///x\n", MaxFiles+1))); len(paths) != MaxFiles || !more {
		t.Errorf("%d files, %v", len(paths), more)
	}
}

func FuzzListsOfFiles(f *testing.F) {
	f.Add([]byte("file:///a%20b\r\n#x\nfile://h/c"))
	f.Add([]byte("file:///%zz\nfile:///\x00"))
	f.Fuzz(func(t *testing.T, list []byte) {
		paths, _ := files(list)
		if len(paths) > MaxFiles || slices.ContainsFunc(paths, func(p string) bool { return !strings.HasPrefix(p, "/") || strings.ContainsRune(p, 0) }) {
			t.Errorf("%q", paths)
		}
	})
}
