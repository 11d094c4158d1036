package words

import "maps"

// germanCommands is what is done about a conversation in German.
var germanCommands = map[string]string{
	"Mark as read":   "Als gelesen markieren",
	"Mark as unread": "Als ungelesen markieren",
	"Export…":        "Exportieren…",
	"The file goes into your folder for downloads. Whoever has it can read everything in it.": "Die Datei kommt in Ihren Ordner für Downloads. Wer sie hat, kann alles darin lesen.",
	"As text":               "Als Text",
	"to read":               "zum Lesen",
	"As JSON":               "Als JSON",
	"can be imported again": "kann wieder importiert werden",
	"Export":                "Exportieren",
	"Show folder":           "Ordner anzeigen",
	"Import…":               "Importieren…",
	"File that was exported as JSON, with its whole path": "Als JSON exportierte Datei mit ihrem ganzen Pfad",
	"Import":        "Importieren",
	"No groups yet": "Noch keine Gruppen",
	"A group is for several people, with one conversation for all of them.": "Eine Gruppe ist eine gemeinsame Unterhaltung für mehrere Personen.",
	"Groups":                                    "Gruppen",
	"Set my presence: %s":                       "Meinen Status setzen: %s",
	"%s · %s":                                   "%s · %s",
	"Export the conversation with %s":           "Unterhaltung mit %s exportieren",
	"Import into the conversation with %s":      "In die Unterhaltung mit %s importieren",
	"Exported to %s":                            "Exportiert nach %s",
	"Everything in this file was here already.": "Alles in dieser Datei war schon hier.",
	"1 message was imported":                    "1 Nachricht wurde importiert",
	"%d messages were imported":                 "%d Nachrichten wurden importiert",
}

func init() { maps.Copy(german, germanCommands) }
