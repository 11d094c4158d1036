package im

import (
	"net/url"
	"strings"
	"testing"
)

func linksOf(text string) (links []string) {
	for _, s := range spans(text) {
		if s.GetLink() != "" {
			links = append(links, s.GetLink())
		}
	}
	return links
}

func TestLinks(t *testing.T) {
	for text, want := range map[string]string{
		"no link here, h or http: or https://":                     "",
		"see https://example.org/plan.":                            "https://example.org/plan",
		"(https://en.wikipedia.org/wiki/Go_(game)) and http://a.b": "https://en.wikipedia.org/wiki/Go_(game) http://a.b",
		"write to mailto:bob@lab, now":                             "mailto:bob@lab",
		"mailto: mailto:@ mailto:x@":                               "",
		"HTTPS://EXAMPLE.ORG!":                                     "HTTPS://EXAMPLE.ORG",
		"xhttps://a.b":                                             "",
		"javascript:alert(1) file:///etc/passwd plugin:x":          "",
		"https://a.b/ünïcode?q=1#x\nnext":                          "https://a.b/ünïcode?q=1#x",
		"<https://a.b/c>":                                          "https://a.b/c",
		"http:///nohost":                                           "",
	} {
		if got := strings.Join(linksOf(text), " "); got != want {
			t.Errorf("%q: links %q, want %q", text, got, want)
		}
	}
	if n := len(linksOf(strings.Repeat("http://a.b ", 500))); n != maxLinks {
		t.Errorf("%d links", n)
	}
}

func FuzzSpans(f *testing.F) {
	f.Add("see https://example.org/(a). mailto:x@y")
	f.Add("http://[::1]:80/%zz")
	f.Fuzz(func(t *testing.T, text string) {
		var joined strings.Builder
		for _, s := range spans(text) {
			joined.WriteString(s.GetText())
			if s.GetLink() == "" {
				continue
			}
			u, err := url.Parse(s.GetLink())
			if err != nil || s.GetLink() != s.GetText() {
				t.Fatalf("link %q: %v", s.GetLink(), err)
			}
			switch strings.ToLower(u.Scheme) {
			case "http", "https", "mailto":
			default:
				t.Fatalf("link %q", s.GetLink())
			}
		}
		if joined.String() != text {
			t.Fatalf("%q became %q", text, joined.String())
		}
	})
}
