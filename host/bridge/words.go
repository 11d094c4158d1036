package bridge

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Bounds of a process's last words: how much of the end is kept, and how much of
// a line stands in a reason.
const (
	maxWords    = 8 << 10
	longestLine = 200
)

// lastWords are the end of what a process wrote.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

func (l *lastWords) add(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	if n := len(l.text) - maxWords; n > 0 {
		l.text = append(l.text[:0], l.text[n:]...)
	}
}

// line is the last line, as the end of a sentence; "" when nothing was said. Of a
// program that panicked it is what it panicked over, and not the end of its stack.
func (l *lastWords) line() string {
	l.mu.Lock()
	text := strings.TrimSpace(strings.ToValidUTF8(string(l.text), "?"))
	l.mu.Unlock()
	lines := strings.Split(text, "\n")
	last := lines[len(lines)-1]
	if i := slices.IndexFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")
	}); i >= 0 {
		last = lines[i]
	}
	if last = plain(last); last == "" {
		return ""
	}
	return ": " + last
}

// plain is what a line of a log says, without the form it has for machines, as it
// may stand among the host's own words.
func plain(line string) string {
	var entry struct {
		Message string `json:"@message"`
		Error   any    `json:"error"`
	}
	if json.Unmarshal([]byte(line), &entry) == nil && entry.Message != "" {
		line = entry.Message
		if why, ok := entry.Error.(string); ok && why != "" {
			line += ": " + why
		}
	}
	line = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029':
			return -1
		}
		return r
	}, line)
	if len(line) > longestLine {
		line = line[:longestLine-len("…")] + "…"
	}
	return strings.TrimSpace(strings.ToValidUTF8(line, ""))
}
