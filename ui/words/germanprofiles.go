package words

import "maps"

// germanProfiles is the panel of a contact in German.
var germanProfiles = map[string]string{
	"This network has moved to another computer. This one carries it no longer and tells others where it is now, as long as it runs.": "Dieses Netz ist auf einen anderen Computer umgezogen. Dieser stellt es nicht mehr bereit, verweist andere aber dorthin, solange er läuft.",
	"Contact":                            "Kontakt",
	"Show contact":                       "Kontakt anzeigen",
	"Devices and keys":                   "Geräte und Schlüssel",
	"Groups you share":                   "Gemeinsame Gruppen",
	"Tell me when they come online":      "Melden, wenn jemand online geht",
	"Never":                              "Nie",
	"Once":                               "Einmal",
	"Always":                             "Immer",
	"Can use":                            "Kann verwenden",
	"Known once they have been online":   "Bekannt, sobald der Kontakt online war",
	"Keys":                               "Schlüssel",
	"The same since you became contacts": "Unverändert, seit Sie Kontakte sind",
	"Leave without keeping the code?":    "Seite verlassen, ohne den Code aufzubewahren?",
	"It is shown only now. Without it nobody can bring this account back when all your devices are lost; you can make a new one later.": "Er wird nur jetzt gezeigt. Ohne ihn bringt niemand dieses Konto zurück, wenn alle Ihre Geräte verloren sind; Sie können später einen neuen erzeugen.",
	"Leave this page":                  "Seite verlassen",
	"Start Switchboard when I sign in": "Switchboard beim Anmelden starten",
}

func init() { maps.Copy(german, germanProfiles) }
