package ui

import "gioui.org/io/key"

// Shortcuts are the keys that the window takes wherever the keyboard is.
func Shortcuts() []key.Filter {
	out := make([]key.Filter, len(shortcuts))
	for i, s := range shortcuts {
		out[i] = key.Filter{Name: s.name, Required: s.mods}
	}
	return out
}

// TakeFill tells once whether the screen is to be filled.
func (w *Window) TakeFill() bool { return w.takeFill() }
