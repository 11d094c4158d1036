package render

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"

	"switchboard/ui/theme"
)

// doubt is why an address is shown before it is opened.
type doubt int

const (
	noDoubt    doubt = iota
	otherText        // what can be read does not say where it leads
	otherPlace       // what can be read names another place
	foreign          // letters of a name that could pass for others
	numeric          // a number in place of a name
	credential       // something before the host that could pass for it
)

// doubtOf tells whether a link is what its text says: text is what can be read,
// link what was sent and address its true form.
func doubtOf(text, link, address string) doubt {
	u, err := url.Parse(address)
	if err != nil {
		return otherPlace
	}
	if u.Scheme == "mailto" {
		if same := strings.TrimPrefix(strings.ToLower(link), "mailto:"); strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "mailto:") == same {
			return noDoubt
		}
		return otherText
	}
	host := u.Hostname()
	switch {
	case u.User != nil:
		return credential
	case number(host):
		return numeric
	case strings.Contains("."+host, ".xn--"), !ascii(host):
		return foreign
	}
	if shortForm(text) == shortForm(link) || shortForm(text) == shortForm(address) {
		return noDoubt
	}
	if text = strings.TrimSpace(text); !strings.ContainsAny(text, " \n") && strings.Contains(text, ".") {
		return otherPlace
	}
	return otherText
}

// number tells whether a host is an address of the network, in any notation that
// browsers take.
func number(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	for _, part := range strings.Split(strings.TrimSuffix(host, "."), ".") {
		if part == "" || strings.Trim(strings.TrimPrefix(strings.ToLower(part), "0x"), "0123456789abcdef") != "" || part[0] < '0' || part[0] > '9' {
			return false
		}
	}
	return host != ""
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// shortForm is an address as people write it: without scheme and last slash, the
// host small.
func shortForm(s string) string {
	s = strings.TrimSpace(s)
	for _, p := range []string{"https://", "http://"} {
		if len(s) > len(p) && strings.EqualFold(s[:len(p)], p) {
			s = s[len(p):]
		}
	}
	host, rest, found := strings.Cut(s, "/")
	if found && rest != "" {
		return strings.ToLower(host) + "/" + rest
	}
	return strings.ToLower(host)
}

// hostIn is where the host stands in an address, in bytes.
func hostIn(address string) (from, to int) {
	end := "/?#"
	if from = strings.Index(address, "://") + 3; strings.HasPrefix(address, "mailto:") {
		from, end = strings.Index(address, "@")+1, "?"
	} else if from < 3 {
		return 0, 0
	}
	to = len(address)
	if i := strings.IndexAny(address[from:], end); i >= 0 {
		to = from + i
	}
	return from + strings.LastIndex(address[from:to], "@") + 1, to
}

// why says in words what the doubt is; empty when the address says enough.
func (d doubt) why(th *theme.Theme, address string) string {
	switch d {
	case otherPlace:
		return th.Say.Sprintf("The text of this link names another place than the one it leads to.")
	case foreign:
		u, err := url.Parse(address)
		if err == nil {
			if name, err := idna.Punycode.ToUnicode(u.Hostname()); err == nil && name != u.Hostname() {
				return th.Say.Sprintf("Its name, “%s”, has letters that can pass for others.", name)
			}
		}
		return th.Say.Sprintf("Its name has letters that can pass for others.")
	case numeric:
		return th.Say.Sprintf("It leads to a number, not to a name.")
	case credential:
		return th.Say.Sprintf("What stands before the @ is not where it leads.")
	}
	return ""
}
