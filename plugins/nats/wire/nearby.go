package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

// ServiceType is what an open network calls itself by multicast DNS.
const ServiceType = "_switchboard._tcp"

// Notice is what a network says of itself to computers nearby. Nothing of it is
// proved until somebody connects and the key signs.
type Notice struct {
	Network  string
	Key      ed25519.PublicKey
	Owner    string // display name
	Computer string
	// Approval: people nearby may ask to be let in.
	Approval bool
}

// Text is the notice as strings of ASCII, each ≤ 255 bytes.
func (n Notice) Text() []string {
	word := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(Clean(s))) }
	t := []string{"v=1", "n=" + n.Network, "k=" + PrintKey(n.Key), "o=" + word(n.Owner), "c=" + word(n.Computer)}
	if n.Approval {
		t = append(t, "a=1")
	}
	return t
}

// ParseNotice reads what somebody nearby says; names are made harmless.
func ParseNotice(text []string) (Notice, error) {
	bad := Errorf(contractv1.Error_INVALID, "What was found nearby is not a network that this program knows.")
	var n Notice
	version := ""
	if len(text) > 16 {
		return n, bad
	}
	for _, t := range text {
		name, value, _ := strings.Cut(t, "=")
		if len(t) > 255 {
			return n, bad
		}
		switch name {
		case "v":
			version = value
		case "n":
			n.Network = value
		case "k":
			key, err := ParseKey(value)
			if err != nil {
				return n, bad
			}
			n.Key = key
		case "o", "c":
			raw, err := base64.RawURLEncoding.DecodeString(value)
			if err != nil {
				return n, bad
			}
			if name == "o" {
				n.Owner = Clean(string(raw))
			} else {
				n.Computer = Clean(string(raw))
			}
		case "a":
			n.Approval = value == "1"
		}
	}
	if version != "1" || !ValidName(n.Network) || n.Key == nil {
		return n, bad
	}
	return n, nil
}

// Clean makes a name that anybody may have written fit to be shown: at most
// MaxDisplayName bytes of whole characters, none of which steers what is shown.
func Clean(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "") {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) || !unicode.IsPrint(r) {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > MaxDisplayName {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
