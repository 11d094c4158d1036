package app

import (
	"slices"
	"testing"

	"switchboard/shared/model"
)

func TestNamesAreSortedAsTheLanguageDoes(t *testing.T) {
	for locale, want := range map[string][]string{
		"de":    {"Adam", "Ärger", "Österreich", "Otto", "zoe"},
		"en-US": {"Adam", "Ärger", "Österreich", "Otto", "zoe"},
		"sv":    {"Adam", "Otto", "zoe", "Ärger", "Österreich"},
		"!!":    {"Adam", "Ärger", "Österreich", "Otto", "zoe"},
	} {
		got := []string{"zoe", "Österreich", "Otto", "Ärger", "Adam"}
		sortNames(locale, got, func(s string) string { return s }, func(s string) string { return s })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}

func TestContactsAreSortedAnewInAnotherLanguage(t *testing.T) {
	var p people
	p.init()
	for _, name := range []string{"Zoe", "Ärger"} {
		p.contacts[name] = model.Contact{Address: name, Name: name}
	}
	p.speak("de")
	if got := p.byName(); got[0] != "Ärger" {
		t.Errorf("in German %q", got)
	}
	p.speak("sv")
	if got := p.byName(); got[0] != "Zoe" {
		t.Errorf("in Swedish %q", got)
	}
}
