package render

import "testing"

func TestDoubt(t *testing.T) {
	for _, c := range []struct {
		text, link string
		want       doubt
	}{
		{"https://example.org/a?b", "https://example.org/a?b", noDoubt},
		{"example.org", "https://example.org/", noDoubt},
		{"Example.org/", "https://example.org", noDoubt},
		{"bob@example.org", "mailto:bob@example.org", noDoubt},
		{"write to me", "mailto:bob@example.org", otherText},
		{"our page", "https://example.org", otherText},
		{"bank.example", "https://evil.example", otherPlace},
		{"https://bank.example/", "https://bank.example.evil.example/", otherPlace},
		{"https://example.org/A", "https://example.org/a", otherPlace},
		{"http://127.0.0.1:80/", "http://127.0.0.1:80/", numeric},
		{"http://[::1]/", "http://[::1]/", numeric},
		{"http://0x7f.1/", "http://0x7f.1/", numeric},
		{"http://2130706433/", "http://2130706433/", numeric},
		{"https://bank.example@evil.example/", "https://bank.example@evil.example/", credential},
		{"https://xn--pple-43d.com/", "https://xn--pple-43d.com/", foreign},
		{"https://аpple.com/", "https://аpple.com/", foreign},
		{"https://bücher.example/", "https://bücher.example/", foreign},
	} {
		address, ok := trueAddress(c.link)
		if !ok {
			t.Errorf("%s is no address", c.link)
			continue
		}
		if got := doubtOf(c.text, c.link, address); got != c.want {
			t.Errorf("%q leading to %s: %d, want %d", c.text, c.link, got, c.want)
		}
	}
}

func TestHostIsFound(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.org/example.org": "example.org", "https://a:b@evil.example:8/x": "evil.example:8",
		"mailto:bob@example.org?subject=x": "example.org", "http://[::1]:80/": "[::1]:80",
	} {
		from, to := hostIn(address)
		if address[from:to] != want {
			t.Errorf("%s: %q", address, address[from:to])
		}
	}
}

func TestOnlySafeSchemes(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "file:///etc/passwd", "ftp://x", "data:text/html,x", "HTTPS://", "https://a b", "vscode://x", "", "mailto:"} {
		if _, ok := trueAddress(link); ok {
			t.Errorf("%q would be opened", link)
		}
	}
}

func FuzzDoubt(f *testing.F) {
	f.Add("example.org", "https://example.org")
	f.Add("x", "mailto:@?")
	f.Add("", "http://u:p@h")
	f.Fuzz(func(t *testing.T, text, link string) {
		address, ok := trueAddress(link)
		if !ok {
			return
		}
		doubtOf(text, link, address)
		if from, to := hostIn(address); from < 0 || to > len(address) || from > to {
			t.Errorf("%q: host at %d to %d", address, from, to)
		}
	})
}
