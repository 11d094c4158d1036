package words

import "maps"

// germanKeys is what the page of the keyboard says in German; german takes it in.
var germanKeys = map[string]string{
	"Messages, when one has the keyboard": "Nachrichten, wenn eine den Fokus hat",
	"Pictures, when one is open":          "Bilder, wenn eines offen ist",
	"Next match":                          "Nächster Treffer",
	"Match before":                        "Vorheriger Treffer",
	"Next conversation":                   "Nächste Unterhaltung",
	"Conversation before":                 "Vorherige Unterhaltung",
	"Next control":                        "Nächstes Bedienelement",
	"Control before":                      "Vorheriges Bedienelement",
	"Next part of the window":             "Nächster Teil des Fensters",
	"Part of the window before":           "Vorheriger Teil des Fensters",
	"Bold":                                "Fett",
	"Italic":                              "Kursiv",
	"Select all":                          "Alles auswählen",
	"Cut":                                 "Ausschneiden",
	"Paste, also a picture":               "Einfügen, auch ein Bild",
	"Redo":                                "Wiederholen",
	"Later messages":                      "Spätere Nachrichten",
	"Earlier messages":                    "Frühere Nachrichten",
	"Menu of the message":                 "Menü der Nachricht",
	"Reactions":                           "Reaktionen",
	"Search everything":                   "Alles durchsuchen",
	"Select messages":                     "Nachrichten auswählen",
	"Ctrl+%s":                             "Strg+%s",
	"Ctrl+Shift+%s":                       "Strg+Umschalt+%s",
	"PgDn":                                "Bild↓",
	"PgUp":                                "Bild↑",
	"Home":                                "Pos1",
	"End":                                 "Ende",
}

func init() { maps.Copy(german, germanKeys) }
