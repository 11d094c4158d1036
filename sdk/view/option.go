package view

import contractv1 "switchboard/shared/contract/v1"

// Option changes one property of a node. An option that does not fit the node's
// kind changes nothing.
type Option func(Node)

// With applies options to a node and returns it.
func With(n Node, options ...Option) Node {
	for _, o := range options {
		o(n)
	}
	return n
}

// ID gives a node its id.
func ID(id string) Option { return func(n Node) { n.Id = id } }

// Label is what a screen reader says.
func Label(text string) Option { return func(n Node) { n.Label = text } }

// Tooltip is shown while the pointer rests.
func Tooltip(text string) Option { return func(n Node) { n.Tooltip = text } }

// Fallback is drawn by a host that does not know the node.
func Fallback(text string) Option { return func(n Node) { n.Fallback = text } }

func box(n Node, f func(*contractv1.Box)) {
	if b := n.GetColumn(); b != nil {
		f(b)
	}
	if b := n.GetRow(); b != nil {
		f(b)
	}
}

// Gap is the room between the children of a row or column.
func Gap(g contractv1.Box_Gap) Option {
	return func(n Node) { box(n, func(b *contractv1.Box) { b.Gap = g }) }
}

// Align places children across the direction of a row or column.
func Align(a contractv1.Box_Align) Option {
	return func(n Node) { box(n, func(b *contractv1.Box) { b.Align = a }) }
}

// Grow names the child that takes what room is left.
func Grow(id string) Option {
	return func(n Node) { box(n, func(b *contractv1.Box) { b.Grow = id }) }
}

// Padded puts room around a row or column.
func Padded(n Node) { box(n, func(b *contractv1.Box) { b.Padded = true }) }

// Style sets a text's style.
func Style(s contractv1.Text_Style) Option {
	return func(n Node) {
		if t := n.GetText(); t != nil {
			t.Style = s
		}
	}
}

// MaxLines cuts a text after so many lines.
func MaxLines(lines int) Option {
	return func(n Node) {
		if t := n.GetText(); t != nil {
			t.MaxLines = uint32(max(lines, 0))
		}
	}
}

func role(r contractv1.Button_Role) Option {
	return func(n Node) {
		if b := n.GetButton(); b != nil {
			b.Role = r
		}
		if b := n.GetIconButton(); b != nil {
			b.Role = r
		}
	}
}

// Primary marks the one button that is meant to be pressed.
func Primary(n Node) { role(contractv1.Button_PRIMARY)(n) }

// Destructive marks a button that destroys something.
func Destructive(n Node) { role(contractv1.Button_DANGER)(n) }

// Quiet makes a button recede.
func Quiet(n Node) { role(contractv1.Button_QUIET)(n) }

// Disabled makes a control unusable and says why.
func Disabled(reason string) Option {
	return func(n Node) {
		switch b := n.GetBody().(type) {
		case *contractv1.Node_Button:
			b.Button.Disabled, b.Button.Reason = true, reason
		case *contractv1.Node_IconButton:
			b.IconButton.Disabled, b.IconButton.Reason = true, reason
		case *contractv1.Node_Field:
			b.Field.Disabled = true
		case *contractv1.Node_Editor:
			b.Editor.Disabled, b.Editor.Reason = true, reason
		case *contractv1.Node_Toggle:
			b.Toggle.Disabled, b.Toggle.Reason = true, reason
		case *contractv1.Node_Select:
			b.Select.Disabled = true
		}
	}
}

// Icon gives a button or card a picture.
func Icon(name string) Option {
	return func(n Node) {
		if b := n.GetButton(); b != nil {
			b.Icon = name
		}
		if c := n.GetCard(); c != nil {
			c.Icon = name
		}
	}
}

// Selected marks an icon button as pressed in.
func Selected(n Node) {
	if b := n.GetIconButton(); b != nil {
		b.Selected = true
	}
}

// Accent draws a separator in the accent colour, as the "new" line.
func Accent(n Node) {
	if s := n.GetSeparator(); s != nil {
		s.Accent = true
	}
}

// Content puts a node inside a card.
func Content(c Node) Option {
	return func(n Node) {
		if card := n.GetCard(); card != nil {
			card.Content = c
		}
	}
}

// Actions are the buttons of a card.
func Actions(actions ...Node) Option {
	return func(n Node) {
		if card := n.GetCard(); card != nil {
			card.Actions = actions
		}
	}
}
