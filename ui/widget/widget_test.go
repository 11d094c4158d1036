package widget_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"
	"gioui.org/layout"
	"go.uber.org/goleak"

	"switchboard/ui/theme"
	"switchboard/ui/uitest"
	"switchboard/ui/widget"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestButtonsByLabel(t *testing.T) {
	g := newGallery(theme.Options{ReducedMotion: true})
	w := uitest.New(t, image.Pt(900, 820), 1, g.Layout)
	w.Click("Save")
	if g.pressed["Save"] != 1 {
		t.Errorf("Save was pressed %d times", g.pressed["Save"])
	}
	n := w.Find("Offline")
	w.ClickAt(layout.FPt(n.Bounds.Min.Add(n.Bounds.Max).Div(2)))
	if g.pressed["Offline"] != 0 {
		t.Error("a disabled button was pressed")
	}
}

func TestTooltipSaysWhyDisabled(t *testing.T) {
	g := newGallery(theme.Options{ReducedMotion: true})
	w := uitest.New(t, image.Pt(900, 820), 1, g.Layout)
	b := w.Find("Offline").Bounds
	w.Hover(layout.FPt(b.Min.Add(b.Max).Div(2)))
	if w.Has("You are offline.") {
		t.Error("the tooltip shows at once")
	}
	w.Advance(600 * time.Millisecond)
	if !w.Has("You are offline.") {
		t.Errorf("no tooltip after half a second:\n%s", w.Tree())
	}
	w.Hover(f32.Pt(5, 800))
	if w.Has("You are offline.") {
		t.Error("the tooltip stays after the pointer has left")
	}
}

func TestMenuByPointerAndKeys(t *testing.T) {
	g := newGallery(theme.Options{ReducedMotion: true})
	w := uitest.New(t, image.Pt(900, 820), 1, g.Layout)
	w.Click("More")
	w.Click("Copy")
	if g.chosen != "copy" || w.Has("Reply") {
		t.Fatalf("chose %q; menu open: %v", g.chosen, w.Has("Reply"))
	}
	w.Click("More")
	w.Key(key.NameDownArrow, 0)
	w.Key(key.NameUpArrow, 0) // round to the last, past the disabled one
	w.Key(key.NameReturn, 0)
	if g.chosen != "delete" {
		t.Errorf("the keyboard chose %q, want delete", g.chosen)
	}
	w.Click("More")
	w.Click("Edit")
	if g.chosen != "delete" {
		t.Error("a disabled entry was chosen")
	}
	w.Key(key.NameEscape, 0)
	if w.Has("Reply") {
		t.Error("Esc does not close the menu")
	}
	w.Click("More")
	w.ClickAt(f32.Pt(600, 780))
	if w.Has("Reply") {
		t.Error("a press outside does not close the menu")
	}
}

func TestMenuStaysInTheWindow(t *testing.T) {
	th := theme.New(theme.Options{})
	var root widget.Root
	var m widget.MenuButton
	items := []widget.MenuItem{{ID: "a", Text: "First entry"}, {ID: "b", Text: "Second entry"}, {ID: "c", Text: "Third entry"}}
	w := uitest.New(t, image.Pt(300, 300), 1, func(gtx C) D {
		return root.Layout(gtx, th, func(gtx C) D {
			return layout.SE.Layout(gtx, func(gtx C) D {
				return m.Layout(gtx, th, items, func(gtx C, c *widget.Click) D {
					return widget.IconButton{State: c, Icon: "more", Tip: "More"}.Layout(gtx, th)
				})
			})
		})
	})
	w.Click("More")
	for _, it := range items {
		if b := w.Find(it.Text).Bounds; !b.In(image.Rect(0, 0, 300, 300)) {
			t.Errorf("%q is at %v, outside of the window", it.Text, b)
		}
	}
}

func TestFieldTypes(t *testing.T) {
	g := newGallery(theme.Options{ReducedMotion: true})
	w := uitest.New(t, image.Pt(900, 820), 1, g.Layout)
	w.Click("Search")
	w.Type("hello ")
	w.Paste("two\nlines")
	if got := g.notes.Text(); got != "hello two lines" {
		t.Errorf("typed %q", got)
	}
}

func TestToastUndoAndExpiry(t *testing.T) {
	g := newGallery(theme.Options{ReducedMotion: true})
	w := uitest.New(t, image.Pt(900, 820), 1, g.Layout)
	undone := false
	g.toasts.Show(w.Now, "Archived", "Undo", func() { undone = true })
	w.Settle()
	w.Click("Undo")
	if !undone || w.Has("Archived") {
		t.Errorf("undone %v, shown %v", undone, w.Has("Archived"))
	}
	g.toasts.Show(w.Now, "Saved", "", nil)
	w.Settle()
	if !w.Has("Saved") {
		t.Fatal("no toast")
	}
	w.Advance(6 * time.Second)
	if !w.Has("Saved") {
		t.Error("the toast goes from under the pointer")
	}
	w.Hover(f32.Pt(5, 5))
	w.Advance(6 * time.Second)
	if w.Has("Saved") {
		t.Error("the toast does not go by itself")
	}
}

func TestNoFrameWhileNothingChanges(t *testing.T) {
	g := newGallery(theme.Options{ReducedMotion: true})
	w := uitest.New(t, image.Pt(900, 820), 1, g.Layout)
	if at, again := w.Wakeup(); again {
		t.Errorf("an idle window asks for a frame at %v", at)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                                "plain",
		"ein Ü und\tein\nUmbruch":              "ein Ü und    ein\nUmbruch",
		"evil\u202egnp.exe":                    "evilgnp.exe",
		"a\u2066b\u2069c\u200fd":               "abcd",
		"bell\a and \x1b[31mred":               "bell and [31mred",
		"z" + strings.Repeat("\u0301", 50):     "z" + strings.Repeat("\u0301", 4),
		"👩\u200d👩\u200d👧 stays together":       "👩\u200d👩\u200d👧 stays together",
		"bad \xff\xfe utf":                     "bad \ufffd\ufffd utf",
		strings.Repeat("x", 40<<10)[:32<<10-1]: strings.Repeat("x", 32<<10-1),
	} {
		if got := widget.Clean(in); got != want {
			t.Errorf("Clean(%.40q) = %.40q, want %.40q", in, got, want)
		}
	}
	if got := widget.Clean(strings.Repeat("x", 1<<20)); len(got) > 33<<10 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text keeps %d bytes", len(got))
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"plain", "\u202e", "a\u0301\u0301\u0301\u0301\u0301", "\xff", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := widget.Clean(s)
		if again := widget.Clean(once); again != once && !strings.HasSuffix(once, "…") {
			t.Fatalf("cleaning %q twice gives %q, then %q", s, once, again)
		}
		if strings.ContainsAny(once, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b") {
			t.Fatalf("%q kept a control character", once)
		}
	})
}

func TestInitials(t *testing.T) {
	for _, c := range []struct{ name, address, want string }{
		{"Bob", "bob@lab", "B"}, {"Alice Liddell", "", "AL"}, {"anna maria von trapp", "", "AT"}, {"", "dora@lab", "D"},
		{"", "", "?"}, {"🎉", "", "?"}, {"שלום", "", "ש"}, {"\u202eevil", "", "E"},
	} {
		if got := widget.Initials(c.name, c.address); got != c.want {
			t.Errorf("Initials(%q, %q) = %q, want %q", c.name, c.address, got, c.want)
		}
	}
}

// richWindow shows one rich text.
func richWindow(t testing.TB, width int, spans ...widget.Span) (*uitest.Window, *widget.Rich, *widget.Selection, *int) {
	th := theme.New(theme.Options{})
	var root widget.Root
	r, sel, high := &widget.Rich{}, &widget.Selection{}, new(int)
	w := uitest.New(t, image.Pt(width, 600), 1, func(gtx C) D {
		return root.Layout(gtx, th, func(gtx C) D {
			gtx.Constraints.Min = image.Point{}
			d := widget.RichText{State: r, Spans: spans, Sel: sel}.Layout(gtx, th)
			*high = d.Size.Y
			return d
		})
	})
	return w, r, sel, high
}

func TestRichSelects(t *testing.T) {
	for name, spans := range map[string][]widget.Span{
		"one font": {{Text: "some words to select"}},
		"mixed":    {{Text: "some "}, {Text: "words", Bold: true}, {Text: " to select"}},
	} {
		w, _, sel, _ := richWindow(t, 400, spans...)
		w.DoubleClickAt(f32.Pt(50, 10))
		if got := sel.Text(); got != "words" {
			t.Errorf("%s: a double click selects %q", name, got)
		}
		w.Drag(f32.Pt(0, 10), f32.Pt(390, 10))
		if got := sel.Text(); got != "some words to select" {
			t.Errorf("%s: dragging over everything selects %q", name, got)
		}
		w.ClickAt(f32.Pt(5, 5))
		if got := sel.Text(); got != "" {
			t.Errorf("%s: a click leaves %q selected", name, got)
		}
	}
}

func TestRichLinkIsTold(t *testing.T) {
	w, r, _, _ := richWindow(t, 400, widget.Span{Text: "see "}, widget.Span{Text: "the page", Link: "https://example.org"})
	w.ClickAt(f32.Pt(50, 10))
	if link, _, ok := r.Pressed(); !ok || link != "https://example.org" {
		t.Errorf("pressed %q, %v", link, ok)
	}
	w.ClickAt(f32.Pt(5, 10))
	if _, _, ok := r.Pressed(); ok {
		t.Error("a press beside the link opens it")
	}
}

func TestRichWrapsWhatHasNoSpaces(t *testing.T) {
	for name, spans := range map[string][]widget.Span{
		"one font": {{Text: strings.Repeat("x", 400)}},
		"mixed":    {{Text: strings.Repeat("x", 200), Bold: true}, {Text: strings.Repeat("y", 200)}},
	} {
		_, r, _, high := richWindow(t, 200, spans...)
		if _, widest := r.LastLine(); widest > 200 || *high < 10*20 {
			t.Errorf("%s: 400 letters in 200 px are %d wide and %d high", name, widest, *high)
		}
	}
}

// TestLinkStaysInOnePiece: a link that a line has room for is not broken, a longer
// one only between its parts, and what clings to it goes with it.
func TestLinkStaysInOnePiece(t *testing.T) {
	link := func(s string) widget.Span { return widget.Span{Text: s, Link: s} }
	const short, long = "https://example.org/plan", "https://wiki.example.org/boards/second-version/with?a=long&list=of#things-to-look-at"
	for name, c := range map[string]struct {
		width int
		spans []widget.Span
		want  []string
	}{
		"room":   {400, []widget.Span{{Text: "Look: "}, link(short)}, []string{"Look: " + short}},
		"whole":  {200, []widget.Span{{Text: "It is on your desk: "}, link(short), {Text: ". Bye"}}, []string{"It is on your desk: ", short + ". Bye"}},
		"clings": {190, []widget.Span{{Text: "It is there ("}, link(short), {Text: "), see"}}, []string{"It is there ", "(" + short + "), ", "see"}},
		"long": {200, []widget.Span{{Text: "At "}, link(long)},
			[]string{"At https://wiki.example.org/", "boards/second-version/with?a=", "long&list=of#things-to-look-at"}},
		"host":       {150, []widget.Span{{Text: "See "}, link("https://a.b.example.org/path-to/it")}, []string{"See ", "https://a.b.example.org/", "path-to/it"}},
		"ideographs": {100, []widget.Span{{Text: "図面は机の上にあります。"}, link("https://a.jp"), {Text: "を見てください。"}}, nil},
	} {
		_, r, _, _ := richWindow(t, c.width, c.spans...)
		got := r.Lines()
		for i, l := range got {
			if strings.HasPrefix(l, "。") || strings.HasPrefix(l, ")") {
				t.Errorf("%s: line %d begins with %q", name, i, l)
			}
		}
		if c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: lines %q, not %q", name, got, c.want)
		}
	}
}

// TestHostileTextIsBounded measures 32 KiB in one word and a heap of marks.
func TestHostileTextIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"no space": strings.Repeat("W", 64<<10),
		"zalgo":    strings.Repeat("a"+strings.Repeat("\u0301\u0316", 100), 200),
		"lines":    strings.Repeat("\n", 40<<10),
		"pieces":   strings.Repeat("a.", 8<<10),
		"words":    strings.Repeat("a.", 8<<10),
		"arabic":   strings.Repeat("مرحبا", 4000),
	} {
		start := time.Now()
		w, _, _, _ := richWindow(t, 500, widget.Span{Text: text}, widget.Span{Text: "x", Link: "https://x"})
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s: the first frame took %v", name, d)
		}
		start = time.Now()
		for range 10 {
			w.Frame()
		}
		t.Logf("%s: %v for a frame", name, time.Since(start)/10)
	}
}

// TestRingFollowsKeysOnly: the keyboard's place is marked when a key brought it
// there, not when a press did.
func TestRingFollowsKeysOnly(t *testing.T) {
	th := theme.New(theme.Options{})
	var root widget.Root
	var opens, first widget.Click
	ringed, focused := false, false
	w := uitest.New(t, image.Pt(300, 100), 1, func(gtx layout.Context) layout.Dimensions {
		return root.Layout(gtx, th, func(gtx layout.Context) layout.Dimensions {
			if opens.Clicked(gtx) {
				first.Focus(gtx)
			}
			ringed, focused = first.Ringed(gtx, th), first.Focused(gtx)
			return layout.Flex{}.Layout(gtx,
				layout.Rigid(widget.Button{State: &opens, Text: "Open"}.W(th)),
				layout.Rigid(widget.Button{State: &first, Text: "First"}.W(th)))
		})
	})
	w.Settle()
	w.Click("Open")
	if !focused || ringed {
		t.Errorf("after a press: focused %v, ringed %v", focused, ringed)
	}
	w.Tab(true)
	w.Tab(false)
	if !focused || !ringed {
		t.Errorf("after Tab: focused %v, ringed %v", focused, ringed)
	}
	w.ClickAt(f32.Pt(250, 90))
	if !focused || ringed {
		t.Errorf("after a press elsewhere: focused %v, ringed %v", focused, ringed)
	}
	w.Advance(time.Second)
	w.Tab(true)
	w.Tab(false)
	if !focused || !ringed {
		t.Errorf("after Tab again: focused %v, ringed %v", focused, ringed)
	}
}
