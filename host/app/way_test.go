package app

import (
	"path/filepath"
	"testing"

	"switchboard/host/dial"
	"switchboard/host/settings"
)

// TestWayOfTheSettings: what the page says is what the dialer does.
func TestWayOfTheSettings(t *testing.T) {
	s, err := settings.Open(filepath.Join(t.TempDir(), "settings.toml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		key, value string
		want       dial.Way
	}{
		{"proxy_address", " proxy.example ", dial.Way{}},
		{"use_proxy", "on", dial.Way{Kind: dial.SOCKS4, Proxy: "proxy.example:1080"}},
		{"proxy_type", "socks5", dial.Way{Kind: dial.SOCKS5, Proxy: "proxy.example:1080"}},
		{"proxy_user", "me", dial.Way{Kind: dial.SOCKS5, Proxy: "proxy.example:1080", User: "me"}},
		{"proxy_password", "pw", dial.Way{Kind: dial.SOCKS5, Proxy: "proxy.example:1080", User: "me", Password: "pw"}},
		{"proxy_type", "http", dial.Way{Kind: dial.HTTP, Proxy: "proxy.example:1080", User: "me", Password: "pw"}},
		{"proxy_address", "[2001:db8::1]", dial.Way{Kind: dial.HTTP, Proxy: "[2001:db8::1]:1080", User: "me", Password: "pw"}},
		{"proxy_port", "3128", dial.Way{Kind: dial.HTTP, Proxy: "[2001:db8::1]:3128", User: "me", Password: "pw"}},
		{"proxy_address", "", dial.Way{Kind: dial.HTTP, User: "me", Password: "pw"}},
		{"proxy_type", "system", dial.Way{Kind: dial.System}},
		{"use_proxy", "off", dial.Way{}},
	} {
		if err := s.Set("network."+step.key, step.value); err != nil {
			t.Fatal(err)
		}
		if got := wayOf(s.Get); got != step.want {
			t.Errorf("%s = %q: %+v", step.key, step.value, got)
		}
	}
}
