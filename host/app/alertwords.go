package app

import (
	"fmt"
	"strings"
)

// germanAlerts is what notifications say, which no window translates.
var germanAlerts = map[string]string{
	"Open":                              "Öffnen",
	"Accept":                            "Annehmen",
	"Decline":                           "Ablehnen",
	"Reply":                             "Antworten",
	"Write a reply":                     "Antwort schreiben",
	"Mark read":                         "Als gelesen markieren",
	"New message":                       "Neue Nachricht",
	"%d new messages":                   "%d neue Nachrichten",
	"Mentions you":                      "Erwähnt Sie",
	"Asks you to join":                  "Bittet Sie dazu",
	"Asks you to join: %s":              "Bittet Sie dazu: %s",
	"You are invited to this group":     "Sie sind in diese Gruppe eingeladen",
	"You were added to this group":      "Sie wurden in diese Gruppe aufgenommen",
	"%s asks to be let into this group": "%s bittet um Einlass in diese Gruppe",
	"Is online now":                     "Ist jetzt da",
	"Your reply was not sent: %s":       "Ihre Antwort wurde nicht gesendet: %s",
	"That did not work: %s":             "Das ging nicht: %s",
	"Somebody asks to join the network": "Jemand möchte dem Netz beitreten",
	"A device asks to be linked":        "Ein Gerät möchte verknüpft werden",
	"%s shows %s":                       "%s zeigt %s",
}

// says is a sentence of a notification in the person's language.
func (a *App) says(english string, values ...any) string {
	sentence := english
	if tag, _, _ := strings.Cut(locale(a.settings.Get("appearance.language")), "-"); tag == "de" {
		if german, ok := germanAlerts[english]; ok {
			sentence = german
		}
	}
	if len(values) == 0 {
		return sentence
	}
	return fmt.Sprintf(sentence, values...)
}
