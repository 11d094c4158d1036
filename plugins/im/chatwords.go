package im

// chatWords are what is said about reactions, forwarding, marks and one message.
type chatWords struct {
	badEmoji, notReactable, tooManyEmoji string
	reacted                              string // emoji, then the message in one line
	forwardedFrom                        string
	nothingToForward, notForwardable     string
	nothingUnread                        string
	info, infoTitle                      string
	infoFrom, infoSent, infoEdited       string
	infoWaiting, infoNotSent, infoSelf   string
	infoOpen                             string
	readAt, gotAt                        string // person, then time
	timeLayout                           string
	tooManyPictures, pictures            string // how many
	detachAll, detachOne                 string
}

var englishChat = &chatWords{
	badEmoji: "A reaction is one emoji.", notReactable: "There can be no reaction to this message.",
	tooManyEmoji:  "This message has 32 different reactions already: choose one of them.",
	reacted:       "Reacted %s to “%s”",
	forwardedFrom: "Forwarded from %s", nothingToForward: "There is nothing to forward: choose a message first.",
	notForwardable: "None of these messages can be forwarded: they were deleted, or are not on this computer.",
	nothingUnread:  "There is no message of somebody else to mark as unread.",
	info:           "Info", infoTitle: "Message info",
	infoFrom: "From %s", infoSent: "Sent %s", infoEdited: "Last edited %s",
	infoWaiting: "Written %s. It waits on this computer until the network is there.",
	infoNotSent: "Written %s. It was not sent: %s",
	infoSelf:    "A note to yourself: it is on your own devices and on the network.",
	infoOpen:    "Not encrypted end to end: whoever runs the network can read it.",
	readAt:      "%s, %s", gotAt: "%s, %s",
	timeLayout:      "Monday, 2 January 2006, 15:04:05",
	tooManyPictures: "At most %d pictures can be attached at once. Send these first.", pictures: "%d pictures",
	detachAll: "Do not send these pictures", detachOne: "Do not send picture %d",
}

var germanChat = &chatWords{
	badEmoji: "Eine Reaktion ist ein Emoji.", notReactable: "Auf diese Nachricht kann nicht reagiert werden.",
	tooManyEmoji:  "Diese Nachricht hat schon 32 verschiedene Reaktionen: Wählen Sie eine davon.",
	reacted:       "Reagierte mit %s auf „%s“",
	forwardedFrom: "Weitergeleitet von %s", nothingToForward: "Es gibt nichts weiterzuleiten: Wählen Sie zuerst eine Nachricht.",
	notForwardable: "Keine dieser Nachrichten kann weitergeleitet werden: Sie wurden gelöscht oder sind nicht auf diesem Computer.",
	nothingUnread:  "Es gibt keine Nachricht von jemand anderem, die als ungelesen markiert werden kann.",
	info:           "Info", infoTitle: "Über diese Nachricht",
	infoFrom: "Von %s", infoSent: "Gesendet %s", infoEdited: "Zuletzt bearbeitet %s",
	infoWaiting: "Geschrieben %s. Sie wartet auf diesem Computer, bis das Netz da ist.",
	infoNotSent: "Geschrieben %s. Sie wurde nicht gesendet: %s",
	infoSelf:    "Eine Notiz an Sie selbst: Sie ist auf Ihren Geräten und im Netz.",
	infoOpen:    "Nicht Ende-zu-Ende-verschlüsselt: Wer das Netz betreibt, kann sie lesen.",
	readAt:      "%s, %s", gotAt: "%s, %s",
	timeLayout:      "02.01.2006, 15:04:05",
	tooManyPictures: "Höchstens %d Bilder können zugleich angehängt werden. Senden Sie erst diese.", pictures: "%d Bilder",
	detachAll: "Diese Bilder nicht senden", detachOne: "Bild %d nicht senden",
}

// chat are these words in the language of w.
func (w *words) chat() *chatWords { return w.ofChat }
