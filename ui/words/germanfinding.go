package words

import "maps"

// germanFinding is what finds people, commands and messages in German.
var germanFinding = map[string]string{
	"Search messages":               "Nachrichten durchsuchen",
	"Looking through the messages…": "Die Nachrichten werden durchsucht…",
	"People":                        "Personen",
	"Commands":                      "Befehle",
	"Messages":                      "Nachrichten",
	"A picture":                     "Ein Bild",
	"Words, or “a phrase”":          "Wörter oder „eine Wendung“",
	"Nothing was written like that": "Dazu wurde nichts gefunden",
	"Try fewer words, or take a filter away. Messages that are no longer kept here are not found.": "Versuchen Sie weniger Wörter, oder nehmen Sie einen Filter weg. Nachrichten, die hier nicht mehr aufbewahrt werden, findet die Suche nicht.",
	"Search everything that was written": "Alles durchsuchen, was geschrieben wurde",
	"Type a word. The filters narrow it to a person, a conversation, a time, or to pictures and links.": "Geben Sie ein Wort ein. Die Filter beschränken die Suche auf eine Person, eine Unterhaltung, eine Zeit oder auf Bilder und Links.",
	"Show older ones": "Ältere anzeigen",
	"From":            "Von",
	"In":              "In",
	"Before":          "Vor",
	"After":           "Nach",
	"Has":             "Enthält",
	"A link":          "Einen Link",
	"Today":           "Heute",
	"A week ago":      "Vor einer Woche",
	"A month ago":     "Vor einem Monat",
	"A year ago":      "Vor einem Jahr",
	"Find a person, a group, a command or a message": "Eine Person, eine Gruppe, einen Befehl oder eine Nachricht finden",
	"Without this filter":                            "Ohne diesen Filter",
	"Find in this conversation":                      "In dieser Unterhaltung suchen",
	"Find · Ctrl+F":                                  "Suchen · Strg+F",
	"Next match · F3":                                "Nächster Treffer · F3",
	"Previous match · Shift+F3":                      "Vorheriger Treffer · Umschalt+F3",
	"No match":                                       "Kein Treffer",
	"All messages with “%s”":                         "Alle Nachrichten mit „%s“",
	"%s in %s":                                       "%s in %s",
	"%s, %s: %s":                                     "%s, %s: %s",
	"%d of more than %d":                             "%d von mehr als %d",
	"%d of %d":                                       "%d von %d",
	"More than %d matches":                           "Mehr als %d Treffer",
	"1 match":                                        "1 Treffer",
	"%d matches":                                     "%d Treffer",
}

func init() { maps.Copy(german, germanFinding) }
