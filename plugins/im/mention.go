package im

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMentions = 50  // of one message; the rest is plain text
	maxMention  = 96  // bytes of a name
	maxTried    = 500 // times that a name is looked for in one message
)

// mention is where a text names somebody: text[from:to], with the @.
type mention struct {
	from, to int
	address  string
}

// nameBook finds people by what can follow an @: user name, address or display
// name, all in lower case. A display name that two people have, or that is the
// user name of somebody else, finds nobody.
func nameBook(names map[string]string, members []string) map[string]string {
	book, shown, twice := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, address := range members {
		book[strings.ToLower(address)] = address
		book[strings.ToLower(userOf(address))] = address
		name := strings.ToLower(strings.TrimSpace(names[address]))
		if name == "" || len(name) > maxMention {
			continue
		}
		twice[name] = shown[name] != ""
		shown[name] = address
	}
	for name, address := range shown {
		if !twice[name] && book[name] == "" {
			book[name] = address
		}
	}
	return book
}

// mentionsIn finds whom a text names. The longest name wins.
func mentionsIn(text string, book map[string]string) (list []mention) {
	for i, tried := 0, 0; i < len(text) && len(list) < maxMentions && tried < maxTried; i++ {
		if text[i] != '@' || i > 0 && wordBefore(text[:i]) {
			continue
		}
		tried++
		if end, address := nameAt(text, i+1, book); address != "" {
			list = append(list, mention{i, end, address})
			i = end - 1
		}
	}
	return list
}

// nameAt is the longest name of the book that begins at a place and ends with a
// word.
func nameAt(text string, at int, book map[string]string) (end int, address string) {
	for i := at; i <= len(text) && i-at <= maxMention; {
		r, size := utf8.DecodeRuneInString(text[i:])
		if i > at && (i == len(text) || !inWord(r)) {
			if who := book[strings.ToLower(text[at:i])]; who != "" {
				end, address = i, who
			}
		}
		if i == len(text) || r == '\n' {
			break
		}
		i += size
	}
	return end, address
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func wordBefore(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return inWord(r) || r == '.' || r == '@'
}

// book is who can be named here, made anew when somebody comes or goes.
func (c *chat) book() map[string]string {
	if !c.group() {
		return nil
	}
	if c.known == nil {
		c.known = nameBook(c.names, append([]string{c.me}, c.others...))
	}
	return c.known
}

// namesMe tells whether somebody else's text names me.
func (c *chat) namesMe(from, text string) bool {
	if from == c.me || !c.group() {
		return false
	}
	for _, m := range mentionsIn(text, c.book()) {
		if m.address == c.me {
			return true
		}
	}
	return false
}
