package words

// Going on without a window, and what is opened from outside.
const (
	StaysTitle  Word = "Switchboard keeps running"
	StaysTray   Word = "Messages still reach you, and its icon in the tray brings the window back."
	StaysNoTray Word = "Messages still reach you; start Switchboard again to bring the window back."
	QuitInstead Word = "Quit instead"
	StaysOn     Word = "Keep running"
)

// Joined says that a link leads to where one is.
func Joined(network string) string { return say("You are already in the network %s.", network) }

// Elsewhere says that a link leads to another network than the one here.
func Elsewhere(here, there string) string {
	return say("You are signed in to %s. To be in %s as well, start Switchboard with another profile.", here, there)
}
