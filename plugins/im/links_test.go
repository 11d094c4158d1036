package im

import (
	"strings"
	"testing"
)

func linksOf(text string) (links []string) {
	for _, s := range format(text, nil, false) {
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
