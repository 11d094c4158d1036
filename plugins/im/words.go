package im

import (
	"fmt"
	"time"
)

// words are what this plugin says, in one language.
type words struct {
	newLine, empty, hint, hintSelf                  string
	newer, broken, deleted, quoteGone               string
	reply, edit, remove, copyText, again, discard   string
	replyingTo, editing, closeBanner, you           string
	editNotSent, deleteNotSent, notSent, refused    string
	noMessage, notYours, notEditable, notAnswerable string
	notQuotable, storage, badArguments              string
	typing                                          func(names []string) string
	readBy, haveRead, haveReceived, haveNot         string
	andMore, close                                  string
	picture, detach                                 string
	olderElsewhere, olderComing                     string // above the first row
	happened                                        func(e event, by, whom, me string) string
	day                                             func(t, now time.Time) string
	ofChat                                          *chatWords
	ofMore                                          *moreWords
}

var english = &words{
	newLine: "new", empty: "No messages yet. Say hello.", hint: "Message %s", hintSelf: "Note to self",
	newer: "This message is from a newer version of Switchboard. Update to read it.", broken: "This message could not be read.",
	deleted: "Message deleted", quoteGone: "A message that is not here",
	reply: "Reply", edit: "Edit", remove: "Delete for everyone", copyText: "Copy text", again: "Try again", discard: "Delete",
	replyingTo: "Reply to %s", editing: "Edit message", closeBanner: "Cancel", you: "You",
	editNotSent: "The edit was not sent: %s", deleteNotSent: "The deletion was not sent: %s", notSent: "Not sent", refused: "it was refused",
	noMessage: "There is no such message in this conversation.", notYours: "Only the author can change a message.",
	notEditable: "This message can no longer be edited.", notAnswerable: "This message cannot be answered.",
	notQuotable:  "The message to answer is not in this conversation.",
	storage:      "The message could not be stored on this computer. Make room on the disk, then try again.",
	badArguments: "The command's arguments are not what it expects.",
	readBy:       "Read by %d of %d", haveRead: "Read", haveReceived: "Received", haveNot: "Not yet", andMore: "and %d more", close: "Close",
	picture: "Picture", detach: "Do not send this picture",
	olderElsewhere: "Older messages are on your other devices", olderComing: "Older messages are coming from another device of yours…",
	happened: happenedEnglish,
	typing: func(names []string) string {
		switch len(names) {
		case 0:
			return ""
		case 1:
			return names[0] + " is typing…"
		case 2:
			return names[0] + " and " + names[1] + " are typing…"
		}
		return "Several people are typing…"
	},
	day: func(t, now time.Time) string {
		if t.Year() != now.Year() {
			return t.Format("Monday, 2 January 2006")
		}
		return t.Format("Monday, 2 January")
	},
	ofChat: englishChat, ofMore: englishMore,
}

var german = &words{
	newLine: "neu", empty: "Noch keine Nachrichten. Sagen Sie Hallo.", hint: "Nachricht an %s", hintSelf: "Notiz an mich",
	newer:   "Diese Nachricht stammt von einer neueren Version von Switchboard. Aktualisieren Sie, um sie zu lesen.",
	broken:  "Diese Nachricht konnte nicht gelesen werden.",
	deleted: "Nachricht gelöscht", quoteGone: "Eine Nachricht, die nicht hier ist",
	reply: "Antworten", edit: "Bearbeiten", remove: "Für alle löschen", copyText: "Text kopieren", again: "Erneut versuchen", discard: "Löschen",
	replyingTo: "Antwort an %s", editing: "Nachricht bearbeiten", closeBanner: "Abbrechen", you: "Sie",
	editNotSent: "Die Änderung wurde nicht gesendet: %s", deleteNotSent: "Die Löschung wurde nicht gesendet: %s",
	notSent: "Nicht gesendet", refused: "sie wurde abgelehnt",
	noMessage: "Diese Nachricht gibt es in dieser Unterhaltung nicht.", notYours: "Nur wer sie schrieb, kann eine Nachricht ändern.",
	notEditable: "Diese Nachricht kann nicht mehr bearbeitet werden.", notAnswerable: "Auf diese Nachricht kann nicht geantwortet werden.",
	notQuotable:  "Die Nachricht, auf die geantwortet wird, ist nicht in dieser Unterhaltung.",
	storage:      "Die Nachricht konnte auf diesem Computer nicht gespeichert werden. Schaffen Sie Platz, und versuchen Sie es dann erneut.",
	badArguments: "Der Befehl erwartet andere Angaben.",
	readBy:       "Gelesen von %d von %d", haveRead: "Gelesen", haveReceived: "Angekommen", haveNot: "Noch nicht", andMore: "und %d weitere", close: "Schließen",
	picture: "Bild", detach: "Dieses Bild nicht senden",
	olderElsewhere: "Ältere Nachrichten sind auf Ihren anderen Geräten", olderComing: "Ältere Nachrichten kommen von einem anderen Ihrer Geräte…",
	happened: happenedGerman,
	typing: func(names []string) string {
		switch len(names) {
		case 0:
			return ""
		case 1:
			return names[0] + " schreibt…"
		case 2:
			return names[0] + " und " + names[1] + " schreiben…"
		}
		return "Mehrere schreiben…"
	},
	day: func(t, now time.Time) string {
		s := fmt.Sprintf("%s, %d. %s", germanDays[t.Weekday()], t.Day(), germanMonths[t.Month()-1])
		if t.Year() != now.Year() {
			s += fmt.Sprintf(" %d", t.Year())
		}
		return s
	},
	ofChat: germanChat, ofMore: germanMore,
}

var (
	germanDays   = [...]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}
	germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)
