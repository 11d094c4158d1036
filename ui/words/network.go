package words

import "golang.org/x/text/number"

// Networks: finding one, being let in, carrying one, invitations.
const (
	Nearby            Word = "Networks nearby"
	NearbyLooking     Word = "Looking around…"
	NearbyNone        Word = "None found so far. Ask whoever runs one to open it, or for an invitation."
	NearbyText        Word = "Ask to be let in. Whoever runs the network sees your name and this computer's."
	NearbyJoined      Word = "You are on it already"
	AskToJoin         Word = "Ask to join"
	LookAgain         Word = "Look again"
	StartNetwork      Word = "Start a network here"
	StartNetworkText  Word = "For your team: other computers can join it."
	NearbyMayAsk      Word = "People nearby may ask to be let in"
	NearbyMayAskText  Word = "You decide about each of them. Without it, people come by invitation only."
	JustTryAlone      Word = "Only this computer. You can open it to others later."
	HaveAccount       Word = "I have an account already"
	HaveAccountHow    Word = "How would you like to get to your account?"
	WithDevice        Word = "With another of my devices"
	WithDeviceText    Word = "On the other one open Settings, Devices and choose “Link a device”."
	WithRecovery      Word = "With my recovery code"
	WithRecoveryText  Word = "The link that you kept when you began. It works once."
	LinkOrCode        Word = "Link or code from your other device"
	LinkOrCodeHint    Word = "switchboard://… or XXXX-XXXX-XXXX"
	RecoveryCodeHint  Word = "switchboard://… with r= near its end"
	RecoveryWrong     Word = "This is not a recovery code. It is the whole link that was shown to you, from switchboard:// to its end."
	NetworkLinkNeeded Word = "With a code, the link to your network is needed too."
	Restore           Word = "Restore my account"
	WaitingTitle      Word = "Waiting to be let in"
	WaitingCompare    Word = "The other screen shows six digits, too. If they are the same, nobody stands between you; if not, cancel."
	WaitingStays      Word = "Leave this open. It goes on as soon as somebody answers."
	DoorCompare       Word = "Both screens must show these digits."
	YourNetwork       Word = "This network"
	CarryHeading      Word = "Carried by this computer"
	CarryText         Word = "While this computer is off, messages wait. Whoever runs it can read what passes."
	CarryOpen         Word = "Open to other computers"
	CarryOpenText     Word = "Closed, only this computer reaches it."
	CarryWhere        Word = "Reached through"
	CarryWhereText    Word = "Never through a VPN or to containers."
	CarryFirewall     Word = "A firewall may be in the way"
	CarryFirewallText Word = "Run this once in a terminal of this computer:"
	CarryNotHere      Word = "This network is carried by another computer."
	CopyCommand       Word = "Copy command"
	KeepsFor          Word = "Messages are kept"
	KeepsForEver      Word = "as long as there is room"
	StorageUsed       Word = "Your files there"
	Invitations       Word = "Open invitations"
	InvitationsNone   Word = "No invitation is open."
	InvitePeople      Word = "For how many people"
	InviteDays        Word = "Valid for"
	InviteMake        Word = "Make an invitation"
	InviteText2       Word = "A link that lets people join this network and tells their Switchboard which server to trust."
	InviteOpenFirst   Word = "This network is reached from this computer only. Open it to other computers first."
	OpenNetworkPage   Word = "Open the network…"
	InvitationRevoked Word = "The invitation opens nothing any more"
	PhoneHint         Word = "Scan it, or copy the link."
)

// FoundOn says where a network that was found runs and whose it is.
func FoundOn(computer, owner string) string {
	switch {
	case computer == "" && owner == "":
		return ""
	case owner == "":
		return say("on %s", computer)
	case computer == "":
		return say("run by %s", owner)
	}
	return say("on %s, run by %s", computer, owner)
}

// NearbyFound says how many networks are near.
func NearbyFound(n int, first string) string {
	if n == 1 {
		return say("%s is here", first)
	}
	return say("%s and %d more are here", first, n-1)
}

// AsksToEnter is the sentence at the door of my network.
func AsksToEnter(computer, user string) string {
	if computer == "" {
		return say("Somebody asks to join this network as %s", user)
	}
	return say("%s asks to join this network as %s", computer, user)
}

// AsksToLink is the sentence of a device that wants into my account.
func AsksToLink(computer string) string {
	if computer == "" {
		return say("A new device asks to be linked to your account")
	}
	return say("%s asks to be linked to your account", computer)
}

// DigitsShown reads digits out.
func DigitsShown(digits string) string { return say("Both screens show %s", digits) }

// CarryOthers is how many devices of others are connected here.
func CarryOthers(n int) string {
	if n == 0 {
		return say("No other computer is connected now.")
	}
	return say("%d devices of other computers are connected now.", n)
}

// Days is a number of days.
func Days(n int) string {
	return say("%d days", n)
}

// People is a number of people.
func People(n int) string {
	return say("%d people", n)
}

// StorageOf is how much of a quota is used.
func StorageOf(used, quota string) string {
	if quota == "" {
		return used
	}
	return say("%s of %s", used, quota)
}

// InvitationLine is what an invitation still is.
func InvitationLine(used, uses int, until string) string {
	return say("%d of %d used, valid until %s", used, uses, until)
}

// InvitationBy says who made an invitation, and when.
func InvitationBy(who, when string) string {
	if when == "" {
		return say("By %s", who)
	}
	return say("By %s, %s", who, when)
}

// QuitDevices says what quitting cuts off, when the devices of others are counted.
func QuitDevices(n int) string {
	leave := QuitLeave.Text()
	if n == 0 {
		return say("The network on this computer stops with it. %s", leave)
	}
	return say("%d devices of other computers are connected through this one and will be cut off. %s", n, leave)
}

// Interface names a network interface with its address.
func Interface(name, kind string) string {
	if kind == "bridge" {
		return say("Bridge (%s)", name)
	}
	return name
}

// Remarks joins two remarks on one line.
func Remarks(one, other string) string { return say("%s · %s", one, other) }

// Size is a number of bytes, rounded.
func Size(bytes int64) string {
	if bytes < 1<<30 {
		return Memory(int(bytes >> 10))
	}
	return say("%v GB", number.Decimal(float64(bytes)/(1<<30), number.MaxFractionDigits(1)))
}
