// Package view builds what a plugin shows. A Node is a value of the contract;
// the functions here only save writing it out. Ids are the plugin's: the same
// id means the same element, its focus and its text. Text has styles, never
// colours or sizes: how things look belongs to the host.
package view

import (
	"fmt"

	contractv1 "switchboard/shared/contract/v1"
)

// Node is one element of a view.
type Node = *contractv1.Node

// Item is one keyed entry of a list.
type Item = *contractv1.ListItem

// Op is one change of a list; see Insert, Append, Replace and Remove.
type Op = *contractv1.ListOp

// Column lays nodes out below each other.
func Column(children ...Node) Node {
	return &contractv1.Node{Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: children}}}
}

// Row lays nodes out beside each other.
func Row(children ...Node) Node {
	return &contractv1.Node{Body: &contractv1.Node_Row{Row: &contractv1.Box{Children: children}}}
}

// Text is a paragraph in the body style.
func Text(text string, options ...Option) Node {
	return With(&contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: text}}}, options...)
}

// Textf is Text with a format.
func Textf(format string, args ...any) Node { return Text(fmt.Sprintf(format, args...)) }

// Button is a button with a text; pressing it is an Action with its id.
func Button(id, text string, options ...Option) Node {
	return With(&contractv1.Node{Id: id, Body: &contractv1.Node_Button{Button: &contractv1.Button{Text: text}}}, options...)
}
