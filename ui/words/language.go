package words

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/text/language"
)

// Word is a fixed sentence of the window, written in English. Only Text is for a
// person: what is shown must be a string, so one that nobody translates does not
// compile.
type Word string

// Text is the sentence in the person's language; safe from any goroutine.
func (w Word) Text() string { return translated(string(w)) }

// spoken is the table of the language in use, nil for English.
var spoken atomic.Pointer[map[string]string]

// Use makes the window speak a language, or English when it is none that ships.
// One program speaks one language; safe from any goroutine.
func Use(tag language.Tag) {
	switch Shipped(tag) {
	case language.German:
		spoken.Store(&german)
	default:
		spoken.Store(nil)
	}
}

// Languages are those that ship, the first for people who read none of them.
func Languages() []language.Tag { return []language.Tag{language.English, language.German} }

var shipped = language.NewMatcher(Languages())

// Shipped is the language that ships which serves a person of another best.
func Shipped(tag language.Tag) language.Tag {
	_, at, confidence := shipped.Match(tag)
	if confidence == language.No {
		return language.English
	}
	return Languages()[at]
}

// Choose is the language of a setting: one that is named in it, or with "system"
// that of the environment.
func Choose(setting string) language.Tag {
	if setting != "" && setting != "system" {
		return Shipped(language.Make(setting))
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v, _, _ = strings.Cut(v, ".")
			v, _, _ = strings.Cut(v, "@")
			if v == "C" || v == "POSIX" {
				break
			}
			return Shipped(language.Make(strings.ReplaceAll(v, "_", "-")))
		}
	}
	return language.English
}

func translated(english string) string {
	if t := spoken.Load(); t != nil {
		if s, ok := (*t)[english]; ok {
			return s
		}
	}
	return english
}

// say prints a sentence with values in it, in the person's language. The English
// sentence is a literal: a test reads the calls and looks for translations.
func say(english string, values ...any) string {
	form := translated(english)
	if len(values) == 0 {
		return form
	}
	return fmt.Sprintf(form, values...)
}

// Known is the translation of a sentence of the host or of a plugin that comes
// with it, such as the title of a setting; another sentence comes back as it is.
func Known(sentence string) string {
	if inGerman() {
		if s, ok := germanOfHost[sentence]; ok {
			return s
		}
	}
	return sentence
}
