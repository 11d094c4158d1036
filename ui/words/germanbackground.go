package words

import "maps"

// germanBackground is going on without a window in German.
var germanBackground = map[string]string{
	"Switchboard keeps running": "Switchboard läuft weiter",
	"Messages still reach you, and its icon in the tray brings the window back.":  "Nachrichten erreichen Sie weiterhin, und das Symbol in der Leiste bringt das Fenster zurück.",
	"Messages still reach you; start Switchboard again to bring the window back.": "Nachrichten erreichen Sie weiterhin; starten Sie Switchboard erneut, um das Fenster zurückzuholen.",
	"Quit instead":                       "Stattdessen beenden",
	"Keep running":                       "Weiterlaufen lassen",
	"You are already in the network %s.": "Sie sind schon im Netz %s.",
	"You are signed in to %s. To be in %s as well, start Switchboard with another profile.": "Sie sind bei %s angemeldet. Um auch in %s zu sein, starten Sie Switchboard mit einem anderen Profil.",
}

func init() { maps.Copy(german, germanBackground) }
