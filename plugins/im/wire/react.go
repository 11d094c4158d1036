package wire

import (
	"strings"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

// nobody is the target of the deletion that stands beside a reaction, for readers
// that know none. Ids of updates are longer.
const nobody = "-"

// MaxOlderReactions is how many reactions of one message travel to another device.
const MaxOlderReactions = 500

// OlderReaction is one of an OlderRow.
type OlderReaction struct{ Emoji, From string }

// Bounds of an Author, in bytes.
const (
	maxAuthorAddress = 256
	maxAuthorName    = 128
)

// Author is who wrote what is forwarded. The zero value is nobody. It is what the
// sender says, and nothing proves it.
type Author struct{ Address, Name string }

// String is how an author is kept: one line for the address and one for the name.
func (a Author) String() string {
	if a == (Author{}) {
		return ""
	}
	return a.Address + "\n" + a.Name
}

// ParseAuthor reads what String gave.
func ParseAuthor(text string) Author {
	address, name, _ := strings.Cut(text, "\n")
	return Author{address, name}.clean()
}

// clean leaves of an author what one line each can show.
func (a Author) clean() Author {
	return Author{line(a.Address, maxAuthorAddress), line(a.Name, maxAuthorName)}
}

func line(text string, limit int) string {
	if !utf8.ValidString(text) {
		return ""
	}
	text = strings.Join(strings.Fields(strings.Map(cleanRune, text)), " ")
	if len(text) > limit {
		end := limit
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = strings.TrimSpace(text[:end])
	}
	return text
}

func decodeAuthor(m *AuthorMsg) Author {
	return Author{m.GetAddress(), m.GetName()}.clean()
}

func encodeAuthor(a Author) *AuthorMsg {
	if a = a.clean(); a == (Author{}) {
		return nil
	}
	return &AuthorMsg{Address: a.Address, Name: a.Name}
}

func decodeReact(m *ReactMsg) Body {
	if !ValidID(m.GetTarget()) || !ValidEmoji(m.GetEmoji()) {
		return Body{Kind: Idle}
	}
	return Body{Kind: React, Target: m.GetTarget(), Emoji: m.GetEmoji(), On: m.GetOn()}
}

// Runes that join what stands around them to one emoji.
const (
	zwj       = '\u200d'
	variation = '\ufe0f'
	keycap    = '\u20e3'
)

// ValidEmoji tells whether a text is one emoji and nothing else: a pictograph with
// what belongs to it, several that are joined, a flag, or a key. It is at most
// contractv1.MaxEmoji bytes long.
func ValidEmoji(text string) bool {
	if text == "" || len(text) > contractv1.MaxEmoji || !utf8.ValidString(text) {
		return false
	}
	r := []rune(text)
	switch {
	case regional(r[0]):
		return len(r) == 2 && regional(r[1])
	case strings.ContainsRune("0123456789#*", r[0]):
		return len(r) == 2 && r[1] == keycap || len(r) == 3 && r[1] == variation && r[2] == keycap
	}
	for {
		n := element(r)
		if n == 0 {
			return false
		}
		if n == len(r) {
			return true
		}
		if r[n] != zwj {
			return false
		}
		r = r[n+1:]
	}
}

// element is how many runes one pictograph takes with its variation, colour of
// skin or tags; 0 for none.
func element(r []rune) int {
	if len(r) == 0 || !pictograph(r[0]) {
		return 0
	}
	n := 1
	if n < len(r) && r[n] == variation {
		n++
	}
	if n < len(r) && r[n] >= 0x1f3fb && r[n] <= 0x1f3ff {
		n++
	}
	tags := n
	for n < len(r) && r[n] >= 0xe0020 && r[n] <= 0xe007e {
		n++
	}
	if n == tags {
		return n
	}
	if n < len(r) && r[n] == 0xe007f { // the end of the tags
		return n + 1
	}
	return 0
}

func regional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// pictographs are the ranges in which Unicode keeps them, and those that it will
// have there: a newer emoji of somebody else is one too.
var pictographs = [][2]rune{
	{0xa9, 0xa9}, {0xae, 0xae}, {0x203c, 0x203c}, {0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139},
	{0x2194, 0x21aa}, {0x231a, 0x23ff}, {0x24c2, 0x24c2}, {0x25aa, 0x25fe}, {0x2600, 0x27bf}, {0x2934, 0x2935},
	{0x2b05, 0x2b55}, {0x3030, 0x3030}, {0x303d, 0x303d}, {0x3297, 0x3297}, {0x3299, 0x3299},
	{0x1f000, 0x1f1e5}, {0x1f200, 0x1faff},
}

func pictograph(r rune) bool {
	for _, p := range pictographs {
		if r >= p[0] && r <= p[1] {
			return true
		}
	}
	return false
}
