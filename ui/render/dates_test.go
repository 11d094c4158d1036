package render_test

import (
	"image"
	"testing"

	"gioui.org/io/key"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/theme"
)

func TestJumpToDate(t *testing.T) {
	for name, o := range map[string]theme.Options{"light": {}, "dark": {Dark: true}} {
		c := newChat(o, livelyItems())
		w := open(t, c, image.Pt(760, 640))
		if c.session.HasDates() {
			t.Fatal("a list without days offers them")
		}
		c.change(func(v *model.View) {
			root := v.Root.GetColumn()
			root.Children[0] = &contractv1.Node{Id: "log", Body: &contractv1.Node_List{List: &contractv1.List{StickToEnd: true, Generation: 1, Dates: true}}}
		})
		w.Settle()
		c.session.AskDate()
		w.Settle()
		if !w.Has("November 2026") || !w.Find("2026-11-24").Selected {
			t.Fatalf("no calendar:\n%s", w.Tree())
		}
		shot(w, "calendar-"+name)
		w.Key(key.NameRightArrow, 0) // there is nothing after today
		w.Key(key.NameUpArrow, 0)
		w.Key(key.NamePageUp, 0)
		if !w.Find("2026-10-17").Selected {
			t.Errorf("keys lead elsewhere:\n%s", w.Tree())
		}
		w.Key(key.NameReturn, 0)
		if a := c.acts[len(c.acts)-1]; a.Kind != contractv1.Action_DATE || a.Node != "log" || a.Value != "2026-10-17" {
			t.Errorf("action %+v", a)
		}
		if w.Has("October 2026") {
			t.Error("it stays open")
		}
		c.session.AskDate()
		w.Settle()
		w.Click("2026-11-03")
		if a := c.acts[len(c.acts)-1]; a.Value != "2026-11-03" {
			t.Errorf("pressed: %+v", a)
		}
		c.session.AskDate()
		w.Settle()
		w.Key(key.NameEscape, 0)
		if w.Has("November 2026") || len(c.acts) != 2 {
			t.Errorf("Esc: %+v", c.acts)
		}
	}
}
