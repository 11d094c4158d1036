package app

import (
	"slices"
	"strconv"
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

func TestConversationsStandByNameAsTheLanguageDoes(t *testing.T) {
	for locale, want := range map[string]string{"de": "Ärger otto Zoe", "sv": "otto Zoe Ärger"} {
		for _, by := range []string{"name", "latest", "presence"} { // no message yet: only names tell them apart
			rows := []model.Conversation{{ID: "1", Title: "Zoe"}, {ID: "2", Title: "Ärger"}, {ID: "3", Title: "otto"}}
			order(rows, by, nil, newLetters(locale))
			if got := rows[0].Title + " " + rows[1].Title + " " + rows[2].Title; got != want {
				t.Errorf("%s by %s: %q, want %q", locale, by, got, want)
			}
		}
	}
}

func TestWeightsOfNamesThatAreGoneAreForgotten(t *testing.T) {
	names := newLetters("en")
	for i := range 5 * fewNames {
		order([]model.Conversation{{ID: "1", Title: strconv.Itoa(i)}}, "name", nil, names)
		if n := len(names.known); n > 2*fewNames {
			t.Fatalf("%d weights are kept for one name", n)
		}
	}
}
