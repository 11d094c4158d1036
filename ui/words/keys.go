package words

// Key is what a combination of keys does.
type Key struct {
	Keys []string
	Does string
}

// KeyGroup is a heading of the keyboard page.
type KeyGroup struct {
	Title string
	Keys  []Key
}

// KeyGroups are all keys of the window.
func KeyGroups() []KeyGroup {
	return []KeyGroup{
		{say("Moving around"), []Key{
			{caps("Ctrl", "K"), say("Find a person, a group, a command or a message")},
			{caps("Ctrl", "Shift", "F"), say("Search everything that was written")},
			{caps("Ctrl", "F"), say("Find in this conversation")},
			{caps("Ctrl", "G"), say("Jump to a day of this conversation")},
			{caps("F3"), say("Next match; Shift+F3 goes back")},
			{caps("Ctrl", "Tab"), say("Next conversation (also Ctrl+PgDn, Alt+↓)")},
			{caps("Ctrl", "Shift", "Tab"), say("Previous conversation (also Ctrl+PgUp, Alt+↑)")},
			{caps("F6"), say("Next part of the window; Shift+F6 goes back")},
			{caps("Alt", "←"), say("Back to where you were")},
			{caps("Esc"), say("Close what is open: menu, reply, panel, search")},
			{caps("F11"), say("Fill the screen")},
		}},
		{say("Writing"), []Key{
			{caps("Enter"), say("Send")},
			{caps("Shift", "Enter"), say("New line")},
			{caps("↑"), say("Edit your last message, in an empty line")},
			{caps("Ctrl", "B"), say("Bold; Ctrl+I is italic, Ctrl+E is code")},
			{caps("Shift", "↑"), say("Select messages, when one has the keyboard")},
			{caps("Shift", "F10"), say("Menu of what has the keyboard")},
		}},
		{say("Offers"), []Key{
			{caps("Ctrl", "Shift", "A"), say("Accept what is offered")},
			{caps("Ctrl", "Shift", "D"), say("Decline it")},
		}},
		{say("Everything else"), []Key{
			{caps("Ctrl", ","), say("Settings")},
			{caps("F2"), say("Rename the person you talk to")},
			{caps("F1"), say("This page")},
			{caps("Ctrl", "Q"), say("Quit; closing the window leaves the network on this computer running")},
		}},
	}
}

// caps are the names of keys as they stand on the person's keyboard.
func caps(names ...string) []string {
	for i, n := range names {
		switch n {
		case "Ctrl":
			names[i] = say("Ctrl")
		case "Shift":
			names[i] = say("Shift")
		case "Enter":
			names[i] = say("Enter")
		}
	}
	return names
}
