package words

import "maps"

// germanDrops is what comes from other programs in German; german takes it in.
var germanDrops = map[string]string{
	"Drop pictures here to attach them": "Bilder hier ablegen, um sie anzuhängen",
	"What was dropped could not be read. Try again, or choose the picture with the button beside the message.":            "Das Abgelegte konnte nicht gelesen werden. Versuchen Sie es erneut oder wählen Sie das Bild mit dem Knopf neben der Nachricht.",
	"Nothing of that can be attached: these are not files of this computer.":                                              "Davon lässt sich nichts anhängen: Es sind keine Dateien dieses Computers.",
	"At most %d pictures can be attached at once: the first ones are.":                                                    "Höchstens %d Bilder lassen sich zugleich anhängen: Die ersten wurden genommen.",
	"The picture on the clipboard could not be read. Copy it again, or save it and attach the file.":                      "Das Bild in der Zwischenablage konnte nicht gelesen werden. Kopieren Sie es noch einmal oder speichern Sie es und hängen Sie die Datei an.",
	"Only pictures can be attached to a message. Other files need the plugin File transfer, which is not installed here.": "An eine Nachricht lassen sich nur Bilder anhängen. Andere Dateien brauchen das Plugin Dateiübertragung, das hier nicht installiert ist.",
	"“%s” is not a picture. Files like it need the plugin File transfer, which is not installed here.":                    "„%s“ ist kein Bild. Solche Dateien brauchen das Plugin Dateiübertragung, das hier nicht installiert ist.",
}

func init() { maps.Copy(german, germanDrops) }
