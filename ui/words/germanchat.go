package words

import "maps"

// germanChat is what conversations say in German; german takes it in.
var germanChat = map[string]string{
	"Forward to…":          "Weiterleiten an…",
	"Search conversations": "Unterhaltungen suchen",
	"Jump to date…":        "Zu einem Tag springen…",
	"Larger":               "Größer",
	"Smaller":              "Kleiner",
	"Fit the window":       "An das Fenster anpassen",
	"Save as…":             "Speichern unter…",
	"Next picture":         "Nächstes Bild",
	"Picture before":       "Vorheriges Bild",
	"File":                 "Datei",
	"Save":                 "Speichern",
	"This address is not opened: only web and mail addresses are.": "Diese Adresse wird nicht geöffnet: Nur Web- und Mailadressen lassen sich öffnen.",
	"Jump to a day of this conversation":                           "Zu einem Tag dieser Unterhaltung springen",
	"Forwarded to %s":                                              "Weitergeleitet an %s",
	"Saved as %s":                                                  "Gespeichert als %s",
}

func init() { maps.Copy(german, germanChat) }
