package bridge

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLastWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		" \n\n":                    "",
		"one\ntwo\n":               ": two",
		"the \x1b[31mdisk\x07\r\n": ": the [31mdisk",
		`{"@level":"error","@message":"cannot open","error":"no such file"}` + "\n": ": cannot open: no such file",
		`{"@level":"info","@message":"hello"}`:                                      ": hello",
		"{broken":                                                                   ": {broken",
		"starting\npanic: no camera\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/main.go:3 +0x1d\nexit status 2\n": ": panic: no camera",
		"a\u202eb": ": ab",
	} {
		var l lastWords
		l.add([]byte(text))
		if got := l.line(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	var l lastWords
	l.add([]byte(strings.Repeat("ä\n", 10000) + strings.Repeat("ö", 5000)))
	if got := l.line(); len(got) > longestLine+2 || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) || len(l.text) > maxWords {
		t.Errorf("%d bytes are kept: %q", len(l.text), got)
	}
}

func FuzzLastWords(f *testing.F) {
	f.Add([]byte("one\ntwo"))
	f.Add([]byte(`{"@message":"x","error":3}`))
	f.Add([]byte("panic: \xff\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var l lastWords
		l.add(data)
		got := l.line()
		if len(got) > longestLine+2 || !utf8.ValidString(got) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q", got)
		}
	})
}
