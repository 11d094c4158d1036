package widget

import (
	"io"
	"slices"
	"strings"

	"gioui.org/io/clipboard"
	"gioui.org/io/key"
)

// editKeys is where a frame's context carries the editing keys for inputs.
const editKeys = "switchboard.edit-keys"

// EditKeys are Ctrl+A, C, V, X, Z, Y, B, I and E that were pressed on a layout
// without Latin letters. Gio reports no such key, so the window finds them out by
// their place and lays them into the context; the input that has the keyboard takes
// them, or whoever asks Pressed. Ctrl+Shift+Z is Y.
type EditKeys []key.Name

// EditKey is what a key is among the editing keys, empty when it is none of them.
func EditKey(name key.Name, mods key.Modifiers) key.Name {
	switch {
	case name == "Z" && mods == key.ModCtrl|key.ModShift:
		return "Y"
	case mods != key.ModCtrl:
		return ""
	}
	switch name {
	case "A", "C", "V", "X", "Z", "Y", "B", "I", "E":
		return name
	}
	return ""
}

// Pressed takes Ctrl and a letter of EditKeys, on any layout, that nobody who has
// the keyboard has taken.
func Pressed(gtx C, name key.Name) bool {
	hit := false
	for {
		ev, ok := gtx.Event(key.Filter{Name: name, Required: key.ModShortcut})
		if !ok {
			break
		}
		e, ok := ev.(key.Event)
		hit = hit || ok && e.State == key.Press
	}
	if keys, ok := gtx.Values[editKeys].(*EditKeys); ok {
		if i := slices.Index(*keys, name); i >= 0 {
			*keys = slices.Delete(*keys, i, i+1)
			hit = true
		}
	}
	return hit
}

// With is the context with keys for the input that has the keyboard.
func (k *EditKeys) With(gtx C) C {
	values := make(map[string]any, len(gtx.Values)+1)
	for n, v := range gtx.Values {
		values[n] = v
	}
	values[editKeys] = k
	gtx.Values = values
	return gtx
}

// takeKeys does what the keys ask, once.
func (in *Input) takeKeys(gtx C) {
	keys, ok := gtx.Values[editKeys].(*EditKeys)
	if !ok || len(*keys) == 0 || !in.Focused(gtx) {
		return
	}
	names := *keys
	*keys = nil
	for _, n := range names {
		in.do(gtx, string(n))
	}
}

// do does what an editing key asks.
func (in *Input) do(gtx C, name string) {
	switch name {
	case "A":
		in.SetCaret(in.Len(), 0)
	case "V":
		in.paste(gtx)
	case "B", "I", "E":
		if in.formats && !in.ReadOnly {
			in.wrap(marksOf[key.Name(name)])
		}
	case "C", "X":
		in.copyOut(gtx, name == "X")
	case "Z", "Y":
		in.takeBack(name == "Y")
	}
}

// paste asks for the text on the clipboard.
func (in *Input) paste(gtx C) {
	if !in.ReadOnly {
		in.pasted = true
		gtx.Execute(clipboard.ReadCmd{Tag: &in.Editor})
	}
}

// Pasted tells once that something is being pasted. Gio knows texts only; whoever
// takes pictures looks for one then.
func (in *Input) Pasted(gtx C) bool {
	for {
		e, ok := gtx.Event(key.Filter{Focus: &in.Editor, Name: "V", Required: key.ModShortcut})
		if !ok {
			break
		}
		if k, ok := e.(key.Event); ok && k.State == key.Press {
			in.paste(gtx)
		}
	}
	was := in.pasted
	in.pasted = false
	return was
}

// copyOut puts the selection on the clipboard, unless it is a secret.
func (in *Input) copyOut(gtx C, cut bool) {
	text := in.SelectedText()
	if text == "" || in.Mask != 0 {
		return
	}
	gtx.Execute(clipboard.WriteCmd{Type: "application/text", Data: io.NopCloser(strings.NewReader(text))})
	if cut && !in.ReadOnly {
		in.Delete(1)
		in.changed = true
	}
}
