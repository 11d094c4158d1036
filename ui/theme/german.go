package theme

import "switchboard/ui/words"

// german is what widgets and drawn views say, by the English sentence.
var german = map[string]string{
	"%s %d":                            "%s %d",
	"%v MB":                            "%v MB",
	"%d new":                           "%d neu",
	"Messages":                         "Nachrichten",
	"Attach a picture":                 "Bild anhängen",
	"Attach it":                        "Anhängen",
	"Loading…":                         "Wird geladen…",
	"Show picture (%s)":                "Bild anzeigen (%s)",
	"This is the name of a picture.":   "Das ist der Name eines Bildes.",
	"These are the names of pictures.": "Das sind die Namen von Bildern.",
	"Attach them":                      "Anhängen",
	"Cancel":                           "Abbrechen",
	"Close":                            "Schließen",
	"Copy address":                     "Adresse kopieren",
	"Copy selected text":               "Auswahl kopieren",
	"Delivered":                        "Zugestellt",
	"Go to the message by %s":          "Zur Nachricht von %s",
	"Go to the newest message":         "Zur neuesten Nachricht",
	"Hide":                             "Verbergen",
	"Messages cannot be sent here.":    "Hier können keine Nachrichten gesendet werden.",
	"More":                             "Mehr",
	"Not sent":                         "Nicht gesendet",
	"Not sent: %s":                     "Nicht gesendet: %s",
	"Open":                             "Öffnen",
	"Open %s":                          "%s öffnen",
	"Open this address?":               "Diese Adresse öffnen?",
	"Picture":                          "Bild",
	"Read":                             "Gelesen",
	"Send":                             "Senden",
	"Sent":                             "Gesendet",
	"Show all":                         "Alles anzeigen",
	"Show":                             "Anzeigen",
	"Still starting. This takes longer than usual.": "Startet noch. Das dauert länger als sonst.",
	"This activity is not available here.":          "Diese Aktivität ist hier nicht verfügbar.",
	"This message was deleted.":                     "Diese Nachricht wurde gelöscht.",
	"This needs a newer version of Switchboard.":    "Das braucht eine neuere Version von Switchboard.",
	"Waiting to be sent":                            "Wird noch gesendet",
	"being edited":                                  "wird bearbeitet",
	"edited":                                        "bearbeitet",
}

// counted is the sentences with a number, by the English sentence for more than one.
var counted = map[string]words.Counted{
	"This message is %d bytes too long to be sent.": {One: "This message is one byte too long to be sent.",
		GermanOne: "Diese Nachricht ist ein Byte zu lang zum Senden.", German: "Diese Nachricht ist %d Bytes zu lang zum Senden."},
	"This text is %d bytes too long.": {One: "This text is one byte too long.",
		GermanOne: "Dieser Text ist ein Byte zu lang.", German: "Dieser Text ist %d Bytes zu lang."},
	"%s: %d selected messages?": {At: 2, One: "%[1]s: 1 selected message?",
		GermanOne: "%[1]s: 1 ausgewählte Nachricht?", German: "%s: %d ausgewählte Nachrichten?"},
}

// The sentences of widgets and drawn views stand in the window's one catalogue.
func init() {
	words.Add(german, counted)
	words.Add(germanChat, nil)
}
