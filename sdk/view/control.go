package view

import contractv1 "switchboard/shared/contract/v1"

// Button is a button with a text; pressing it is an Action of kind Press.
// Options: Primary, Destructive, Quiet, Disabled, Icon.
func Button(id, text string, options ...Option) Node {
	return With(&contractv1.Node{Id: id, Body: &contractv1.Node_Button{Button: &contractv1.Button{Text: text}}}, options...)
}

// IconButton is a button with a picture of the material set. The label is what
// a screen reader says and the tooltip shows.
func IconButton(id, icon, label string, options ...Option) Node {
	n := &contractv1.Node{Id: id, Label: label, Tooltip: label,
		Body: &contractv1.Node_IconButton{IconButton: &contractv1.IconButton{Icon: icon}}}
	return With(n, options...)
}

// Field is one line of text; Enter is an Action of kind Submit. Options:
// Initial, Hint, CaptionText, MaxBytes, Disabled, ErrorText, Secret.
func Field(id string, options ...Option) Node {
	return With(&contractv1.Node{Id: id, Body: &contractv1.Node_Field{Field: &contractv1.Field{}}}, options...)
}

// Editor is several lines of text that belong to the host. Options: Initial,
// Hint, MaxBytes, Disabled.
func Editor(id string, options ...Option) Node {
	return With(&contractv1.Node{Id: id, Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{}}}, options...)
}

// Composer is an Editor drawn as the composer of messages. Options as for
// Editor, and Leading, Trailing, Banner.
func Composer(id string, options ...Option) Node {
	n := &contractv1.Node{Id: id, Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Composer: true}}}
	return With(n, options...)
}

// Toggle is a switch; changing it is an Action of kind Change with "true" or
// "false".
func Toggle(id, text string, on bool, options ...Option) Node {
	n := &contractv1.Node{Id: id, Body: &contractv1.Node_Toggle{Toggle: &contractv1.Toggle{On: on, Text: text}}}
	return With(n, options...)
}

// Entry is one item of a select, menu or tabs. Options: EntryIcon,
// EntryDisabled, EntryDanger, SeparatorBefore.
func Entry(id, text string, options ...func(*contractv1.Item)) *contractv1.Item {
	i := &contractv1.Item{Id: id, Text: text}
	for _, o := range options {
		o(i)
	}
	return i
}

// EntryIcon gives an entry a picture.
func EntryIcon(icon string) func(*contractv1.Item) {
	return func(i *contractv1.Item) { i.Icon = icon }
}

// EntryDisabled makes an entry unusable and says why.
func EntryDisabled(reason string) func(*contractv1.Item) {
	return func(i *contractv1.Item) { i.Disabled, i.Reason = true, reason }
}

// EntryDanger marks an entry that destroys something.
func EntryDanger(i *contractv1.Item) { i.Danger = true }

// EntryMany marks an entry of a message's menu that may be chosen for several
// marked messages at once; each is then an action of its own.
func EntryMany(i *contractv1.Item) { i.Many = true }

// SeparatorBefore draws a line above an entry.
func SeparatorBefore(i *contractv1.Item) { i.SeparatorBefore = true }

// Select chooses one of several; the Action's value is the item's id.
func Select(id, selected string, items ...*contractv1.Item) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Select{Select: &contractv1.Select{Items: items, Selected: selected}}}
}

// Slider chooses a number. Options: Caption, Disabled.
func Slider(id string, minimum, maximum, value, step float64, options ...Option) Node {
	n := &contractv1.Node{Id: id, Body: &contractv1.Node_Slider{Slider: &contractv1.Slider{
		Min: minimum, Max: maximum, Value: value, Step: step}}}
	return With(n, options...)
}

// Tabs shows the content of the selected item; changing it is an Action of kind
// Change.
func Tabs(id, selected string, content Node, items ...*contractv1.Item) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Tabs{Tabs: &contractv1.Tabs{
		Items: items, Selected: selected, Content: content}}}
}

// Menu is a button that opens a menu; a choice is an Action of kind Press with
// the item's id as its value.
func Menu(id, icon, text string, items ...*contractv1.Item) Node {
	return &contractv1.Node{Id: id, Label: text, Body: &contractv1.Node_Menu{Menu: &contractv1.Menu{
		Icon: icon, Text: text, Items: items}}}
}

// ContextMenu opens over its child on a right click.
func ContextMenu(id string, child Node, items ...*contractv1.Item) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_ContextMenu{ContextMenu: &contractv1.ContextMenu{
		Child: child, Items: items}}}
}

// Popover shows content beside its anchor while open.
func Popover(id string, anchor, content Node, open bool) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Popover{Popover: &contractv1.Popover{
		Anchor: anchor, Content: content, Open: open}}}
}

// Dialog asks something before anything else goes on.
func Dialog(id, title string, content Node, open bool, actions ...Node) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Dialog{Dialog: &contractv1.Dialog{
		Title: title, Content: content, Open: open, Actions: actions}}}
}

// Chip is one of Chips: a small labelled thing that can be pressed.
func Chip(id, text string, count int, selected bool) *contractv1.Chip {
	return &contractv1.Chip{Id: id, Text: text, Count: uint32(max(count, 0)), Selected: selected}
}

// Chips are a row of chips; pressing one is an Action with its id as the value.
func Chips(id string, chips ...*contractv1.Chip) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Chips{Chips: &contractv1.Chips{Chips: chips}}}
}

// Card is a framed thing with a title. Options: Icon, Content, Actions.
func Card(id, title, text string, options ...Option) Node {
	return With(&contractv1.Node{Id: id, Body: &contractv1.Node_Card{Card: &contractv1.Card{Title: title, Text: text}}}, options...)
}

// DropTarget takes what is dropped on its child.
func DropTarget(id string, child Node, text string) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_DropTarget{DropTarget: &contractv1.DropTarget{Child: child, Text: text}}}
}

// Message is one message of a transcript.
func Message(id string, m *contractv1.Message) Node {
	return &contractv1.Node{Id: id, Body: &contractv1.Node_Message{Message: m}}
}
