package words

// The German of the program is of one piece: it says "Sie", and for one thing it has
// one word, here and in shared/phrase, ui/theme and the plugins. TestGermanIsOfOnePiece
// refuses the words in brackets.
//
//	admin (of a group)     Admin            (Verwalter)
//	administrator          die Administration (Administrator, Administratorin)
//	alert                  Meldung, melden  (Hinweis)
//	notification           Benachrichtigung (Hinweis)
//	appearance             Erscheinungsbild (Aussehen)
//	command failed         fehlgeschlagen   (misslungen, misslang)
//	come online            online gehen     (kommt online)
//	create a group         erstellen        (anlegen stays for accounts and profiles)
//	desktop                Desktop          (Schreibtisch)
//	disk                   Festplatte       (Platte)
//	exit status            Exit-Status      (Endwert)
//	export, import         Export, exportieren (Ausgabe)
//	join, be let in        beitreten, um Aufnahme bitten, aufnehmen (Einlass, einlassen)
//	link                   Link             (Verweis)
//	link a device          Gerät verbinden  (koppeln)
//	network                Netz             (Netzwerk)
//	owner                  Eigentümer       (Besitzer, Inhaber)
//	picture                Bild             (Foto)
//	power, grant           Berechtigung     (Befugnis)
//	presence               Status           (Anwesenheit)
//	run, carry a network   betreiben, bereitstellen (tragen)
//	server that is busy    ausgelastet      (people are beschäftigt)
//	token                  Token            (Marke)

// german is the window in German, by the English sentence.
var german = map[string]string{
	// Cards and offers.
	"Running now":                          "Läuft gerade",
	"You declined":                         "Sie haben abgelehnt",
	"You withdrew the offer":               "Sie haben das Angebot zurückgezogen",
	"Nobody answered in time":              "Niemand hat rechtzeitig geantwortet",
	"You left":                             "Sie haben es verlassen",
	"%s would like to start this with you": "%s möchte das mit Ihnen beginnen",
	"Waiting for %s to answer":             "Wartet auf Antwort von %s",
	"Answered on another device":           "Auf einem anderen Gerät beantwortet",
	"Answered on %s":                       "Beantwortet auf %s",
	"%s declined":                          "%s hat abgelehnt",
	"%s withdrew the offer":                "%s hat das Angebot zurückgezogen",
	"Not possible here":                    "Hier nicht möglich",
	"Not possible here: %s":                "Hier nicht möglich: %s",
	"Over":                                 "Beendet",
	"Over: %s":                             "Beendet: %s",
	"%s offers: %s":                        "%s bietet an: %s",
	"%s: waiting for %s":                   "%s: wartet auf %s",
	"%s with %s":                           "%s mit %s",
	"%s was answered on another device":    "%s wurde auf einem anderen Gerät beantwortet",
	"%s was answered on %s":                "%s wurde auf %s beantwortet",
	"%s declined %s":                       "%s hat %s abgelehnt",
	"You declined %s":                      "Sie haben %s abgelehnt",
	"%s withdrew %s":                       "%s hat %s zurückgezogen",
	"You withdrew %s":                      "Sie haben %s zurückgezogen",
	"%s: nobody answered in time":          "%s: Niemand hat rechtzeitig geantwortet",
	"%s is not possible here":              "%s ist hier nicht möglich",
	"%s is not possible: %s":               "%s ist nicht möglich: %s",
	"%s has ended":                         "%s ist beendet",
	"%s has ended: %s":                     "%s ist beendet: %s",
	"You left %s":                          "Sie haben %s verlassen",
	"%s could not be started. %s":          "%s konnte nicht gestartet werden. %s",
	"%s has not accepted your request yet": "%s hat Ihre Anfrage noch nicht angenommen",
	"%s does not have %s":                  "%s hat %s nicht",
	"Older":                                "Ältere",
	"Accept · Ctrl+Shift+A":                "Annehmen · Strg+Umschalt+A",
	"Decline · Ctrl+Shift+D":               "Ablehnen · Strg+Umschalt+D",

	// Keys.
	"Moving around":          "Navigation",
	"Back to where you were": "Dorthin zurück, wo Sie waren",
	"Close what is open: menu, reply, panel, search": "Schließen, was offen ist: Menü, Antwort, Bereich, Suche",
	"Fill the screen": "Den Bildschirm füllen",
	"Writing":         "Schreiben",
	"Send":            "Senden",
	"New line":        "Neue Zeile",
	"Edit your last message, in an empty line": "Die letzte Nachricht bearbeiten, in einer leeren Zeile",
	"Menu of what has the keyboard":            "Menü des Elements mit dem Fokus",
	"Offers":                                   "Angebote",
	"Accept what is offered":                   "Angebot annehmen",
	"Decline it":                               "Angebot ablehnen",
	"Everything else":                          "Weiteres",
	"Rename the person you talk to":            "Die Person umbenennen, mit der Sie sprechen",
	"This page":                                "Diese Seite",
	"Quit; closing the window leaves the network on this computer running": "Beenden; wird nur das Fenster geschlossen, läuft das Netz auf diesem Computer weiter",
	"Ctrl":   "Strg",
	"Shift":  "Umschalt",
	"Enter":  "Eingabe",
	"Ctrl+Q": "Strg+Q",

	// Quitting.
	"Save":              "Speichern",
	"Quit Switchboard":  "Switchboard beenden",
	"Quit Switchboard?": "Switchboard beenden?",
	"Quit":              "Beenden",
	"Ending…":           "Wird beendet…",
	"Messages wait until it runs again. To leave the network running, close the window instead.": "Nachrichten warten, bis es wieder läuft. Soll das Netz weiterlaufen, schließen Sie nur das Fenster.",
	"The network on this computer stops with it. %s":                                             "Das Netz auf diesem Computer endet damit. %s",

	// Counts and rows.
	"Not %s: %s":                      "Nicht %s: %s",
	"Draft: %s":                       "Entwurf: %s",
	"You: %s":                         "Sie: %s",
	"Search · Ctrl+K":                 "Suchen · Strg+K",
	"Only your own devices see this":  "Nur für Ihre Geräte",
	"Add or invite people":            "Leute hinzufügen oder einladen",
	"Others see you as offline":       "Andere sehen Sie als offline",
	"My presence: %s":                 "Mein Status: %s",
	"You are %s":                      "Sie sind %s",
	"Search people and conversations": "Personen und Unterhaltungen suchen",
	"All":                             "Alle",
	"Unread":                          "Ungelesen",
	"Nobody here yet":                 "Noch niemand hier",
	"Invite somebody, add a contact whose address you know, or talk to Echo.": "Laden Sie jemanden ein, fügen Sie einen Kontakt hinzu, dessen Adresse Sie kennen, oder sprechen Sie mit Echo.",
	"Everything is read":              "Alles ist gelesen",
	"New messages will show up here.": "Neue Nachrichten erscheinen hier.",
	"Nothing found":                   "Nichts gefunden",
	"Nothing matches “%s”.":           "Nichts passt zu „%s“.",
	"Add %s as a contact":             "%s als Kontakt hinzufügen",
	"Accept":                          "Annehmen",
	"Decline":                         "Ablehnen",
	"Block":                           "Blockieren",
	"Unblock":                         "Nicht mehr blockieren",
	"Pin to top":                      "Oben anheften",
	"Unpin":                           "Lösen",
	"Mute for 1 hour":                 "1 Stunde stumm",
	"Mute for 8 hours":                "8 Stunden stumm",
	"Mute":                            "Stumm",
	"Unmute":                          "Nicht mehr stumm",
	"Archive":                         "Ins Archiv",
	"Take out of the archive":         "Aus dem Archiv holen",
	"Archived":                        "Archiv",
	"Remove contact":                  "Kontakt entfernen",
	"Rename":                          "Umbenennen",
	"Rename %s":                       "%s umbenennen",
	"Name that only you see":          "Name, den nur Sie sehen",
	"Not sent":                        "Nicht gesendet",
	"typing…":                         "schreibt…",
	"Blocked":                         "Blockiert",
	"Waiting for an answer":           "Wartet auf Antwort",
	"Notes to myself":                 "Notizen an mich",
	"No messages yet":                 "Noch keine Nachrichten",
	"Add a contact":                   "Kontakt hinzufügen",
	"More":                            "Mehr",
	"Request sent to %s":              "Anfrage an %s gesendet",
	"%s is muted":                     "%s ist stumm",
	"%s is in the archive":            "%s ist im Archiv",
	"%s is blocked":                   "%s ist blockiert",
	"%s is no longer a contact":       "%s ist kein Kontakt mehr",
	"Conversation with %s":            "Unterhaltung mit %s",
	"Block %s?":                       "%s blockieren?",
	"Remove %s?":                      "%s entfernen?",
	"%s can no longer write to you and does not see whether you are here. They are not told.": "%s kann Ihnen nicht mehr schreiben und sieht nicht, ob Sie online sind, erfährt aber nichts davon.",
	"The conversation stays here. To talk again, one of you has to ask.":                      "Die Unterhaltung bleibt hier. Um wieder zu schreiben, muss eine Seite neu anfragen.",

	// Presence and the connection.
	"Available":           "Verfügbar",
	"Away":                "Abwesend",
	"Busy":                "Beschäftigt",
	"Invisible":           "Unsichtbar",
	"Offline":             "Offline",
	"Online":              "Online",
	"What are you up to?": "Was machen Sie gerade?",
	"Offline · messages arrive when they are back": "Offline · Nachrichten kommen später an",
	"Connected":                          "Verbunden",
	"Connecting…":                        "Verbindet…",
	"Offline, messages will wait":        "Offline, Nachrichten warten",
	"The server is not the one you know": "Der Server ist nicht der bekannte",
	"The network refused this device":    "Das Netz hat dieses Gerät abgelehnt",
	"Sending is switched off":            "Senden ist ausgeschaltet",
	"Try now":                            "Jetzt versuchen",
	"Trying now…":                        "Wird versucht…",
	"Next try in more than a minute":     "Nächster Versuch in mehr als einer Minute",

	// The conversation.
	"Choose a conversation":                                                      "Wählen Sie eine Unterhaltung",
	"Or press Ctrl+K to find somebody.":                                          "Oder finden Sie jemanden mit Strg+K.",
	"Your conversations will show here":                                          "Hier erscheinen Ihre Unterhaltungen",
	"Each begins with an invitation, or with a request that one of you accepts.": "Jede beginnt mit einer Einladung oder mit einer Anfrage, die angenommen wird.",
	"No plugin that shows messages is switched on.":                              "Kein Plugin, das Nachrichten zeigt, ist eingeschaltet.",
	"What happened here is listed below. Switch on Messages to read and write.":  "Was hier geschehen ist, steht unten. Schalten Sie „Nachrichten“ ein, um zu lesen und zu schreiben.",
	"Open plugins":                   "Plugins öffnen",
	"Nothing has happened here yet.": "Hier ist noch nichts geschehen.",
	"Restart":                        "Neu starten",
	"Restarting…":                    "Startet neu…",
	"Close":                          "Schließen",
	"Hide":                           "Verbergen",
	"Leave":                          "Verlassen",
	"Return":                         "Zurück",
	"Open":                           "Öffnen",
	"Again":                          "Noch einmal",
	"Withdraw":                       "Zurückziehen",
	"Cancel":                         "Abbrechen",
	"Undo":                           "Rückgängig",
	"Copy":                           "Kopieren",
	"Copied":                         "Kopiert",
	"Copy address":                   "Adresse kopieren",
	"today at %s":                    "heute um %s",
	"This took too long. Check the connection and try again.": "Das hat zu lange gedauert. Prüfen Sie die Verbindung und versuchen Sie es erneut.",
	"This was stopped.":                                                 "Das wurde abgebrochen.",
	"This did not work, and no reason was given.":                       "Das ging nicht, und es wurde kein Grund genannt.",
	"No program could be started for this link. It was copied instead.": "Für diesen Link ließ sich kein Programm starten. Er wurde stattdessen kopiert.",
	"%s stopped": "%s läuft nicht mehr",
	"What you wrote is safe. Restart it to go on where you were.": "Was Sie geschrieben haben, ist sicher. Starten Sie neu, um dort weiterzumachen.",
	"It ended unexpectedly.": "Es wurde unerwartet beendet.",
}
