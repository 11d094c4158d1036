package widget

import (
	"gioui.org/op"

	"switchboard/ui/theme"
)

// editMenu is the context menu of typed text, with what the keys of EditKeys do.
type editMenu struct {
	ContextMenu
	items []MenuItem
	of    menuOf
}

// menuOf is what the choices of a menu depend on.
type menuOf struct {
	th                                             *theme.Theme
	selected, secret, fixed, formats, again, taken bool
}

// editItem is a choice: an editing key, its words and its icon.
func editItem(th *theme.Theme, name, text, icon string, can bool) MenuItem {
	return MenuItem{ID: name, Text: text, Icon: icon, Disabled: !can, Shortcut: th.Say.Sprintf("Ctrl+%s", name)}
}

// choices are the lines of the menu, made anew only when something changed.
func (in *Input) choices(th *theme.Theme) []MenuItem {
	m := &in.menu
	of := menuOf{th: th, selected: in.SelectionLen() > 0, secret: in.Mask != 0, fixed: in.ReadOnly, formats: in.formats,
		taken: len(in.past.undone) > 0, again: len(in.past.done) > 0}
	if m.of == of && m.items != nil {
		return m.items
	}
	m.of = of
	writes := !of.fixed
	m.items = []MenuItem{
		editItem(th, "Z", th.Say.Sprintf("Undo"), "undo", writes && of.again && !of.secret),
		editItem(th, "Y", th.Say.Sprintf("Redo"), "redo", writes && of.taken && !of.secret),
		editItem(th, "X", th.Say.Sprintf("Cut"), "cut", writes && of.selected && !of.secret),
		editItem(th, "C", th.Say.Sprintf("Copy"), "copy", of.selected && !of.secret),
		editItem(th, "V", th.Say.Sprintf("Paste"), "paste", writes),
		editItem(th, "A", th.Say.Sprintf("Select all"), "select_all", in.Len() > 0),
	}
	m.items[2].SeparatorBefore = true
	if of.formats {
		m.items = append(m.items, editItem(th, "B", th.Say.Sprintf("Bold"), "format_bold", writes),
			editItem(th, "I", th.Say.Sprintf("Italic"), "format_italic", writes),
			editItem(th, "E", th.Say.Sprintf("Code"), "code", writes))
		m.items[6].SeparatorBefore = true
	}
	return m.items
}

// chosen does what was chosen in the menu.
func (in *Input) chosen(gtx C) {
	if id, ok := in.menu.Chosen(gtx); ok {
		in.do(gtx, id)
		gtx.Execute(op.InvalidateCmd{})
	}
}
