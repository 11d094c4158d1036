package desktop

import (
	"image"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/godbus/dbus/v5"
)

// Bounds of a notification: what is longer is cut, with an ellipsis.
const (
	maxTitle  = 80  // runes
	maxBody   = 400 // runes
	maxLabel  = 40  // runes
	maxMarks  = 3   // combining marks after one letter
	maxImage  = 96  // pixels a side; a larger one is left out
	maxReply  = 32 << 10
	maxAction = 64
)

// Notice is one notification.
type Notice struct {
	// Key: a notice replaces the one that was shown with the same key.
	Key         string
	Title, Body string
	// Open, Read, Accept, Decline and Reply are labels; empty leaves the action out.
	// Open is what a click on the notification itself does.
	Open, Read, Accept, Decline string
	// Reply is written in the notification where the server can do that (ReplyTyped),
	// else it asks for the window (ReplyWanted). Hint stands in the empty field.
	Reply, Hint string
	// Image is a square picture of at most 96 pixels a side, nil for none.
	Image *image.RGBA
	// Category is one of the specification's, such as "im.received".
	Category string
	// Low asks for less attention.
	Low bool
}

// What a person did with a notification.
const (
	Opened      = "default"
	ReadIt      = "read"
	Accepted    = "accept"
	Declined    = "decline"
	ReplyWanted = "reply"
	ReplyTyped  = "inline-reply"
)

// Answer is what a person did with the notification of Key. Text is what was typed
// with ReplyTyped, Token lets a window take the focus; either may be empty.
type Answer struct{ Key, Did, Text, Token string }

// server is what the notification server says it can do.
type server struct{ markup, inline, actions bool }

// actions are the pairs of id and label, in the order in which they are shown.
func (n Notice) actions(s server) []string {
	if !s.actions {
		return []string{}
	}
	reply := ReplyWanted
	if s.inline {
		reply = ReplyTyped
	}
	out := []string{}
	for _, a := range [][2]string{{Opened, n.Open}, {Accepted, n.Accept}, {Declined, n.Decline}, {reply, n.Reply}, {ReadIt, n.Read}} {
		if a[1] != "" {
			out = append(out, a[0], clean(a[1], maxLabel))
		}
	}
	return out
}

// body is the text as the server takes it.
func (n Notice) body(s server) string {
	text := clean(n.Body, maxBody)
	if s.markup {
		text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
	}
	return text
}

func (n Notice) hints(s server) map[string]dbus.Variant {
	urgency := byte(1)
	if n.Low {
		urgency = 0
	}
	hints := map[string]dbus.Variant{
		"desktop-entry": dbus.MakeVariant("switchboard"), "urgency": dbus.MakeVariant(urgency),
		"suppress-sound": dbus.MakeVariant(true), // there are sounds of our own, under the same settings
	}
	if n.Category != "" {
		hints["category"] = dbus.MakeVariant(n.Category)
	}
	if n.Reply != "" && s.inline {
		hints["x-kde-reply-placeholder-text"] = dbus.MakeVariant(clean(n.Hint, maxLabel))
		hints["x-kde-reply-submit-button-text"] = dbus.MakeVariant(clean(n.Reply, maxLabel))
	}
	if m := n.Image; m != nil && m.Rect.Dx() > 0 && m.Rect.Dx() <= maxImage && m.Rect.Dy() > 0 && m.Rect.Dy() <= maxImage {
		hints["image-data"] = dbus.MakeVariant(pixels(m))
	}
	return hints
}

// rawImage is the specification's (iiibiiay).
type rawImage struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Data                  []byte
}

// pixels are a picture's without the premultiplied alpha that Go has.
func pixels(m *image.RGBA) rawImage {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := rawImage{Width: int32(w), Height: int32(h), Stride: int32(4 * w), Alpha: true, Bits: 8, Channels: 4, Data: make([]byte, 0, 4*w*h)}
	for y := range h {
		for x := range w {
			p := m.Pix[y*m.Stride+4*x:][:4]
			for _, c := range p[:3] {
				if p[3] > 0 {
					c = byte(min(int(c)*255/int(p[3]), 255))
				}
				out.Data = append(out.Data, c)
			}
			out.Data = append(out.Data, p[3])
		}
	}
	return out
}

// clean makes a text from elsewhere fit to be shown by another program: no control
// characters, nothing that turns the direction of what follows, no towers of
// marks, at most so many runes.
func clean(s string, runes int) string {
	var out strings.Builder
	marks, n := 0, 0
	for _, r := range strings.ToValidUTF8(s[:min(len(s), 8*runes+utf8.UTFMax)], "") {
		switch {
		case r == '\n':
		case unicode.Is(unicode.Bidi_Control, r):
			continue
		case r == '\t' || unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			r = ' '
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				continue
			}
		default:
			marks = 0
		}
		if n++; n > runes {
			return strings.TrimSpace(out.String()) + "…"
		}
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}
