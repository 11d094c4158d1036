package words

// germanPictures is everything about pictures in German; german takes it in.
var germanPictures = map[string]string{
	"Loading…":                                        "Wird geladen…",
	"This picture cannot be shown here.":              "Dieses Bild kann hier nicht angezeigt werden.",
	"A picture could not be given to the network: %s": "Ein Bild konnte nicht ins Netz hochgeladen werden: %s",
	"My picture":                                      "Mein Bild",
	"Choose my picture…":                              "Mein Bild auswählen…",
	"Remove my picture":                               "Mein Bild entfernen",
	"Picture of the group":                            "Bild der Gruppe",
	"Choose a picture…":                               "Bild auswählen…",
	"Remove the picture":                              "Bild entfernen",
	"Choose a picture":                                "Bild auswählen",
	"Folder above":                                    "Übergeordneter Ordner",
	"There are no pictures in this folder.":           "In diesem Ordner sind keine Bilder.",
	"There is more in this folder; type the name of the file into the message instead.": "In diesem Ordner ist noch mehr; schreiben Sie stattdessen den Namen der Datei in die Nachricht.",
}
