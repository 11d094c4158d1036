package words

// What comes from other programs: files that are dropped, pictures that are pasted.
const (
	DropHere     Word = "Drop pictures here to attach them"
	DropUnread   Word = "What was dropped could not be read. Try again, or choose the picture with the button beside the message."
	DropNothing  Word = "Nothing of that can be attached: these are not files of this computer."
	PasteUnread  Word = "The picture on the clipboard could not be read. Copy it again, or save it and attach the file."
	DropsNotSent Word = "Only pictures can be attached to a message. Other files need the plugin File transfer, which is not installed here."
)

// DropFirst says that of many pictures only the first n were attached.
func DropFirst(n int) string {
	return say("At most %d pictures can be attached at once: the first ones are.", n)
}

// DropNotSent says why a file is not attached.
func DropNotSent(name string) string {
	return say("“%s” is not a picture. Files like it need the plugin File transfer, which is not installed here.", name)
}
