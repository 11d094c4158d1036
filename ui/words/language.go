package words

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Word is a fixed sentence of the window, written in English. Only Text is for a
// person: what is shown must be a string, so one that nobody translates does not
// compile.
type Word string

// Text is the sentence in the person's language; safe from any goroutine.
func (w Word) Text() string { return translated(string(w)) }

// speech is a language in use.
type speech struct {
	tag     language.Tag
	fixed   map[string]string // sentences that take no numbers, by the English one
	printer *message.Printer  // all others
	pseudo  bool
}

// spoken is the language in use, nil for English before Use.
var spoken atomic.Pointer[speech]

// Pseudo is the language of tests: every sentence of the window stands in brackets,
// with accents and longer by two fifths, so that one can see which are not
// translated, which were joined of parts, and what breaks when they grow. No
// setting offers it; SWITCHBOARD_LANG=en-XA in the environment asks for it.
var Pseudo = language.MustParse("en-XA")

// Use makes the window speak a language, or English when it is none that ships.
// One program speaks one language; safe from any goroutine.
func Use(tag language.Tag) {
	if now := spoken.Load(); now != nil && now.tag == Shipped(tag) {
		return
	}
	tag = Shipped(tag)
	s := &speech{tag: tag, printer: Printer(tag), pseudo: tag == Pseudo}
	switch tag {
	case language.German:
		s.fixed = german
	case Pseudo:
		s.fixed = pseudoTable()
	}
	spoken.Store(s)
	forget()
}

// Languages are those that ship, the first for people who read none of them.
func Languages() []language.Tag { return []language.Tag{language.English, language.German} }

var shipped = language.NewMatcher(Languages())

// Shipped is the language that ships which serves a person of another best.
func Shipped(tag language.Tag) language.Tag {
	if tag == Pseudo {
		return tag
	}
	_, at, confidence := shipped.Match(tag)
	if confidence == language.No {
		return language.English
	}
	return Languages()[at]
}

// Choose is the language of a setting: one that is named in it, or with "system"
// that of the environment. SWITCHBOARD_LANG there overrules both.
func Choose(setting string) language.Tag {
	if forced := os.Getenv("SWITCHBOARD_LANG"); forced != "" {
		return Shipped(language.Make(forced))
	}
	if setting != "" && setting != "system" {
		return Shipped(language.Make(setting))
	}
	return Shipped(environment("LC_ALL", "LC_MESSAGES", "LANG"))
}

// environment is the first locale that one of the variables names.
func environment(names ...string) language.Tag {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			v, _, _ = strings.Cut(v, ".")
			v, _, _ = strings.Cut(v, "@")
			if v == "C" || v == "POSIX" {
				break
			}
			return language.Make(strings.ReplaceAll(v, "_", "-"))
		}
	}
	return language.English
}

func inGerman() bool {
	s := spoken.Load()
	return s != nil && s.tag == language.German
}

func inPseudo() bool {
	s := spoken.Load()
	return s != nil && s.pseudo
}

func translated(english string) string {
	if s := spoken.Load(); s != nil {
		if t, ok := s.fixed[english]; ok {
			return t
		}
	}
	return english
}

// say prints a sentence with values in it, in the person's language: whole numbers
// as they are written there, and after a number the form that it asks for, when
// counted has one. The English sentence is a literal: a test reads the calls and
// looks for translations.
func say(english string, values ...any) string {
	if len(values) == 0 {
		return translated(english)
	}
	s := spoken.Load()
	switch {
	case strings.Contains(english, "%d"), strings.Contains(english, "%v"):
		if s == nil {
			return englishPrinter().Sprintf(english, values...)
		}
		return s.printer.Sprintf(english, values...)
	case s != nil && s.pseudo && bare(english):
		return fmt.Sprintf("["+english+"]", values...)
	}
	return fmt.Sprintf(translated(english), values...)
}

// bare tells whether a sentence has no words of its own, only those put into it.
func bare(english string) bool {
	for rest := english; ; {
		before, _, after, ok := cutVerb(rest)
		if strings.ContainsFunc(before, isLetter) {
			return false
		}
		if !ok {
			return true
		}
		rest = after
	}
}

func isLetter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }
