package phrase

// germanTray is what the icon in the desktop's tray says.
var germanTray = map[string]string{
	"Switchboard, %d unread":                "Switchboard, %d ungelesen",
	"Switchboard, not connected":            "Switchboard, nicht verbunden",
	"Switchboard, not connected, %d unread": "Switchboard, nicht verbunden, %d ungelesen",
	"Open Switchboard":                      "Switchboard öffnen",
	"Available":                             "Verfügbar",
	"Away":                                  "Abwesend",
	"Busy":                                  "Beschäftigt",
	"Invisible":                             "Unsichtbar",
	"No alerts for an hour":                 "Eine Stunde lang keine Benachrichtigungen",
	"Settings":                              "Einstellungen",
	"Quit Switchboard":                      "Switchboard beenden",
}
