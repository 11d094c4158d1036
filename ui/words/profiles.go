package words

// The panel of a contact.
const (
	ProfileOf           Word = "Contact"
	ProfileShow         Word = "Show contact"
	ProfileDevices      Word = "Devices and keys"
	SharedGroups        Word = "Groups you share"
	WatchTitle          Word = "Tell me when they come online"
	WatchNever          Word = "Never"
	WatchOnce           Word = "Once"
	WatchAlways         Word = "Always"
	CanUse              Word = "Can use"
	CapabilitiesUnknown Word = "Known once they have been online"
	KeysTitle           Word = "Keys"
	KeysSame            Word = "The same since you became contacts"
)

// CarryMoved is the page of the network on the computer that it has left.
const CarryMoved Word = "This network has moved to another computer. This one carries it no longer and tells others where it is now, as long as it runs."

// Leaving the recovery code, and starting at sign-in.
const (
	RecoveryLeave     Word = "Leave without keeping the code?"
	RecoveryLeaveText Word = "It is shown only now. Without it nobody can bring this account back when all your devices are lost; you can make a new one later."
	RecoveryLeaveNow  Word = "Leave this page"
	StartAtSignIn     Word = "Start Switchboard when I sign in"
)
