package page

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"switchboard/ui/words"
)

// maxUser is how long the part of an address before the @ may be.
const maxUser = 32

// special spells letters whose usual Latin form is not their base letter.
var special = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'å': "a", 'ł': "l", 'đ': "d", 'þ': "th", 'ð': "d",
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "i", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts",
	'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia", 'і': "i", 'ї': "i", 'є': "ie", 'ґ': "g",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m",
	'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}

// userFrom makes an address from a person's name: "Alice Müller" → "alice-mueller".
// It is empty when the name has no letter that can be spelt in an address.
func userFrom(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFC.String(strings.ToLower(name)) {
		part, ok := special[r]
		if !ok {
			part = baseLetters(r)
		}
		if part == "" {
			gap = gap || unicode.IsSpace(r) || r == '-' || r == '_' || r == '.'
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteString(part)
	}
	s := b.String()
	if len(s) > maxUser {
		s = strings.TrimRight(s[:maxUser], "-")
	}
	return s
}

// baseLetters strips the marks of a letter; anything outside a-z and 0-9 is dropped.
func baseLetters(r rune) string {
	var b strings.Builder
	for _, d := range norm.NFD.String(string(r)) {
		if s, ok := special[d]; ok {
			b.WriteString(s)
		} else if d >= 'a' && d <= 'z' || d >= '0' && d <= '9' {
			b.WriteRune(d)
		}
	}
	return b.String()
}

// checkUser says what is wrong with an address; it is empty when nothing is.
func checkUser(user string) string {
	if user == "" {
		return words.AddressNeeded.Text()
	}
	if len(user) > maxUser {
		return words.AddressTooLong.Text()
	}
	for i, r := range user {
		plain := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !plain && r != '-' && r != '_' {
			return words.AddressChars.Text()
		}
		if i == 0 && !plain {
			return words.AddressFirst.Text()
		}
	}
	return ""
}

// networkOf is the network that an invitation link names, or "".
func networkOf(link string) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(link), "switchboard://")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "#")
	_, network, _ := strings.Cut(rest, "/")
	return network
}

// isInvitation tells whether a text looks like an invitation link, so that a
// wrong paste is noticed before anything is sent.
func isInvitation(link string) bool {
	link = strings.TrimSpace(link)
	_, fragment, ok := strings.Cut(link, "#")
	return ok && strings.HasPrefix(link, "switchboard://") && strings.Contains(fragment, "k=") && !strings.ContainsAny(link, " \n\t")
}
