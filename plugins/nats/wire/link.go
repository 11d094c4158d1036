package wire

import (
	"crypto/ed25519"
	"encoding/base64"
	"net"
	"net/url"
	"strconv"
	"strings"

	contractv1 "switchboard/shared/contract/v1"
)

// Scheme begins every link.
const Scheme = "switchboard"

// Bounds of a link.
const (
	MaxLink      = 1024
	maxAddresses = 8
)

// Link says where a network is, which key it has and, in an invitation, the
// token that opens its door; or the code of a further device, or the one that
// restores an account. Its text form is
//
//	switchboard://host:port[,host:port]/network#k=<key>[&i=<token>][&d=<code>][&r=<code>]
//
// The key is pinned: host names prove nothing here. The token stands behind
// the '#', which nothing sends to a web server.
type Link struct {
	Addresses []string          // host:port, one to maxAddresses
	Network   string            // the network's name
	Key       ed25519.PublicKey // of the network
	Token     string            // an invitation's; it opens the door
	Code      string            // links a device
	Recovery  string            // restores an account
}

// PrintKey is the printable form of a network's key.
func PrintKey(key ed25519.PublicKey) string { return base64.RawURLEncoding.EncodeToString(key) }

// ParseKey reads the printable form.
func ParseKey(s string) (ed25519.PublicKey, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, Errorf(contractv1.Error_INVALID, "The link's key is damaged; copy the whole link again.")
	}
	return raw, nil
}

// String is the text form.
func (l Link) String() string {
	s := Scheme + "://" + strings.Join(l.Addresses, ",") + "/" + l.Network + "#k=" + PrintKey(l.Key)
	if l.Token != "" {
		s += "&i=" + l.Token
	}
	if l.Code != "" {
		s += "&d=" + l.Code
	}
	if l.Recovery != "" {
		s += "&r=" + l.Recovery
	}
	return s
}

// ParseLink reads a link; whitespace around it is forgiven, as mail adds it.
func ParseLink(s string) (Link, error) {
	s = strings.TrimSpace(s)
	if len(s) > MaxLink {
		return Link{}, Errorf(contractv1.Error_INVALID, "The link is too long to be an invitation.")
	}
	rest, ok := strings.CutPrefix(s, Scheme+"://")
	if !ok {
		return Link{}, Errorf(contractv1.Error_INVALID,
			"A network's address is a link like switchboard://host:port/name#k=…; ask whoever runs it for the whole link.")
	}
	place, fragment, _ := strings.Cut(rest, "#")
	hosts, network, ok := strings.Cut(place, "/")
	if !ok || !ValidName(network) {
		return Link{}, Errorf(contractv1.Error_INVALID, "The link does not name its network; copy the whole link again.")
	}
	l := Link{Network: network}
	for _, a := range strings.Split(hosts, ",") {
		if !validAddress(a) || len(l.Addresses) == maxAddresses {
			return Link{}, Errorf(contractv1.Error_INVALID, "The link's address %q is not host:port.", a)
		}
		l.Addresses = append(l.Addresses, a)
	}
	for _, field := range strings.Split(fragment, "&") {
		name, value, _ := strings.Cut(field, "=")
		switch name {
		case "k":
			key, err := ParseKey(value)
			if err != nil {
				return Link{}, err
			}
			l.Key = key
		case "i":
			if !ValidToken(value) {
				return Link{}, Errorf(contractv1.Error_INVALID, "The link's invitation is damaged; copy the whole link again.")
			}
			l.Token = value
		case "d", "r":
			if !ValidToken(value) {
				return Link{}, Errorf(contractv1.Error_INVALID, "The link's code is damaged; copy the whole link again.")
			}
			if name == "d" {
				l.Code = value
			} else {
				l.Recovery = value
			}
		}
	}
	if l.Key == nil {
		return Link{}, Errorf(contractv1.Error_INVALID,
			"The link lacks the network's key (k=…), without which nobody could tell the right server from a false one; copy the whole link again.")
	}
	return l, nil
}

func validAddress(a string) bool {
	host, port, err := net.SplitHostPort(a)
	if err != nil || host == "" || len(host) > 253 {
		return false
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || strconv.Itoa(n) != port {
		return false
	}
	if net.ParseIP(host) != nil {
		return true
	}
	if strings.ContainsAny(host, "[]:%") {
		return false
	}
	u, err := url.Parse("x://" + a)
	return err == nil && u.Host == a && u.Hostname() == host && !strings.ContainsAny(host, "!$&'()*+,;=_~ ")
}
