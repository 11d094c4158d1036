package words

import (
	"fmt"

	"switchboard/shared/model"
)

// The window's fixed words, in the order in which a person meets them.
const (
	Product = "Switchboard"

	// First run.
	Welcome          = "Welcome to Switchboard"
	WelcomeText      = "Talk, draw and share with the people you work with. Nothing leaves the network you choose."
	YourName         = "Your name"
	YourNameHint     = "What people will see"
	YourAddress      = "Your address"
	AddressHint      = "Small letters, digits, - and _"
	AddressTooLong   = "An address has at most 32 characters."
	AddressFirst     = "An address begins with a letter or a digit."
	AddressChars     = "Only small letters a to z, digits, - and _."
	NameNeeded       = "Please say what people should call you."
	AddressNeeded    = "Please choose an address."
	Continue         = "Continue"
	Back             = "Back"
	HowToConnect     = "How would you like to connect?"
	HaveInvitation   = "I have an invitation"
	InvitationText   = "Somebody sent you a link. Paste it here."
	InvitationLink   = "Invitation link"
	InvitationHint   = "switchboard://…"
	InvitationWrong  = "This is not an invitation link. It begins with switchboard:// and ends with a long code."
	HaveServer       = "A server I was given"
	ServerText       = "Your organisation gave you the address of a server."
	ServerAddress    = "Server"
	ServerHint       = "chat.example.org:4222 or a link"
	ServerNeeded     = "Please type the address of the server."
	JustTry          = "Just try it on this computer"
	JustTryText      = "Starts a small network here. You can invite others to it later."
	JustTryNote      = "This computer carries the network. While it is off, messages wait. Whoever runs it can read what passes."
	AnotherDevice    = "I already use it on another device"
	AnotherText      = "Link this device to your account with a one-time code."
	DeviceCode       = "Code"
	DeviceCodeHint   = "From Devices on the other one"
	DeviceCodeNeeded = "Please type the code that your other device shows."
	DeviceName       = "Name of this device"
	Join             = "Join"
	Start            = "Start"
	LinkThis         = "Link this device"
	SettingUp        = "Setting up…"
	AllSet           = "You are ready"
	AllSetText       = "Try a first conversation, or bring somebody in."
	TalkToEcho       = "Talk to Echo"
	TalkToEchoText   = "A friendly account that answers what you write"
	InviteSomebody   = "Invite somebody"
	InviteText       = "A link that lets one person join this network"

	// The list.
	Search        = "Search"
	SearchPeople  = "Search people and conversations"
	FilterAll     = "All"
	FilterUnread  = "Unread"
	NobodyYet     = "Nobody here yet"
	NobodyYetText = "Invite somebody, add a contact whose address you know, or talk to Echo."
	AllRead       = "Everything is read"
	AllReadText   = "New messages will show up here."
	NothingFound  = "Nothing found"
	Requests      = "Requests"
	Accept        = "Accept"
	Decline       = "Decline"
	Block         = "Block"
	Unblock       = "Unblock"
	Pin           = "Pin to top"
	Unpin         = "Unpin"
	MuteHour      = "Mute for 1 hour"
	MuteWork      = "Mute for 8 hours"
	MuteAlways    = "Mute"
	Unmute        = "Unmute"
	Archive       = "Archive"
	Unarchive     = "Take out of the archive"
	Archived      = "Archived"
	Remove        = "Remove contact"
	Rename        = "Rename"
	NotSentRow    = "Not sent"
	TypingRow     = "typing…"
	DraftRow      = "Draft"
	InCallRow     = "In a call"
	BlockedRow    = "Blocked"
	RequestedRow  = "Waiting for an answer to your request"
	NotesTitle    = "Notes to myself"
	NoMessages    = "No messages yet"
	SortBy        = "Sort"
	AddContact    = "Add a contact"
	More          = "More"
	Menu          = "Menu"

	// Presence.
	Available  = "Available"
	Away       = "Away"
	Busy       = "Busy"
	Invisible  = "Invisible"
	Offline    = "Offline"
	StatusText = "What are you up to?"
	SetStatus  = "Set"
	ClearText  = "Clear"

	// The conversation.
	PickConversation     = "Choose a conversation"
	PickConversationText = "Or press Ctrl+K to find somebody."
	NoFeature            = "No plugin that shows messages is switched on."
	NoFeatureText        = "What happened here is listed below. Switch on Messages to read and write."
	OpenPlugins          = "Open plugins"
	Loading              = "One moment…"
	LoadingLong          = "This takes longer than usual. The plugin is still starting."
	NothingHappened      = "Nothing has happened here yet."
	Restart              = "Restart"
	Restarting           = "Restarting…"
	Close                = "Close"
	Hide                 = "Hide"
	Leave                = "Leave"
	Return               = "Return"
	Open                 = "Open"
	Again                = "Again"
	CancelOffer          = "Withdraw"
	EndSession           = "End for everybody"
	BlockQuestion        = "Block this person?"
	RemoveQuestion       = "Remove this contact?"
	RemoveText           = "The conversation stays here. To talk again, one of you has to ask."
	Cancel               = "Cancel"
	OK                   = "OK"
	Undo                 = "Undo"
	Copy                 = "Copy"
	Copied               = "Copied"
	CopyAddress          = "Copy address"

	// The connection.
	Connected       = "Connected"
	ConnectingNow   = "Connecting…"
	OfflineWait     = "Offline, messages will wait"
	WrongKey        = "The server is not the one you know"
	RefusedNow      = "The network refused this device"
	TryNow          = "Try now"
	Details         = "Details"
	ConnectionTitle = "Connection"
	PolicyTitle     = "Sending is switched off"

	// Pages.
	Settings          = "Settings"
	Plugins           = "Plugins"
	Devices           = "Devices"
	Invite            = "Invite somebody"
	Keys              = "Keyboard"
	About             = "About"
	SearchSettings    = "Search settings"
	NoSetting         = "No setting matches. Try another word."
	ChangeFailed      = "That did not work"
	LockedByAdmin     = "Set by your administrator"
	ResetSetting      = "Back to standard"
	PluginsText       = "Everything Switchboard can do is a plugin in its own process. What you switch off stops at once."
	SwitchOn          = "Switch on"
	SwitchOff         = "Switch off"
	Grants            = "May use"
	GrantsNone        = "Asks for no powers."
	EnforcedHere      = "Enforced here"
	MissingHere       = "This system cannot enforce"
	LastLog           = "Last messages from the plugin"
	LogEmpty          = "It has said nothing yet."
	NoPlugins         = "No plugins are installed"
	NoPluginsText     = "Switchboard was started without its plugins folder. Reinstall it, or start it from the folder it was built in."
	InviteTitle       = "Invite somebody"
	InviteExplain     = "Send this link to one person. It lets them join this network and tells their Switchboard which server to trust."
	InviteMake        = "Make a link"
	InviteAnother     = "Make another"
	InviteCopy        = "Copy link"
	InviteMaking      = "Making a link…"
	AddTitle          = "Add a contact"
	AddExplain        = "They get a request with your address and this greeting. Once they accept, you can talk."
	AddAddress        = "Address"
	AddAddressHint    = "bob, or bob@lab"
	AddGreeting       = "Greeting"
	AddGreetingHint   = "Hello, this is …"
	AddSend           = "Send request"
	AddNeeded         = "Please type an address."
	AddSelf           = "That is your own address."
	AddKnown          = "This person is already in your contacts."
	DevicesExplain    = "Your messages and settings follow you to every device linked to your account."
	LinkDevice        = "Link a device"
	LinkExplain       = "On the other device choose “I already use it on another device” and type this code. It works once."
	Revoke            = "Revoke"
	RevokeQuestion    = "Revoke this device?"
	RevokeText        = "It is locked out at once and can no longer read or send. What it already holds stays on it."
	ThisDevice        = "This device"
	DeviceOnline      = "Online"
	Retry             = "Try again"
	AboutText         = "A switchboard does nothing by itself: people plug cables into it. Every capability here is a plugin in its own process, and the host never reads what you write."
	LicenceText       = "Free software under the Apache License 2.0."
	YourDevice        = "Device"
	NetworkName       = "Network"
	NetworkKeyName    = "Network key"
	Profile           = "Profile"
	Working           = "Working…"
	CopyFailed        = "Nothing to copy yet."
	PagePeople        = "People"
	PageConversations = "Conversations"
	PageActions       = "Go to"
	GoBack            = "Back"
	Notifications     = "Menu"
)

// SaveStatus is the button that publishes what one is up to.
const SaveStatus = "Save"

// Unread counts unread messages for a screen reader.
func Unread(n int) string {
	if n == 1 {
		return "1 unread message"
	}
	return fmt.Sprintf("%d unread messages", n)
}

// Badge is the count in a row's badge; large counts stop growing.
func Badge(n int) string {
	if n > 999 {
		return "999+"
	}
	return fmt.Sprint(n)
}

// RequestCount heads the requests.
func RequestCount(n int) string {
	if n == 1 {
		return "1 request"
	}
	return fmt.Sprintf("%d requests", n)
}

// NotTheSame warns that a requester's name resembles a contact's.
func NotTheSame(name, address string) string { return fmt.Sprintf("Not %s: %s", name, address) }

// WantsContact is the sentence above a request's buttons.
func WantsContact(address string) string { return fmt.Sprintf("%s would like to talk to you", address) }

// OfferIn is the offer bar's sentence for an offer that came to me.
func OfferIn(who, title string) string { return fmt.Sprintf("%s offers: %s", who, title) }

// OfferOut is the offer bar's sentence for an offer that I made.
func OfferOut(who, title string) string { return fmt.Sprintf("%s: waiting for %s", title, who) }

// SessionActive tells about a running session.
func SessionActive(title, who string) string {
	if who == "" {
		return title
	}
	return fmt.Sprintf("%s with %s", title, who)
}

// AnsweredOn says that another of my devices took an offer.
func AnsweredOn(title, device string) string {
	if device == "" {
		return fmt.Sprintf("%s was answered on another device", title)
	}
	return fmt.Sprintf("%s was answered on %s", title, device)
}

// OfferDeclined, OfferCancelled, OfferTimedOut and the like say how an offer ended.
func OfferDeclined(title, who string) string { return fmt.Sprintf("%s declined %s", who, title) }

// OfferDeclinedByMe says that I said no.
func OfferDeclinedByMe(title string) string { return fmt.Sprintf("You declined %s", title) }

// OfferCancelled says that the offer was withdrawn.
func OfferCancelled(title, who string) string { return fmt.Sprintf("%s withdrew %s", who, title) }

// OfferCancelledByMe says that I withdrew it.
func OfferCancelledByMe(title string) string { return fmt.Sprintf("You withdrew %s", title) }

// OfferTimedOut says that nobody answered.
func OfferTimedOut(title string) string { return fmt.Sprintf("%s: nobody answered in time", title) }

// OfferImpossible says why an offer cannot be accepted here.
func OfferImpossible(title, reason string) string {
	if reason == "" {
		return fmt.Sprintf("%s is not possible here", title)
	}
	return fmt.Sprintf("%s is not possible: %s", title, reason)
}

// SessionEnded says that a session is over.
func SessionEnded(title, reason string) string {
	if reason == "" {
		return fmt.Sprintf("%s has ended", title)
	}
	return fmt.Sprintf("%s has ended: %s", title, reason)
}

// SessionLeft says that I left a session.
func SessionLeft(title string) string { return fmt.Sprintf("You left %s", title) }

// Stopped is the fault pane of a plugin that went away.
func Stopped(plugin string) string { return fmt.Sprintf("%s stopped", plugin) }

// StoppedSafe says what is safe when a plugin stopped.
const StoppedSafe = "What you wrote is safe. Restart it to go on where you were."

// LackedBy is why a capability is greyed.
func LackedBy(who, what string) string { return fmt.Sprintf("%s does not have %s", who, what) }

// BlockText says what blocking means.
func BlockText(who string) string {
	return fmt.Sprintf("%s can no longer write to you and does not see whether you are here. They are not told.", who)
}

// BlockName asks before blocking somebody.
func BlockName(who string) string { return fmt.Sprintf("Block %s?", who) }

// RemoveName asks before removing a contact.
func RemoveName(who string) string { return fmt.Sprintf("Remove %s?", who) }

// RevokeName asks before revoking a device.
func RevokeName(device string) string { return fmt.Sprintf("Revoke %s?", device) }

// RetryIn counts down to the next try.
func RetryIn(seconds int) string {
	switch {
	case seconds <= 0:
		return "Trying now…"
	case seconds == 1:
		return "Next try in 1 second"
	case seconds < 60:
		return fmt.Sprintf("Next try in %d seconds", seconds)
	}
	return "Next try in more than a minute"
}

// Queued says what is waiting to be sent.
func Queued(n int) string {
	if n == 1 {
		return "1 message is kept and will be sent."
	}
	return fmt.Sprintf("%d messages are kept and will be sent.", n)
}

// OfflineQueued is the connection line while messages wait.
func OfflineQueued(n int) string {
	switch n {
	case 0:
		return OfflineWait
	case 1:
		return "Offline, 1 message waits"
	}
	return fmt.Sprintf("Offline, %d messages wait", n)
}

// ContactAdded confirms a request that was sent.
func ContactAdded(address string) string { return fmt.Sprintf("Request sent to %s", address) }

// Muted, Archived and the like are toasts with Undo.
func Muted(who string) string { return fmt.Sprintf("%s is muted", who) }

// RowArchived confirms archiving.
func RowArchived(who string) string { return fmt.Sprintf("%s is in the archive", who) }

// WasBlocked confirms blocking.
func WasBlocked(who string) string { return fmt.Sprintf("%s is blocked", who) }

// WasRemoved confirms removing a contact.
func WasRemoved(who string) string { return fmt.Sprintf("%s is no longer a contact", who) }

// PluginOn confirms switching a plugin on.
func PluginOn(name string) string { return fmt.Sprintf("%s is on", name) }

// PluginOff confirms switching a plugin off.
func PluginOff(name string) string { return fmt.Sprintf("%s is off", name) }

// MessageTo is the label of a conversation for a screen reader.
func MessageTo(who string) string { return fmt.Sprintf("Conversation with %s", who) }

// AvatarOf labels a picture.
func AvatarOf(who string) string { return fmt.Sprintf("Picture of %s", who) }

// From says who published a plugin and where it came from.
func From(publisher, origin string) string {
	switch {
	case publisher == "" && origin == "":
		return ""
	case publisher == "":
		return Origin(origin)
	case origin == "":
		return publisher
	}
	return fmt.Sprintf("%s, %s", publisher, Origin(origin))
}

// Origin says where a plugin was found.
func Origin(o string) string {
	switch o {
	case "built-in":
		return "comes with Switchboard"
	case "system":
		return "installed on this computer"
	case "user":
		return "installed by you"
	}
	return o
}

// Version is a version as shown.
func Version(v string) string {
	if v == "" {
		return ""
	}
	return fmt.Sprintf("Version %s", v)
}

// Memory is how much memory a plugin uses.
func Memory(kb int) string {
	if kb < 1024 {
		return fmt.Sprintf("%d KB", kb)
	}
	return fmt.Sprintf("%d MB", (kb+512)/1024)
}

// Between is the range of a number.
func Between(low, high int) string {
	if high <= low {
		return fmt.Sprintf("At least %d.", low)
	}
	return fmt.Sprintf("A number from %d to %d.", low, high)
}

// NotANumber is a field error.
const NotANumber = "Please type a whole number."

// WithNetwork completes a preview of an address.
func WithNetwork(user, network string) string {
	if network == "" {
		return fmt.Sprintf("People will find you as %s", user)
	}
	return fmt.Sprintf("People will find you as %s@%s", user, network)
}

// LastSeen says when a device was here last.
func LastSeen(when string) string { return fmt.Sprintf("Last here %s", when) }

// Linked says since when a device belongs to the account.
func Linked(when string) string { return fmt.Sprintf("Linked %s", when) }

// DeviceRevoked confirms revoking.
func DeviceRevoked(name string) string { return fmt.Sprintf("%s is locked out", name) }

// Nobody answers a search without a hit.
func Nobody(query string) string { return fmt.Sprintf("Nothing matches “%s”.", query) }

// AddThisAddress offers to add what was typed as a contact.
func AddThisAddress(address string) string { return fmt.Sprintf("Add %s as a contact", address) }

// SpaceFor is the sentence of a session that could not be opened.
func CouldNotStart(title, reason string) string {
	return fmt.Sprintf("%s could not be started. %s", title, reason)
}

// TodayAt is a time of today in a sentence.
func TodayAt(clock string) string { return fmt.Sprintf("today at %s", clock) }

// Why a call of the window itself did not end well.
const (
	TookTooLong = "This took too long. Check the connection and try again."
	WasStopped  = "This was stopped."
	NoReason    = "This did not work, and no reason was given."
)

// NotFriends is why nothing can be offered yet.
func NotFriends(who string) string {
	return fmt.Sprintf("%s has not accepted your request yet", who)
}

// PresenceWith is a presence with its text on one line.
func PresenceWith(s model.Status, text string) string {
	if text == "" {
		return Presence(s)
	}
	return fmt.Sprintf("%s · %s", Presence(s), text)
}

// Prefixed summaries of rows.
func Draft(text string) string { return fmt.Sprintf("Draft: %s", text) }

// ByMe is a summary of something I wrote.
func ByMe(text string) string { return fmt.Sprintf("You: %s", text) }

// SearchWithKey is the hint of the search with its key.
const SearchWithKey = "Search · Ctrl+K"

// NotesText stands in an empty conversation with myself.
const NotesText = "Only your own devices see this"

// RowWithUnread names a row with its count for a screen reader.
func RowWithUnread(name, unread string) string { return fmt.Sprintf("%s, %s", name, unread) }

// NewPeople is the button for everything that brings people in.
const NewPeople = "Add or invite people"

// InvisibleText explains the presence.
const InvisibleText = "Others see you as offline"

// MyPresence labels my own line for a screen reader.
func MyPresence(presence string) string { return fmt.Sprintf("My presence: %s", presence) }

// OnNetwork says who I am on the network.
func OnNetwork(address string) string { return fmt.Sprintf("You are %s", address) }

// Tooltips of an offer's buttons, with their keys.
const (
	AcceptKey  = "Accept · Ctrl+Shift+A"
	DeclineKey = "Decline · Ctrl+Shift+D"
)

// StoppedBecause says what is safe, and why a plugin stopped.
func StoppedBecause(fault string) string {
	if fault == "" {
		return StoppedSafe
	}
	return fmt.Sprintf("%s %s", fault, StoppedSafe)
}

// LinkFailed says what happened instead of opening a link.
const LinkFailed = "No program could be started for this link. It was copied instead."

// PageSection names a section together with its page.
func PageSection(page, section string) string { return fmt.Sprintf("%s · %s", page, section) }

// Chosen labels a choice for a screen reader.
func Chosen(title, value string) string { return fmt.Sprintf("%s: %s", title, value) }

// Less labels the button that makes a number smaller.
func Less(title string) string { return fmt.Sprintf("%s: less", title) }

// Greater labels the button that makes a number larger.
func Greater(title string) string { return fmt.Sprintf("%s: more", title) }

// AboutPlugin labels the row that opens a plugin's details.
func AboutPlugin(name string) string { return fmt.Sprintf("About %s", name) }

// SwitchName labels a plugin's switch.
func SwitchName(name string, on bool) string {
	if on {
		return fmt.Sprintf("Switch %s off", name)
	}
	return fmt.Sprintf("Switch %s on", name)
}

// StateWithMemory is a state with the memory in use.
func StateWithMemory(state, memory string) string { return fmt.Sprintf("%s · %s", state, memory) }

// PluginFrom says which version of a plugin this is and where it came from.
func PluginFrom(version, from string) string {
	switch {
	case version == "":
		return from
	case from == "":
		return Version(version)
	}
	return fmt.Sprintf("Version %s · %s", version, from)
}

// Refused is a power that a plugin does not get, with the reason.
func Refused(power, reason string) string { return fmt.Sprintf("%s: %s", power, reason) }

// MakeCode is the button that makes a one-time code.
const MakeCode = "Make a code"

// YouAre welcomes a new account.
func YouAre(address string) string {
	return fmt.Sprintf("Your address is %s. Try a first conversation, or bring somebody in.", address)
}

// JustStart leaves the first run.
const JustStart = "Look around first"
