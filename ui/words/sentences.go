package words

import (
	"switchboard/shared/model"
)

// SaveStatus is the button that publishes what one is up to.
const SaveStatus Word = "Save"

// Quitting, which unlike closing the window ends the network on this computer.
const (
	Quit      Word = "Quit Switchboard"
	QuitTitle Word = "Quit Switchboard?"
	QuitNow   Word = "Quit"
	Quitting  Word = "Ending…"
	QuitKey   Word = "Ctrl+Q"
	QuitLeave Word = "Messages wait until it runs again. To leave the network running, close the window instead."
)

// QuitText says what quitting ends, with n people connected through this computer.
func QuitText(n int) string {
	leave := QuitLeave.Text()
	if n == 0 {
		return say("The network on this computer stops with it. %s", leave)
	}
	return say("%d people are connected through this computer and will be cut off. %s", n, leave)
}

// Unread counts unread messages for a screen reader.
func Unread(n int) string {
	return say("%d unread messages", n)
}

// RequestCount heads the requests.
func RequestCount(n int) string {
	return say("%d requests", n)
}

// NotTheSame warns that a requester's name resembles a contact's.
func NotTheSame(name, address string) string { return say("Not %s: %s", name, address) }

// OfferIn is the offer bar's sentence for an offer that came to me.
func OfferIn(who, title string) string { return say("%s offers: %s", who, title) }

// OfferOut is the offer bar's sentence for an offer that I made.
func OfferOut(who, title string) string { return say("%s: waiting for %s", title, who) }

// SessionActive tells about a running session.
func SessionActive(title, who string) string {
	if who == "" {
		return title
	}
	return say("%s with %s", title, who)
}

// AnsweredOn says that another of my devices took an offer.
func AnsweredOn(title, device string) string {
	if device == "" {
		return say("%s was answered on another device", title)
	}
	return say("%s was answered on %s", title, device)
}

// OfferDeclined says that the other side said no.
func OfferDeclined(title, who string) string { return say("%s declined %s", who, title) }

// OfferDeclinedByMe says that I said no.
func OfferDeclinedByMe(title string) string { return say("You declined %s", title) }

// OfferCancelled says that the offer was withdrawn.
func OfferCancelled(title, who string) string { return say("%s withdrew %s", who, title) }

// OfferCancelledByMe says that I withdrew it.
func OfferCancelledByMe(title string) string { return say("You withdrew %s", title) }

// OfferTimedOut says that nobody answered.
func OfferTimedOut(title string) string { return say("%s: nobody answered in time", title) }

// OfferImpossible says why an offer cannot be accepted here.
func OfferImpossible(title, reason string) string {
	if reason == "" {
		return say("%s is not possible here", title)
	}
	return say("%s is not possible: %s", title, Known(reason))
}

// SessionEnded says that a session is over.
func SessionEnded(title, reason string) string {
	if reason == "" {
		return say("%s has ended", title)
	}
	return say("%s has ended: %s", title, Known(reason))
}

// SessionLeft says that I left a session.
func SessionLeft(title string) string { return say("You left %s", title) }

// Stopped is the fault pane of a plugin that went away.
func Stopped(plugin string) string { return say("%s stopped", plugin) }

// StoppedSafe says what is safe when a plugin stopped.
const StoppedSafe Word = "What you wrote is safe. Restart it to go on where you were."

// LackedBy is why a capability is greyed.
func LackedBy(who, what string) string { return say("%s does not have %s", who, what) }

// BlockText says what blocking means.
func BlockText(who string) string {
	return say("%s can no longer write to you and does not see whether you are here. They are not told.", who)
}

// BlockName asks before blocking somebody.
func BlockName(who string) string { return say("Block %s?", who) }

// RemoveName asks before removing a contact.
func RemoveName(who string) string { return say("Remove %s?", who) }

// RevokeName asks before revoking a device.
func RevokeName(device string) string { return say("Revoke %s?", device) }

// RetryIn counts down to the next try.
func RetryIn(seconds int) string {
	switch {
	case seconds <= 0:
		return say("Trying now…")
	case seconds < 60:
		return say("Next try in %d seconds", seconds)
	}
	return say("Next try in more than a minute")
}

// Queued says what is waiting to be sent.
func Queued(n int) string {
	return say("%d messages are kept and will be sent.", n)
}

// OfflineQueued is the connection line while messages wait.
func OfflineQueued(n int) string {
	if n == 0 {
		return OfflineWait.Text()
	}
	return say("Offline, %d messages wait", n)
}

// ContactAdded confirms a request that was sent.
func ContactAdded(address string) string { return say("Request sent to %s", address) }

// Muted confirms muting.
func Muted(who string) string { return say("%s is muted", who) }

// RowArchived confirms archiving.
func RowArchived(who string) string { return say("%s is in the archive", who) }

// WasBlocked confirms blocking.
func WasBlocked(who string) string { return say("%s is blocked", who) }

// WasRemoved confirms removing a contact.
func WasRemoved(who string) string { return say("%s is no longer a contact", who) }

// PluginOn confirms switching a plugin on.
func PluginOn(name string) string { return say("Switched on: %s", name) }

// PluginOff confirms switching a plugin off.
func PluginOff(name string) string { return say("Switched off: %s", name) }

// MessageTo is the label of a conversation for a screen reader.
func MessageTo(who string) string { return say("Conversation with %s", who) }

// From says who published a plugin and where it came from.
func From(publisher, origin string) string {
	switch {
	case publisher == "" && origin == "":
		return ""
	case publisher == "", publisher == Product && origin == "built-in":
		return Origin(origin)
	case origin == "":
		return publisher
	}
	return say("%s, %s", publisher, Origin(origin))
}

// Origin says where a plugin was found.
func Origin(o string) string {
	switch o {
	case "built-in":
		return say("comes with Switchboard")
	case "system":
		return say("installed on this computer")
	case "user":
		return say("installed by you")
	}
	return o
}

// Version is a version as shown.
func Version(v string) string {
	if v == "" {
		return ""
	}
	return say("Version %s", v)
}

// Memory is how much memory a plugin uses.
func Memory(kb int) string {
	if kb < 1024 {
		return say("%d KB", kb)
	}
	return say("%d MB", (kb+512)/1024)
}

// Between is the range of a number.
func Between(low, high int) string {
	if high <= low {
		return say("At least %d.", low)
	}
	return say("A number from %d to %d.", low, high)
}

// NotANumber is a field error.
const NotANumber Word = "Please type a whole number."

// WithNetwork completes a preview of an address.
func WithNetwork(user, network string) string {
	if network == "" {
		return say("People will find you as %s", user)
	}
	return say("People will find you as %s@%s", user, network)
}

// LastSeen says when a device was here last.
func LastSeen(when string) string { return say("Last here %s", when) }

// Linked says since when a device belongs to the account.
func Linked(when string) string { return say("Linked %s", when) }

// DeviceRevoked confirms revoking.
func DeviceRevoked(name string) string { return say("%s is locked out", name) }

// Nobody answers a search without a hit.
func Nobody(query string) string { return say("Nothing matches “%s”.", query) }

// AddThisAddress offers to add what was typed as a contact.
func AddThisAddress(address string) string { return say("Add %s as a contact", address) }

// CouldNotStart says why a session was not started.
func CouldNotStart(title, reason string) string {
	return say("%s could not be started. %s", title, reason)
}

// TodayAt is a time of today in a sentence.
func TodayAt(clock string) string { return say("today at %s", clock) }

// Why a call of the window itself did not end well.
const (
	TookTooLong Word = "This took too long. Check the connection and try again."
	WasStopped  Word = "This was stopped."
	NoReason    Word = "This did not work, and no reason was given."
)

// NotFriends is why nothing can be offered yet.
func NotFriends(who string) string {
	return say("%s has not accepted your request yet", who)
}

// OfflineLater is the presence of somebody for whom messages wait.
const OfflineLater Word = "Offline · messages arrive when they are back"

// PresenceWith is a presence with its text on one line.
func PresenceWith(s model.Status, text string) string {
	if text == "" {
		return Presence(s)
	}
	return say("%s · %s", Presence(s), text)
}

// Draft is the second line of a row with an unsent text.
func Draft(text string) string { return say("Draft: %s", text) }

// ByMe is a summary of something I wrote.
func ByMe(text string) string { return say("You: %s", text) }

// SearchWithKey is the hint of the search with its key.
const SearchWithKey Word = "Search · Ctrl+K"

// NotesText stands in an empty conversation with myself.
const NotesText Word = "Only your own devices see this"

// RowWithUnread names a row with its count for a screen reader.
func RowWithUnread(name, unread string) string { return say("%s, %s", name, unread) }

// NewPeople is the button for everything that brings people in.
const NewPeople Word = "Add or invite people"

// InvisibleText explains the presence.
const InvisibleText Word = "Others see you as offline"

// MyPresence labels my own line for a screen reader.
func MyPresence(presence string) string { return say("My presence: %s", presence) }

// OnNetwork says who I am on the network.
func OnNetwork(address string) string { return say("You are %s", address) }

// Tooltips of an offer's buttons, with their keys.
const (
	AcceptKey  Word = "Accept · Ctrl+Shift+A"
	DeclineKey Word = "Decline · Ctrl+Shift+D"
)

// StoppedBecause says what is safe, and why a plugin stopped.
func StoppedBecause(fault string) string {
	if fault == "" {
		return StoppedSafe.Text()
	}
	return say("%s %s", Known(fault), StoppedSafe.Text())
}

// LinkFailed says what happened instead of opening a link.
const LinkFailed Word = "No program could be started for this link. It was copied instead."

// PageSection names a section together with its page.
func PageSection(page, section string) string { return say("%s · %s", page, section) }

// Chosen labels a choice for a screen reader.
func Chosen(title, value string) string { return say("%s: %s", title, value) }

// Less labels the button that makes a number smaller.
func Less(title string) string { return say("%s: less", title) }

// Greater labels the button that makes a number larger.
func Greater(title string) string { return say("%s: more", title) }

// AboutPlugin labels the row that opens a plugin's details.
func AboutPlugin(name string) string { return say("About %s", name) }

// SwitchName labels a plugin's switch.
func SwitchName(name string, on bool) string {
	if on {
		return say("Switch %s off", name)
	}
	return say("Switch %s on", name)
}

// StateWithMemory is a state with the memory in use.
func StateWithMemory(state, memory string) string { return say("%s · %s", state, memory) }

// PluginFrom says which version of a plugin this is and where it came from.
func PluginFrom(version, from string) string {
	switch {
	case version == "":
		return from
	case from == "":
		return Version(version)
	}
	return say("Version %s · %s", version, from)
}

// Refused is a power that a plugin does not get, with the reason.
func Refused(power, reason string) string { return say("%s: %s", power, Known(reason)) }

// YouAre welcomes a new account.
func YouAre(address string) string {
	return say("Your address is %s. Try a first conversation, or bring somebody in.", address)
}

// JustStart leaves the first run.
const JustStart Word = "Look around first"

// StoppedUnexpectedly is the fault of a plugin of which nothing more is known.
const StoppedUnexpectedly Word = "It ended unexpectedly."

// RenameTitle heads the question for a contact's name.
func RenameTitle(address string) string { return say("Rename %s", address) }

// RenameCaption is the caption of the name.
const RenameCaption Word = "Name that only you see"
