// Package wire is what two copies of the plugin im say to each other: the
// bodies of updates, signals and states, their limits and the cleaning of text.
// Everything that arrives is treated as hostile. It knows no host, no storage
// and no view.
package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// Version is the version of the format that this package understands.
const Version = 1

const maxID = 64

// Kind says what a body does.
type Kind uint8

// The kinds of body. Newer and Broken are never sent: they say that a body came
// from a newer version, or cannot be read at all.
const (
	Text Kind = iota + 1
	Edit
	Delete
	Newer
	Broken
	// React gives an emoji or takes it back. Its number follows those that were kept
	// on disks before it.
	React
	// Idle is a body that does nothing and shows nothing.
	Idle
)

// Body is one update of a conversation.
type Body struct {
	Kind    Kind
	Text    string // of Text and Edit
	ReplyTo string // of Text: id of what it answers, or empty
	Target  string // of Edit, Delete and React
	Emoji   string // of React
	On      bool   // of React: given, not taken back
	// Forwarded of Text: whose it was; the zero value when it is the sender's own.
	Forwarded Author
	// Picture of Text, above it; the zero value for none. With one the text may be
	// empty.
	Picture contractv1.Picture
}

// bareText is what readers that know no pictures show for one without a text.
const bareText = "Picture"

// ErrBody says that a body cannot be sent as it is.
var ErrBody = errors.New("im: body cannot be encoded")

// Encode gives the bytes of a body. Text must have passed Clean.
func Encode(b Body) ([]byte, error) {
	m := &BodyMsg{Needs: 1}
	switch b.Kind {
	case Text:
		if !ValidID(b.ReplyTo) && b.ReplyTo != "" {
			return nil, fmt.Errorf("%w: reply to %q", ErrBody, b.ReplyTo)
		}
		t := &TextMsg{Text: b.Text, ReplyTo: b.ReplyTo, Forwarded: encodeAuthor(b.Forwarded)}
		if b.Picture != (contractv1.Picture{}) {
			if !b.Picture.Valid() {
				return nil, fmt.Errorf("%w: picture %v", ErrBody, b.Picture)
			}
			t.Picture = &PictureMsg{Hash: b.Picture.Hash, Type: b.Picture.Type, Width: uint32(b.Picture.Width),
				Height: uint32(b.Picture.Height), Bytes: b.Picture.Bytes}
			if b.Text == "" {
				t.Text, t.Picture.Bare = bareText, true
			}
		}
		m.Kind = &BodyMsg_Text{Text: t}
	case Edit:
		m.Kind = &BodyMsg_Edit{Edit: &EditMsg{Target: b.Target, Text: b.Text}}
	case Delete:
		m.Kind = &BodyMsg_Delete{Delete: &DeleteMsg{Target: b.Target}}
	case React:
		if !ValidEmoji(b.Emoji) {
			return nil, fmt.Errorf("%w: emoji %q", ErrBody, b.Emoji)
		}
		m.Kind = &BodyMsg_Delete{Delete: &DeleteMsg{Target: nobody}}
		m.React = &ReactMsg{Target: b.Target, Emoji: b.Emoji, On: b.On}
	default:
		return nil, fmt.Errorf("%w: kind %d", ErrBody, b.Kind)
	}
	if b.Kind != Text && !ValidID(b.Target) {
		return nil, fmt.Errorf("%w: target %q", ErrBody, b.Target)
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m)
}

// Decode reads what somebody sent. It never fails: what cannot be read is
// Newer or Broken, and both are shown as such.
func Decode(data []byte) Body {
	var m BodyMsg
	if err := proto.Unmarshal(data, &m); err != nil {
		return Body{Kind: Broken}
	}
	if m.Needs > Version {
		return Body{Kind: Newer}
	}
	if m.React != nil {
		return decodeReact(m.React)
	}
	switch k := m.Kind.(type) {
	case *BodyMsg_Text:
		return decodeText(k.Text)
	case *BodyMsg_Edit:
		text, err := Clean(k.Edit.GetText())
		if err != nil || !ValidID(k.Edit.GetTarget()) {
			return Body{Kind: Broken}
		}
		return Body{Kind: Edit, Target: k.Edit.GetTarget(), Text: text}
	case *BodyMsg_Delete:
		if !ValidID(k.Delete.GetTarget()) {
			return Body{Kind: Broken}
		}
		return Body{Kind: Delete, Target: k.Delete.GetTarget()}
	}
	if len(m.ProtoReflect().GetUnknown()) > 0 {
		return Body{Kind: Newer} // a kind that came later without a new version
	}
	return Body{Kind: Broken}
}

func decodeText(m *TextMsg) Body {
	b := Body{Kind: Text, Picture: decodePicture(m.GetPicture()), Forwarded: decodeAuthor(m.GetForwarded())}
	bare := b.Picture != (contractv1.Picture{}) && m.GetPicture().GetBare()
	if !bare {
		text, err := Clean(m.GetText())
		if err != nil {
			return Body{Kind: Broken}
		}
		b.Text = text
	}
	if ValidID(m.GetReplyTo()) {
		b.ReplyTo = m.GetReplyTo()
	}
	return b
}

// decodePicture is the picture that somebody named, or none when it is not one
// that can be shown.
func decodePicture(m *PictureMsg) contractv1.Picture {
	p := contractv1.Picture{Hash: m.GetHash(), Type: m.GetType(), Bytes: m.GetBytes(),
		Width: int(min(m.GetWidth(), 1<<20)), Height: int(min(m.GetHeight(), 1<<20))}
	if !p.Valid() {
		return contractv1.Picture{}
	}
	return p
}

// ValidID accepts what hosts use as ids: 1 to 64 letters, digits, dots, dashes
// and underscores. Whatever else a stranger sends as an id is none.
func ValidID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// EncodeTyping gives the body of a typing signal.
func EncodeTyping(on bool) ([]byte, error) {
	return proto.Marshal(&SignalMsg{Kind: &SignalMsg_Typing{Typing: &TypingMsg{On: on}}})
}

// DecodeTyping reads a typing signal; ok is false for anything else.
func DecodeTyping(data []byte) (on, ok bool) {
	var m SignalMsg
	if proto.Unmarshal(data, &m) != nil {
		return false, false
	}
	t, ok := m.Kind.(*SignalMsg_Typing)
	return ok && t.Typing.GetOn(), ok
}

// EncodeCursor gives the value of the states "delivered" and "read".
func EncodeCursor(seq int64) ([]byte, error) { return proto.Marshal(&CursorMsg{Seq: seq}) }

// DecodeCursor reads a cursor; ok is false when it is none.
func DecodeCursor(data []byte) (seq int64, ok bool) {
	var m CursorMsg
	if proto.Unmarshal(data, &m) != nil || m.Seq < 0 {
		return 0, false
	}
	return m.Seq, true
}

// MaxDraft is how long a draft may be that travels between my devices. A longer
// one stays where it was written.
const MaxDraft = 3 << 10

// Draft is text that is not sent yet.
type Draft struct{ Text, ReplyTo, Device string }

// EncodeDraft gives the value of the state "draft". A draft that is too long to
// travel is encoded as an empty one.
func EncodeDraft(d Draft) ([]byte, error) {
	if len(d.Text) > MaxDraft {
		d = Draft{Device: d.Device}
	}
	return proto.Marshal(&DraftMsg{Text: d.Text, ReplyTo: d.ReplyTo, Device: d.Device})
}

// DecodeDraft reads a draft of one of my devices.
func DecodeDraft(data []byte) (Draft, bool) {
	var m DraftMsg
	if proto.Unmarshal(data, &m) != nil || len(m.Text) > MaxText {
		return Draft{}, false
	}
	d := Draft{Text: m.Text, Device: m.Device}
	if ValidID(m.ReplyTo) {
		d.ReplyTo = m.ReplyTo
	}
	return d, true
}
