package words

// What is done about a conversation.
const (
	MarkRead           Word = "Mark as read"
	MarkUnread         Word = "Mark as unread"
	Export             Word = "Export…"
	ExportText         Word = "The file goes into your folder for downloads. Whoever has it can read everything in it."
	ExportAsText       Word = "As text"
	ExportAsTextDetail Word = "to read"
	ExportAsJSON       Word = "As JSON"
	ExportAsJSONDetail Word = "can be imported again"
	ExportNow          Word = "Export"
	ShowFolder         Word = "Show folder"
	Import             Word = "Import…"
	ImportFile         Word = "File that was exported as JSON, with its whole path"
	ImportNow          Word = "Import"
	FilterGroups       Word = "Groups"
	NoGroups           Word = "No groups yet"
	NoGroupsText       Word = "A group is for several people, with one conversation for all of them."
)

// SetPresence is the command that sets a presence.
func SetPresence(presence string) string { return say("Set my presence: %s", presence) }

// CommandFor is a command about the conversation that is open.
func CommandFor(what, who string) string { return say("%s · %s", what, who) }

// ExportTitle asks how a conversation is to be exported.
func ExportTitle(who string) string { return say("Export the conversation with %s", who) }

// ImportTitle asks what is to be imported.
func ImportTitle(who string) string { return say("Import into the conversation with %s", who) }

// Exported says where the file is.
func Exported(path string) string { return say("Exported to %s", path) }

// Imported says how many messages came.
func Imported(n int) string {
	switch n {
	case 0:
		return say("Everything in this file was here already.")
	case 1:
		return say("1 message was imported")
	}
	return say("%d messages were imported", n)
}
