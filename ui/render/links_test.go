package render_test

import (
	"image"
	"testing"
	"time"

	"gioui.org/io/key"
	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/ui/theme"
)

func TestLinkThatSaysWhereItLeads(t *testing.T) {
	c := newChat(theme.Options{}, []*contractv1.ListItem{
		msg("1", "", false, 1, func(m *contractv1.Message) {
			m.Body = []*contractv1.Span{{Text: "example.org/page", Link: "https://example.org/page"}}
		}),
		msg("2", "", false, 2, func(m *contractv1.Message) {
			m.Body = []*contractv1.Span{{Text: "bank.example", Link: "https://bank.example@10.0.0.1/login"}}
		}),
	})
	w := open(t, c, image.Pt(620, 640))
	at := layout.FPt(w.Find("example.org/page").Bounds.Min.Add(image.Pt(20, 8)))
	w.Hover(at)
	w.Advance(time.Second)
	shot(w, "link-tip")
	w.ClickAt(at)
	if len(c.opened) != 1 || c.opened[0] != "https://example.org/page" {
		t.Fatalf("opened %q", c.opened)
	}
	w.ClickAt(layout.FPt(w.Find("bank.example").Bounds.Min.Add(image.Pt(20, 8))))
	if len(c.opened) != 1 || !w.Has("Open this address?") || !w.Has("https://bank.example@10.0.0.1/login") || !w.Has("What stands before the @ is not where it leads.") {
		t.Fatalf("opened %q:\n%s", c.opened, w.Tree())
	}
	shot(w, "link-doubt")
	w.Key(key.NameReturn, 0) // the keyboard is on Cancel
	if len(c.opened) != 1 || w.Has("Open this address?") {
		t.Errorf("Enter opens it: %q", c.opened)
	}
	w.ClickAt(layout.FPt(w.Find("bank.example").Bounds.Min.Add(image.Pt(20, 8))))
	w.Click("Open")
	if len(c.opened) != 2 {
		t.Errorf("opened %q", c.opened)
	}
	w.RightClick("Bob, 09:36…")
	w.Click("Open https://bank.example@10.0.0.1/login")
	if !w.Has("Open this address?") {
		t.Error("the menu opens it unasked")
	}
}
