package model

// Raise asks for the window: to be opened where there is none, to come to the
// front where there is one, and to show something there.
type Raise struct {
	// Conversation is chosen and its composer gets the keyboard; empty leaves the
	// window as it is.
	Conversation string
	// Page is gone to, by its id in the window; empty for none.
	Page string
	// Link is a switchboard:// link that a person opened.
	Link string
	// Token is what the desktop gave along so that the window may take the focus
	// (XDG_ACTIVATION_TOKEN or DESKTOP_STARTUP_ID); empty where it gave none.
	Token string
	// Quit asks to end the program, which asks the person first where others would
	// be cut off.
	Quit bool
}
