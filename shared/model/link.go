package model

import "strings"

// OpensAccount tells whether a link leads to an account that exists: it holds the
// code of a further device (d=) or a recovery code (r=), and nobody is to be asked
// for a name. What a link means otherwise is the network's business.
func OpensAccount(link string) bool {
	_, fragment, _ := strings.Cut(link, "#")
	for _, field := range strings.Split(fragment, "&") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		if (name == "d" || name == "r") && value != "" {
			return true
		}
	}
	return false
}

// Restores tells whether a link holds a recovery code.
func Restores(link string) bool {
	_, fragment, _ := strings.Cut(link, "#")
	for _, field := range strings.Split(fragment, "&") {
		if value, found := strings.CutPrefix(strings.TrimSpace(field), "r="); found && value != "" {
			return true
		}
	}
	return false
}
