package dial

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// Kind is a kind of proxy.
type Kind string

// The kinds. All but SOCKS4 leave finding a name's computer to the proxy; with
// SOCKS4 this computer must ask for it, which others can see.
const (
	Direct  Kind = ""
	System  Kind = "system" // as ALL_PROXY, HTTPS_PROXY and NO_PROXY say
	SOCKS4  Kind = "socks4"
	SOCKS4a Kind = "socks4a"
	SOCKS5  Kind = "socks5"
	HTTP    Kind = "http" // CONNECT
)

// title is the kind in a sentence.
func (k Kind) title() string {
	switch k {
	case SOCKS4:
		return "SOCKS 4"
	case SOCKS4a:
		return "SOCKS 4a"
	case SOCKS5:
		return "SOCKS 5"
	case HTTP:
		return "HTTP"
	}
	return string(k)
}

// Way is how connections leave. Addresses of this very computer, given as
// numbers (127.0.0.1, ::1), leave nothing and are always dialled directly.
type Way struct {
	Kind           Kind
	Proxy          string // host:port, for the kinds that are a protocol
	User, Password string // a SOCKS4 proxy takes a user only
}

// ErrNoProxy is the error of a way through a proxy without an address.
var ErrNoProxy = errors.New("a proxy is to be used, but its address is not set: give it in the settings of the network")

// maxCredential bounds user and password; more does not fit into SOCKS 5.
const maxCredential = 255

// check says what is wrong with a way that is not System.
func (w Way) check() error {
	switch w.Kind {
	case Direct:
		return nil
	case SOCKS4, SOCKS4a, SOCKS5, HTTP:
	default:
		return fmt.Errorf("a proxy of the type %.32q is not known", w.Kind)
	}
	if w.Proxy == "" {
		return ErrNoProxy
	}
	if err := check("tcp", w.Proxy); err != nil {
		return fmt.Errorf("the proxy's address cannot be used: %w", err)
	}
	switch {
	case len(w.User) > maxCredential || len(w.Password) > maxCredential:
		return fmt.Errorf("the user name and the password of a proxy are at most %d bytes long", maxCredential)
	case strings.ContainsRune(w.User, 0) && w.Kind != SOCKS5:
		return errors.New("the user name of the proxy contains a character that cannot be sent")
	case strings.Contains(w.User, ":") && w.Kind == HTTP:
		return errors.New("the user name of an HTTP proxy cannot contain a colon")
	case w.User == "" && w.Password != "" && w.Kind != SOCKS4 && w.Kind != SOCKS4a:
		return errors.New("the proxy has a password but no user name: give it in the settings of the network")
	}
	return nil
}

// to is the way to one address: never System, and checked.
func (w Way) to(address string) (Way, error) {
	if local(address) {
		return Way{}, nil
	}
	if w.Kind == System {
		var err error
		if w, err = fromEnvironment(os.Getenv, address); err != nil {
			return Way{}, err
		}
	}
	return w, w.check()
}

// local tells whether an address is a number of this very computer. A name is
// not: finding out would mean asking for it.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// fromEnvironment is the way that the environment says. ALL_PROXY is meant for
// protocols like ours, so it comes before HTTPS_PROXY. What cannot be understood
// is an error: never a reason to go directly.
func fromEnvironment(get func(string) string, address string) (Way, error) {
	name, value := firstOf(get, "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy")
	if value == "" {
		return Way{}, nil
	}
	_, except := firstOf(get, "NO_PROXY", "no_proxy")
	// Only the exceptions are the library's: it takes a broken proxy for none.
	rules := httpproxy.Config{HTTPSProxy: "http://proxy.invalid", NoProxy: except}
	via, err := rules.ProxyFunc()(&url.URL{Scheme: "https", Host: address})
	if err != nil {
		return Way{}, fmt.Errorf("NO_PROXY cannot be understood: %w", err)
	}
	if via == nil {
		return Way{}, nil
	}
	w, err := parseProxy(value)
	if err != nil {
		return Way{}, fmt.Errorf("the environment variable %s %w", name, err)
	}
	return w, nil
}

func firstOf(get func(string) string, names ...string) (name, value string) {
	for _, name := range names {
		if value := strings.TrimSpace(get(name)); value != "" {
			return name, value
		}
	}
	return "", ""
}

// errProxyForm does not repeat the value: it may hold a password.
var errProxyForm = errors.New("is not a proxy of the form socks5://proxy.example:1080")

// parseProxy reads a proxy as it stands in the environment. One without a
// scheme is an HTTP proxy, as other programs take it.
func parseProxy(value string) (Way, error) {
	if len(value) > 2048 {
		return Way{}, errProxyForm
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return Way{}, errProxyForm
	}
	port := "1080"
	w := Way{User: u.User.Username()}
	w.Password, _ = u.User.Password()
	switch scheme := strings.ToLower(u.Scheme); scheme {
	case "socks", "socks5", "socks5h":
		w.Kind = SOCKS5
	case "socks4", "socks4a":
		w.Kind = Kind(scheme)
	case "http":
		w.Kind, port = HTTP, "80"
	default:
		return Way{}, fmt.Errorf("names a proxy of the type %.32q: socks4, socks4a, socks5 and http are known", scheme)
	}
	if p := u.Port(); p != "" {
		port = p
	}
	w.Proxy = net.JoinHostPort(u.Hostname(), port)
	return w, nil
}
