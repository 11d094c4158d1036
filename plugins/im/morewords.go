package im

// moreWords are what is said about searching, going to a day, and what is kept.
type moreWords struct {
	notHere, goneNow, noDay, nothingSince    string
	badExport, otherConversation, otherFile  string
	newerExport, badLine, aheadOfHere        string
	agedYear, agedQuarter, agedMonth, agedBy string
}

var englishMore = &moreWords{
	notHere:           "This message is not on this computer any more.",
	goneNow:           "This message was deleted.",
	noDay:             "A day is written like 2026-11-24.",
	nothingSince:      "There is no message of that day or a later one.",
	badExport:         "This is no export of a conversation as json.",
	otherConversation: "This file is of another conversation: import it there.",
	otherFile:         "This file was exported by another account, so it is not of this conversation.",
	newerExport:       "This file was made by a newer version of Switchboard. Update to import it.",
	badLine:           "A line of the file is not a message as it was exported: %s",
	aheadOfHere:       "The file has messages that the network has not told here. Wait until the conversation is up to date, then import it again.",
	agedYear:          "Messages are kept for one year on this computer. Older ones were removed.",
	agedQuarter:       "Messages are kept for 90 days on this computer. Older ones were removed.",
	agedMonth:         "Messages are kept for 30 days on this computer. Older ones were removed.",
	agedBy:            "Older messages were removed from this computer because of their age.",
}

var germanMore = &moreWords{
	notHere:           "Diese Nachricht ist nicht mehr auf diesem Computer.",
	goneNow:           "Diese Nachricht wurde gelöscht.",
	noDay:             "Ein Tag wird so geschrieben: 2026-11-24.",
	nothingSince:      "Von diesem Tag oder danach gibt es keine Nachricht.",
	badExport:         "Das ist keine als JSON exportierte Unterhaltung.",
	otherConversation: "Diese Datei gehört zu einer anderen Unterhaltung: Importieren Sie sie dort.",
	otherFile:         "Diese Datei wurde von einem anderen Konto exportiert und gehört darum nicht zu dieser Unterhaltung.",
	newerExport:       "Diese Datei stammt von einer neueren Version von Switchboard. Aktualisieren Sie, um sie zu importieren.",
	badLine:           "Eine Zeile der Datei ist keine Nachricht, wie sie exportiert wurde: %s",
	aheadOfHere:       "Die Datei enthält Nachrichten, die das Netz hier noch nicht gemeldet hat. Warten Sie, bis die Unterhaltung auf dem neuesten Stand ist, und importieren Sie sie dann erneut.",
	agedYear:          "Nachrichten werden auf diesem Computer ein Jahr lang aufbewahrt. Ältere wurden entfernt.",
	agedQuarter:       "Nachrichten werden auf diesem Computer 90 Tage lang aufbewahrt. Ältere wurden entfernt.",
	agedMonth:         "Nachrichten werden auf diesem Computer 30 Tage lang aufbewahrt. Ältere wurden entfernt.",
	agedBy:            "Ältere Nachrichten wurden wegen ihres Alters von diesem Computer entfernt.",
}

// more are these words in the language of w.
func (w *words) more() *moreWords { return w.ofMore }
