package model

import contractv1 "switchboard/shared/contract/v1"

// View is what a session shows now. Root and the items are shared, never changed.
type View struct {
	Key      SessionKey
	Plugin   string
	Root     *contractv1.Node
	Revision int64
	Lists    map[string]*List
	Editors  map[string]Editor
	Commands []Command // not yet done by the window, oldest first
	// Loading: the plugin has not shown anything yet. Fault: it stopped, one sentence.
	Loading bool
	Fault   string
	// Refused is why something that the person did could not be taken, Refusals
	// how many times that was so: a new one is to be said once.
	Refused  string
	Refusals uint64
}

// List is the host's window onto a plugin's list.
type List struct {
	Generation          int64
	Items               []*contractv1.ListItem
	HasBefore, HasAfter bool
	Loaded              bool // false until the first items came
}

// Editor is host-owned text.
type Editor struct {
	Text     string
	Revision int64 // rises with each change by the plugin (SetText, cleared, restored)
}

// Command is a one-time view command; N rises, so the window does each once.
type Command struct {
	N       uint64
	Command *contractv1.ViewCommand
}

// Action is what the person did; see contractv1.Action for the meaning.
type Action struct {
	Node, Value, List, Item string
	Kind                    contractv1.Action_Kind
	Revision                int64
	// Of a FORWARD: which items of which session of the same plugin.
	Source SessionKey
	Keys   []string
}
