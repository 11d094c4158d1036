package ui_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/language"

	"switchboard/ui/words"
)

// TestScreensSpeakTheLanguageOfTests draws every screen in the pseudo-locale and
// looks for what is neither one whole sentence of it nor of the world that is
// shown: a sentence that nobody can translate, or one joined from parts.
func TestScreensSpeakTheLanguageOfTests(t *testing.T) {
	t.Cleanup(func() { words.Use(language.English) })
	t.Setenv("SWITCHBOARD_LANG", words.Pseudo.String())
	for _, c := range slices.Concat(screens, groupScreens, netScreens) {
		if strings.HasSuffix(c.name, "-twice") || strings.HasPrefix(c.name, "de-") {
			continue // they find their way by German words
		}
		t.Run(c.name, func(t *testing.T) {
			s := show(t, c.world(), c.size, c.scale)
			if c.then != nil {
				c.then(s)
				s.wait()
			}
			data := map[string]bool{"Switchboard": true, "laptop": true, "Alice's desk": true, "K7QM-2X4P-9TRA": true, "Bob gnp.exe": true,
				"Esc": true, "F10": true, "F11": true, "Tab": true, "Alt": true, "Dora Lindqvist": true, "Inês Carvalho": true}
			for _, v := range []any{s.world.Snapshot(), s.world.views, s.world.compacts, s.world.found, s.world.carry} {
				strs(reflect.ValueOf(v), data)
			}
			whole := 0
			for _, label := range said(s) {
				if one(label) {
					whole++
				} else if !isList(label, data) {
					t.Errorf("neither one sentence nor data: %q", label)
				}
			}
			if whole == 0 {
				t.Error("nothing was translated")
			}
		})
	}
}

// Click presses what has a label, in English or in the language of tests.
func (s *shown) Click(label string) { s.Window.Click(s.shownAs(label)) }

// RightClick is Click with the other button.
func (s *shown) RightClick(label string) { s.Window.RightClick(s.shownAs(label)) }

func (s *shown) shownAs(label string) string {
	if words.Cancel.Text() == string(words.Cancel) || s.Has(label) {
		return label
	}
	for _, l := range said(s) {
		p := plain(l)
		if prefix, cut := strings.CutSuffix(label, "…"); p == label || cut && strings.HasPrefix(p, prefix) {
			return l
		}
	}
	return label
}

// plain is a sentence of the language of tests in English again.
func plain(s string) string {
	if !strings.Contains(s, "[") {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '[' || r == ']' || r == '~':
			return -1
		case unaccent[r] != 0:
			return unaccent[r]
		}
		return r
	}, s)
}

var unaccent = words.PseudoLetters()

// said is every text that a screen reader would find.
func said(s *shown) (out []string) {
	for _, n := range s.Nodes() {
		for _, text := range []string{n.Label, n.Description} {
			if text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

// one tells whether a text is a single sentence: its first bracket closes at its end.
func one(text string) bool {
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]") {
		return false
	}
	depth := 0
	for i, r := range text {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		}
		if depth == 0 && i < len(text)-1 {
			return false
		}
	}
	return depth == 0
}

// isList tells whether a text is nothing but sentences and data with commas between
// them, as a screen reader is told of a message: not words put together as a sentence.
func isList(text string, data map[string]bool) bool {
	text = strings.TrimSuffix(text, "…")
	if one(text) || isData(text, data) {
		return true
	}
	for at := 0; ; {
		i := strings.Index(text[at:], ", ")
		if i < 0 {
			return false
		}
		at += i
		if head := text[:at]; (one(head) || isData(head, data)) && isList(text[at+2:], data) {
			return true
		}
		at += 2
	}
}

// isData tells whether a text is of the world, or a part of that.
func isData(text string, data map[string]bool) bool {
	text = strings.Map(visible, text)
	if name, user, two := strings.Cut(strings.TrimSuffix(text, `"`), ` "`); two && data[name] { // as somebody is offered after an @
		text = user
	}
	if len([]rune(text)) <= 2 || !strings.ContainsFunc(text, unicode.IsLetter) || strings.HasPrefix(text, "switchboard://") || data[text] {
		return true
	}
	for d := range data {
		if strings.Contains(strings.Map(visible, d), text) {
			return true
		}
	}
	return false
}

// visible drops what directs the text of others and the @ before the names of people.
func visible(r rune) rune {
	if unicode.Is(unicode.Cf, r) || r == '@' {
		return -1
	}
	return r
}

// strs collects the texts of a value.
func strs(v reflect.Value, into map[string]bool) {
	switch v.Kind() {
	case reflect.String:
		into[v.String()] = true
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			strs(v.Elem(), into)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				strs(v.Field(i), into)
			}
		}
	case reflect.Slice, reflect.Array:
		line := ""
		for i := range v.Len() {
			strs(v.Index(i), into)
			if e := reflect.Indirect(v.Index(i)); e.Kind() == reflect.Struct && e.FieldByName("Text").Kind() == reflect.String {
				line += e.FieldByName("Text").String() // spans of one text
			}
		}
		into[line] = true
	case reflect.Map:
		for _, k := range v.MapKeys() {
			strs(k, into)
			strs(v.MapIndex(k), into)
		}
	}
}
