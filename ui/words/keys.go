package words

import "strings"

// Key is what one or several combinations of keys do.
type Key struct {
	Keys [][]string // each a combination, as it stands on the person's keyboard
	Does string
}

// KeyGroup is a heading of the keyboard page.
type KeyGroup struct {
	Title string
	Keys  []Key
}

// KeyGroups are all keys of the window. A test presses each of them, and another
// finds every shortcut of the window in them.
func KeyGroups() []KeyGroup {
	return []KeyGroup{
		{say("Moving around"), movingKeys()},
		{say("Writing"), writingKeys()},
		{say("Messages, when one has the keyboard"), messageKeys()},
		{say("Pictures, when one is open"), pictureKeys()},
		{say("Offers"), []Key{
			{caps("Ctrl Shift A"), say("Accept what is offered")},
			{caps("Ctrl Shift D"), say("Decline it")},
		}},
		{say("Everything else"), []Key{
			{caps("Ctrl ,"), say("Settings")},
			{caps("F2"), say("Rename the person you talk to")},
			{caps("F11"), say("Fill the screen")},
			{caps("F1"), say("This page")},
			{caps("Ctrl Q"), say("Quit; closing the window leaves the network on this computer running")},
		}},
	}
}

func movingKeys() []Key {
	return []Key{
		{caps("Ctrl K"), say("Find a person, a group, a command or a message")},
		{caps("Ctrl Shift F"), say("Search everything that was written")},
		{caps("Ctrl F"), say("Find in this conversation")},
		{caps("F3"), say("Next match")},
		{caps("Shift F3"), say("Match before")},
		{caps("Ctrl G"), say("Jump to a day of this conversation")},
		{caps("Ctrl Tab", "Ctrl PgDn", "Alt ↓"), say("Next conversation")},
		{caps("Ctrl Shift Tab", "Ctrl PgUp", "Alt ↑"), say("Conversation before")},
		{caps("Tab"), say("Next control")},
		{caps("Shift Tab"), say("Control before")},
		{caps("F6"), say("Next part of the window")},
		{caps("Shift F6"), say("Part of the window before")},
		{caps("Shift F10"), say("Menu of what has the keyboard")},
		{caps("Alt ←"), say("Back to where you were")},
		{caps("Esc"), say("Close what is open: menu, reply, panel, search")},
	}
}

func writingKeys() []Key {
	return []Key{
		{caps("Enter"), say("Send")},
		{caps("Shift Enter"), say("New line")},
		{caps("↑"), say("Edit your last message, in an empty line")},
		{caps("Ctrl B"), say("Bold")},
		{caps("Ctrl I"), say("Italic")},
		{caps("Ctrl E"), say("Code")},
		{caps("Ctrl A"), say("Select all")},
		{caps("Ctrl C"), say("Copy")},
		{caps("Ctrl X"), say("Cut")},
		{caps("Ctrl V"), say("Paste, also a picture")},
		{caps("Ctrl Z"), say("Undo")},
		{caps("Ctrl Y", "Ctrl Shift Z"), say("Redo")},
	}
}

func messageKeys() []Key {
	return []Key{
		{caps("↓", "PgDn", "End"), say("Later messages")},
		{caps("↑", "PgUp", "Home"), say("Earlier messages")},
		{caps("Enter"), say("Menu of the message")},
		{caps("→"), say("Reactions")},
		{caps("Shift ↑", "Shift ↓"), say("Select messages")},
	}
}

func pictureKeys() []Key {
	return []Key{
		{caps("+"), say("Larger")},
		{caps("-"), say("Smaller")},
		{caps("0"), say("Fit the window")},
		{caps("→"), say("Next picture")},
		{caps("←"), say("Picture before")},
	}
}

// caps are combinations with the names of keys as they stand on the person's
// keyboard.
func caps(combinations ...string) [][]string {
	out := make([][]string, len(combinations))
	for i, c := range combinations {
		for _, name := range strings.Fields(c) {
			out[i] = append(out[i], keyCap(name))
		}
	}
	return out
}

func keyCap(name string) string {
	switch name {
	case "Ctrl":
		return say("Ctrl")
	case "Shift":
		return say("Shift")
	case "Enter":
		return say("Enter")
	case "PgDn":
		return say("PgDn")
	case "PgUp":
		return say("PgUp")
	case "Home":
		return say("Home")
	case "End":
		return say("End")
	}
	return name
}

// Shortcut is a combination as menus show it, "Ctrl+Shift+F", from "Ctrl Shift F".
func Shortcut(combination string) string {
	if name, ok := strings.CutPrefix(combination, "Ctrl Shift "); ok {
		return say("Ctrl+Shift+%s", keyCap(name))
	}
	if name, ok := strings.CutPrefix(combination, "Ctrl "); ok {
		return say("Ctrl+%s", keyCap(name))
	}
	return keyCap(combination)
}
