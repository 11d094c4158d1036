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
		{"Moving around", []Key{
			{[]string{"Ctrl", "K"}, "Find a person or a conversation"},
			{[]string{"Ctrl", "Tab"}, "Next conversation (also Ctrl+PgDn, Alt+↓)"},
			{[]string{"Ctrl", "Shift", "Tab"}, "Previous conversation (also Ctrl+PgUp, Alt+↑)"},
			{[]string{"F6"}, "Next part of the window; Shift+F6 goes back"},
			{[]string{"Alt", "←"}, "Back to where you were"},
			{[]string{"Esc"}, "Close what is open: menu, reply, panel, search"},
			{[]string{"F11"}, "Fill the screen"},
		}},
		{"Writing", []Key{
			{[]string{"Enter"}, "Send"},
			{[]string{"Shift", "Enter"}, "New line"},
			{[]string{"↑"}, "Edit your last message, in an empty line"},
			{[]string{"Shift", "F10"}, "Menu of what has the keyboard"},
		}},
		{"Offers", []Key{
			{[]string{"Ctrl", "Shift", "A"}, "Accept what is offered"},
			{[]string{"Ctrl", "Shift", "D"}, "Decline it"},
		}},
		{"Everything else", []Key{
			{[]string{"Ctrl", ","}, "Settings"},
			{[]string{"F2"}, "Rename the person you talk to"},
			{[]string{"F1"}, "This page"},
			{[]string{"Ctrl", "Q"}, "Quit; closing the window leaves the network on this computer running"},
		}},
	}
}
