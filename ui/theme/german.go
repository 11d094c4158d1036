package theme

import (
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// german is what widgets and drawn views say, by the English sentence.
var german = map[string]string{
	"%d new":                         "%d neu",
	"Attach a picture":               "Bild anhängen",
	"Attach it":                      "Anhängen",
	"Loading…":                       "Wird geladen…",
	"Show picture (%s)":              "Bild zeigen (%s)",
	"This is the name of a picture.": "Das ist der Name eines Bildes.",
	"Cancel":                         "Abbrechen",
	"Close":                          "Schließen",
	"Copy address":                   "Adresse kopieren",
	"Copy selected text":             "Auswahl kopieren",
	"Delivered":                      "Zugestellt",
	"Go to the message by %s":        "Zur Nachricht von %s",
	"Go to the newest message":       "Zur neuesten Nachricht",
	"Hide":                           "Verbergen",
	"Messages cannot be sent here.":  "Hier können keine Nachrichten gesendet werden.",
	"More":                           "Mehr",
	"Not sent":                       "Nicht gesendet",
	"Not sent: %s":                   "Nicht gesendet: %s",
	"Open":                           "Öffnen",
	"Open %s":                        "%s öffnen",
	"Open this address?":             "Diese Adresse öffnen?",
	"Picture":                        "Bild",
	"Read":                           "Gelesen",
	"Send":                           "Senden",
	"Sent":                           "Gesendet",
	"Show all":                       "Alles zeigen",
	"Show":                           "Zeigen",
	"Still starting. This takes longer than usual.": "Startet noch. Das dauert länger als sonst.",
	"This activity is not available here.":          "Diese Aktivität ist hier nicht verfügbar.",
	"This message was deleted.":                     "Diese Nachricht wurde gelöscht.",
	"This needs a newer version of Switchboard.":    "Das braucht eine neuere Version von Switchboard.",
	"Waiting to be sent":                            "Wartet auf das Senden",
	"being edited":                                  "wird bearbeitet",
	"edited":                                        "bearbeitet",
}

// counted is the sentences with a number, by language and English sentence: one,
// other.
var counted = map[language.Tag]map[string][2]string{
	language.English: {
		"This message is %d bytes too long to be sent.": {"This message is one byte too long to be sent.", "This message is %d bytes too long to be sent."},
		"This text is %d bytes too long.":               {"This text is one byte too long.", "This text is %d bytes too long."},
	},
	language.German: {
		"This message is %d bytes too long to be sent.": {"Diese Nachricht ist ein Byte zu lang zum Senden.", "Diese Nachricht ist %d Bytes zu lang zum Senden."},
		"This text is %d bytes too long.":               {"Dieser Text ist ein Byte zu lang.", "Dieser Text ist %d Bytes zu lang."},
	},
}

// speak puts the sentences into the program's catalogue, once.
var speak = sync.OnceFunc(func() {
	put := func(err error) {
		if err != nil {
			panic("theme: the catalogue refuses a sentence: " + err.Error())
		}
	}
	for en, de := range german {
		put(message.SetString(language.German, en, de))
	}
	for en, de := range germanChat {
		put(message.SetString(language.German, en, de))
	}
	for tag, all := range counted {
		for en, forms := range all {
			put(message.Set(tag, en, plural.Selectf(1, "%d", plural.One, forms[0], plural.Other, forms[1])))
		}
	}
})
