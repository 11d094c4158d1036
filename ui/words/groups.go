package words

import "switchboard/shared/model"

// Groups: making one, who is in it, and what one may do there.
const (
	NewGroup        Word = "New group"
	NewGroupText    Word = "A group is for people who talk together. All of them see the same messages in the same order."
	GroupName       Word = "Name of the group"
	GroupNameHint   Word = "Project, team or occasion"
	GroupNameNeeded Word = "Please give the group a name."
	GroupNameLong   Word = "This name is too long. Use a shorter one."
	GroupPeople     Word = "People"
	PickPeople      Word = "Search your contacts"
	NoContacts      Word = "You have no contacts yet. You can make the group now and add people later."
	NobodyMatches   Word = "None of your contacts matches."
	EarlierTitle    Word = "New members see earlier messages"
	EarlierText     Word = "Counts for people who come in while it is on."
	OpenTitle       Word = "People may ask to be let in"
	OpenText        Word = "Anybody on this network who has the group's code. You or an admin decide."
	CreateGroup     Word = "Create group"
	CreatingGroup   Word = "Creating the group…"
	JoinGroup       Word = "Join a group"
	HaveGroupCode   Word = "I have a group's code"
	GroupCode       Word = "Code of the group"
	GroupCodeNeeded Word = "Please type the code of the group."
	AskToBeLetIn    Word = "Ask to be let in"
	GroupAsked      Word = "Asked. The group appears in your list as soon as somebody lets you in."
	AddPeople       Word = "Add people"
	AddPeopleText   Word = "Whoever you add is in at once, unless they want to be asked first."
	AddingPeople    Word = "Adding…"
	GroupDetails    Word = "Group"
	GroupShow       Word = "Show the group"
	GroupMembers    Word = "Members"
	GroupInvited    Word = "Invited"
	GroupAsking     Word = "Asking to be let in"
	GroupAlerts     Word = "Notifications"
	GroupAlertsOn   Word = "On"
	GroupAlertsOff  Word = "Muted"
	FindMember      Word = "Search members"
	RenameGroup     Word = "Rename the group"
	RoleOwner       Word = "Owner"
	RoleAdmin       Word = "Admin"
	GroupYou        Word = "You"
	SendMessage     Word = "Send a message"
	MakeAdmin       Word = "Make admin"
	NoLongerAdmin   Word = "No longer admin"
	MakeOwner       Word = "Make owner"
	RemoveMember    Word = "Remove from the group"
	WithdrawInvite  Word = "Withdraw the invitation"
	LetIn           Word = "Let in"
	RefuseIn        Word = "Refuse"
	LeaveGroup      Word = "Leave group"
	LeaveGroupText  Word = "You keep what you have read so far and get nothing new. To come back, somebody has to invite you."
	LeaveLastText   Word = "You are the last one in it. The group ends when you leave."
	LeaveOwnerText  Word = "You own this group. Choose who takes over."
	WaitingForThem  Word = "No answer yet"
	CopyCode        Word = "Copy code"
	NotInGroup      Word = "You are not in this group."
	GroupWaitTitle  Word = "You asked to be let in"
)

// Role is somebody's role in a group, empty for a plain member.
func Role(r model.GroupRole) string {
	switch r {
	case model.GroupOwner:
		return RoleOwner.Text()
	case model.GroupAdmin:
		return RoleAdmin.Text()
	}
	return ""
}

// MemberCount is how many are in a group.
func MemberCount(n int) string {
	return say("%d members", n)
}

// GroupLine is the line below a group's name: how many and who.
func GroupLine(n int, names string) string {
	if names == "" {
		return MemberCount(n)
	}
	return say("%s · %s", MemberCount(n), names)
}

// InvitesYou is the sentence of an invitation to a group.
func InvitesYou(who string) string {
	if who == "" {
		return say("You are invited to this group")
	}
	return say("%s invites you to this group", who)
}

// AsksToJoin is the sentence above a group for who decides.
func AsksToJoin(who string) string { return say("%s asks to be let into this group", who) }

// InvitedBy says who invited somebody.
func InvitedBy(who string) string { return say("Invited by %s, no answer yet", who) }

// RemoveMemberTitle asks before somebody is removed.
func RemoveMemberTitle(who, group string) string { return say("Remove %s from %s?", who, group) }

// RemoveMemberText says what removing means.
func RemoveMemberText(who string) string {
	return say("%s can no longer write here or read what comes. What was read before stays with them.", who)
}

// MakeOwnerTitle asks before a group is handed over.
func MakeOwnerTitle(who string) string { return say("Make %s the owner?", who) }

// MakeOwnerText says what handing over means.
func MakeOwnerText(who string) string {
	return say("Only an owner decides who is admin. You become an admin, and only %s can give the group back.", who)
}

// LeaveTitle asks before a group is left.
func LeaveTitle(group string) string { return say("Leave %s?", group) }

// NotInvited says who of those chosen could not be added.
func NotInvited(who, why string) string { return say("%s could not be added. %s", who, why) }

// PeopleAdded confirms how many people were added to a group.
func PeopleAdded(n int) string {
	return say("%d people were added", n)
}

// MemberMenu labels the menu of a member.
func MemberMenu(who string) string { return say("More about %s", who) }

// AddCount is the button that adds those who are chosen.
func AddCount(n int) string {
	if n == 0 {
		return AddPeople.Text()
	}
	return say("Add %d people", n)
}

// TakeOut labels the chip of somebody who is chosen.
func TakeOut(who string) string { return say("Take %s out", who) }

// AlreadyIn is why a contact cannot be added again.
const AlreadyIn Word = "Already in the group"

// AlreadyInvited is why a contact cannot be invited again.
const AlreadyInvited Word = "Invited already"

// ByThem is the summary of something that somebody wrote in a group.
func ByThem(who, text string) string { return say("%s: %s", who, text) }
