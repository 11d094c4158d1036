package app

import (
	"fmt"
	"slices"
	"strings"

	"switchboard/shared/model"
)

// searchedPeople are the addresses that the names of from: mean.
func searchedPeople(names []string, s *model.Snapshot) ([]string, string) {
	type person struct{ address, name string }
	var people []person
	if s.Account != nil {
		people = append(people, person{s.Account.Address, s.Account.Name})
	}
	for _, c := range s.Contacts {
		people = append(people, person{c.Address, c.Name})
	}
	for _, g := range s.Groups {
		for _, m := range g.Members {
			people = append(people, person{m.Address, m.Name})
		}
	}
	var out []string
	for _, name := range names {
		var exact, begins []string
		want := strings.ToLower(name)
		for _, p := range people {
			address, called := strings.ToLower(p.address), strings.ToLower(p.name)
			user, _, _ := strings.Cut(address, "@")
			switch {
			case want == address || want == user || want == called:
				exact = append(exact, p.address)
			case wordBegins(called, want) || strings.HasPrefix(user, want):
				begins = append(begins, p.address)
			}
		}
		if s.Account != nil && (want == "me" || want == "ich") && len(exact) == 0 {
			exact = append(exact, s.Account.Address)
		}
		if len(exact) == 0 {
			exact = begins
		}
		if len(exact) == 0 && strings.Contains(name, "@") {
			exact = append(exact, name) // somebody who is no contact any more
		}
		if len(exact) == 0 {
			return nil, fmt.Sprintf("Nobody here is called “%s”; from: takes the name or the address of somebody you know.", short(name))
		}
		out = append(out, exact...)
	}
	slices.Sort(out)
	return slices.Compact(out), ""
}

// searchedIn are the conversations that the names of in: mean.
func searchedIn(names []string, s *model.Snapshot) ([]string, string) {
	var out []string
	for _, name := range names {
		var exact, begins []string
		want := strings.ToLower(name)
		for _, c := range s.Conversations {
			title := strings.ToLower(c.Title)
			switch {
			case want == title || name == c.ID || want == strings.ToLower(c.Peer):
				exact = append(exact, c.ID)
			case wordBegins(title, want):
				begins = append(begins, c.ID)
			}
		}
		if len(exact) == 0 {
			exact = begins
		}
		if len(exact) == 0 {
			return nil, fmt.Sprintf("No conversation here is called “%s”; in: takes the title of one, in quotation marks if it has spaces.", short(name))
		}
		out = append(out, exact...)
	}
	slices.Sort(out)
	return slices.Compact(out), ""
}

// wordBegins tells whether the text, or a word of it, begins so.
func wordBegins(text, with string) bool {
	return strings.HasPrefix(text, with) || strings.Contains(text, " "+with)
}

// short is what a sentence repeats of what was typed.
func short(name string) string {
	if r := []rune(name); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return name
}
