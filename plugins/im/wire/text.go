package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the published limit of one message, in bytes of UTF-8.
const MaxText = 32 << 10

// Refusal is why a text cannot be sent: one sentence for a person.
type Refusal string

// Error gives the sentence.
func (r Refusal) Error() string { return string(r) }

// The refusals of Clean.
const (
	ErrEmpty   = Refusal("There is nothing to send: write something first.")
	ErrInvalid = Refusal("The message is not valid UTF-8 text; paste it again as plain text.")
	ErrTooLong = Refusal("The message is longer than 32 KiB; send it in parts.")
)

// Clean makes text fit to be sent and shown: line ends become line feeds,
// control characters and direction overrides go, and so do blank lines around
// it. What remains is refused when it is empty, longer than MaxText or not
// UTF-8. Clean never makes a text longer, and cleaning twice changes nothing.
func Clean(text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", ErrInvalid
	}
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	text = strings.Map(cleanRune, text)
	text = trimBlank(text)
	switch {
	case text == "":
		return "", ErrEmpty
	case len(text) > MaxText:
		return "", ErrTooLong
	}
	return text, nil
}

// cleanRune maps what may not be shown. Overrides (LRO, RLO) can make a text
// read as another; embeddings and isolates are kept for right-to-left writing.
func cleanRune(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r == '\u2028' || r == '\u2029':
		return '\n'
	case unicode.IsControl(r), r == '\u202d', r == '\u202e', r == '\ufeff':
		return -1
	}
	return r
}

// trimBlank drops blank lines before the text, so that the indentation of its
// first line stays, and all white space after it.
func trimBlank(text string) string {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	for {
		line, rest, more := strings.Cut(text, "\n")
		if !more || strings.TrimSpace(line) != "" {
			return text
		}
		text = rest
	}
}
