package words

// counted are the sentences with a number, by the English one for more.
var counted = map[string]Counted{
	"%d people are connected through this computer and will be cut off. %s": {
		One:       "One person is connected through this computer and will be cut off. %[2]s",
		GermanOne: "Eine Person ist über diesen Computer verbunden und wird getrennt. %[2]s",
		German:    "%d Personen sind über diesen Computer verbunden und werden getrennt. %s"},
	"%d devices of other computers are connected through this one and will be cut off. %s": {
		One:       "One device of another computer is connected through this one and will be cut off. %[2]s",
		GermanOne: "Ein Gerät eines anderen Computers ist über diesen verbunden und wird getrennt. %[2]s",
		German:    "%d Geräte anderer Computer sind über diesen verbunden und werden getrennt. %s"},
	"%d unread messages": {One: "1 unread message", GermanOne: "1 ungelesene Nachricht", German: "%d ungelesene Nachrichten"},
	"%d requests":        {One: "1 request", GermanOne: "1 Anfrage", German: "%d Anfragen"},
	"Next try in %d seconds": {One: "Next try in 1 second",
		GermanOne: "Nächster Versuch in 1 Sekunde", German: "Nächster Versuch in %d Sekunden"},
	"%d messages are kept and will be sent.": {One: "1 message is kept and will be sent.",
		GermanOne: "1 Nachricht ist gespeichert und wird gesendet.", German: "%d Nachrichten sind gespeichert und werden gesendet."},
	"Offline, %d messages wait": {One: "Offline, 1 message waits", GermanOne: "Offline, 1 wartet", German: "Offline, %d warten"},
	"Nothing has happened here for %d days.": {One: "Nothing has happened here since yesterday.",
		GermanOne: "Hier ist seit gestern nichts geschehen.", German: "Hier ist seit %d Tagen nichts geschehen."},
	"%d older":   {One: "1 older", GermanOne: "1 ältere", German: "%d ältere"},
	"%d members": {One: "1 member", GermanOne: "1 Mitglied", German: "%d Mitglieder"},
	"%d people were added": {One: "1 person was added",
		GermanOne: "1 Person wurde hinzugefügt", German: "%d Personen wurden hinzugefügt"},
	"Add %d people": {One: "Add 1 person", GermanOne: "1 Person hinzufügen", German: "%d Personen hinzufügen"},
	"%d devices of other computers are connected now.": {One: "One device of another computer is connected now.",
		GermanOne: "Ein Gerät eines anderen Computers ist jetzt verbunden.", German: "%d Geräte anderer Computer sind jetzt verbunden."},
	"%d days":   {One: "1 day", GermanOne: "1 Tag", German: "%d Tage"},
	"%d people": {One: "1 person", GermanOne: "1 Person", German: "%d Personen"},
}
