package words

import (
	"maps"
	"strings"
)

// What only a screen reader says.
const (
	ConversationList Word = "Conversations"
	PressAction      Word = "Press"
)

// Spoken joins the parts of what a screen reader says of one thing; those that
// are empty are left out.
func Spoken(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// MoreNews counts what happened while a screen reader was still speaking.
func MoreNews(n int) string {
	if n == 1 {
		return say("and 1 more message")
	}
	return say("and %d more messages", n)
}

// germanSpoken is what only a screen reader says in German; german takes it in.
var germanSpoken = map[string]string{
	"Conversations":        "Unterhaltungen",
	"Press":                "Drücken",
	"and 1 more message":   "und 1 weitere Nachricht",
	"and %d more messages": "und %d weitere Nachrichten",
}

func init() { maps.Copy(german, germanSpoken) }
