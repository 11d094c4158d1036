// Package view builds what a plugin shows. A Node is a value of the contract;
// the functions here only save writing it out. Ids are the plugin's: the same
// id means the same element, its focus and its text. Text has styles, never
// colours or sizes: how things look belongs to the host.
//
// A node that was shown must not be changed afterwards; build a new one.
package view

import (
	"fmt"
	"strings"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/viewcheck"
)

// Node is one element of a view.
type Node = *contractv1.Node

// Check says whether the host would accept a view: depth, number of nodes,
// encoded size, ids. Show calls it; tests may too.
func Check(n Node, compact bool) error { return viewcheck.Tree(n, compact) }

// Column lays nodes out below each other. Options: Gap, Align, Grow, Padded.
func Column(children ...Node) Node {
	return &contractv1.Node{Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: children}}}
}

// Row lays nodes out beside each other. Options as for Column.
func Row(children ...Node) Node {
	return &contractv1.Node{Body: &contractv1.Node_Row{Row: &contractv1.Box{Children: children}}}
}

// Grid lays nodes out in columns of equal width.
func Grid(columns int, children ...Node) Node {
	return &contractv1.Node{Body: &contractv1.Node_Grid{Grid: &contractv1.Grid{
		Columns: uint32(max(columns, 1)), Children: children}}}
}

// Text is a paragraph. Options: Style, MaxLines.
func Text(text string, options ...Option) Node {
	return With(&contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: valid(text)}}}, options...)
}

// valid replaces what is not UTF-8: texts often come from other people.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// Textf is Text with a format.
func Textf(format string, args ...any) Node { return Text(fmt.Sprintf(format, args...)) }

// Title is a heading within a view.
func Title(text string) Node { return Text(text, Style(contractv1.Text_TITLE)) }

// Caption is small text beside something.
func Caption(text string) Node { return Text(text, Style(contractv1.Text_CAPTION)) }

// Secondary is text of less weight than its surroundings.
func Secondary(text string) Node { return Text(text, Style(contractv1.Text_SECONDARY)) }

// Danger is text that says what went wrong.
func Danger(text string) Node { return Text(text, Style(contractv1.Text_DANGER)) }

// RichText is a paragraph of spans; see Span.
func RichText(spans ...*contractv1.Span) Node {
	return &contractv1.Node{Body: &contractv1.Node_RichText{RichText: &contractv1.RichText{Spans: spans}}}
}

// Span is a piece of rich text. Options: Bold, Italic, CodeSpan, Strike, LinkTo.
func Span(text string, options ...func(*contractv1.Span)) *contractv1.Span {
	s := &contractv1.Span{Text: valid(text)}
	for _, o := range options {
		o(s)
	}
	return s
}

// Bold makes a span bold.
func Bold(s *contractv1.Span) { s.Bold = true }

// Italic makes a span italic.
func Italic(s *contractv1.Span) { s.Italic = true }

// CodeSpan sets a span in the code face.
func CodeSpan(s *contractv1.Span) { s.Code = true }

// Strike strikes a span through.
func Strike(s *contractv1.Span) { s.Strike = true }

// LinkTo makes a span a link: http, https and mailto are the host's to open;
// "plugin:" comes back as an Action of kind Link.
func LinkTo(address string) func(*contractv1.Span) {
	return func(s *contractv1.Span) { s.Link = address }
}

// Code is a block of code.
func Code(text, language string) Node {
	return &contractv1.Node{Body: &contractv1.Node_Code{Code: &contractv1.Code{Text: valid(text), Language: language}}}
}

// Separator is a line, with a word on it when text is not empty.
func Separator(text string, options ...Option) Node {
	return With(&contractv1.Node{Body: &contractv1.Node_Separator{Separator: &contractv1.Separator{Text: valid(text)}}}, options...)
}

// Spacer takes what room is left in a row or column.
func Spacer() Node {
	return &contractv1.Node{Body: &contractv1.Node_Spacer{Spacer: &contractv1.Spacer{Grow: true}}}
}

// Space is room of a given size.
func Space(size contractv1.Box_Gap) Node {
	return &contractv1.Node{Body: &contractv1.Node_Spacer{Spacer: &contractv1.Spacer{Size: size}}}
}

// Image is a PNG picture with its size in pixels.
func Image(id string, png []byte, width, height int, label string) Node {
	return &contractv1.Node{Id: id, Label: label, Body: &contractv1.Node_Image{Image: &contractv1.Image{
		Png: png, Width: uint32(max(width, 0)), Height: uint32(max(height, 0))}}}
}

// Blob is a picture that the host keeps as a blob, with its size in pixels. The
// host fetches and shows it; label stands in for it.
func Blob(id string, p contractv1.Picture, label string) Node {
	return &contractv1.Node{Id: id, Label: label, Body: &contractv1.Node_Image{Image: &contractv1.Image{
		Blob: p.Hash, Width: uint32(max(p.Width, 0)), Height: uint32(max(p.Height, 0)), Bytes: p.Bytes}}}
}

// Progress shows a fraction of 0 to 1; a negative one is indeterminate.
func Progress(fraction float64, text string) Node {
	return &contractv1.Node{Body: &contractv1.Node_Progress{Progress: &contractv1.Progress{Fraction: fraction, Text: text}}}
}

// Avatar is somebody's picture. Size is in tokens of 1 (small) to 4.
func Avatar(address, name string, size int) Node {
	return &contractv1.Node{Label: name, Body: &contractv1.Node_Avatar{Avatar: &contractv1.Avatar{
		Address: address, Name: name, Size: uint32(max(size, 0))}}}
}

// SessionRef embeds another session's last compact view.
func SessionRef(sessionID string) Node {
	return &contractv1.Node{Body: &contractv1.Node_Session{Session: &contractv1.SessionRef{SessionId: sessionID}}}
}
