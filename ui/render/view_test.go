package render_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gioui.org/f32"
	"gioui.org/io/key"
	"gioui.org/layout"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/ui/render"
	"switchboard/ui/theme"
	"switchboard/ui/uitest"
)

// show opens a window onto one tree.
func show(t testing.TB, size image.Point, o theme.Options, root *contractv1.Node) (*chat, *uitest.Window) {
	c := newChat(o, nil)
	c.change(func(v *model.View) { v.Root = root })
	return c, open(t, c, size)
}

func textNode(s string, style contractv1.Text_Style) *contractv1.Node {
	return &contractv1.Node{Body: &contractv1.Node_Text{Text: &contractv1.Text{Text: s, Style: style}}}
}

func columnOf(kids ...*contractv1.Node) *contractv1.Node {
	return &contractv1.Node{Id: "col", Body: &contractv1.Node_Column{Column: &contractv1.Box{Children: kids, Padded: true, Gap: contractv1.Box_MEDIUM}}}
}

func rowOf(kids ...*contractv1.Node) *contractv1.Node {
	return &contractv1.Node{Body: &contractv1.Node_Row{Row: &contractv1.Box{Children: kids}}}
}

func dot() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 40, 24))
	for i := range 40 * 24 {
		img.Set(i%40, i/40, color.RGBA{R: uint8(i % 40 * 6), G: 120, B: uint8(i / 40 * 10), A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// everything holds every element of the contract once.
func everything() *contractv1.Node {
	list := []*contractv1.Item{{Id: "one", Text: "One"}, {Id: "two", Text: "Two", Icon: "star"}, {Id: "three", Text: "Three", Disabled: true, Reason: "Not today."}}
	chips := []*contractv1.Chip{{Id: "a", Text: "All", Selected: true}, {Id: "b", Text: "Mine", Count: 3}}
	return columnOf(
		textNode("A page of everything", contractv1.Text_PAGE),
		&contractv1.Node{Body: &contractv1.Node_RichText{RichText: &contractv1.RichText{Spans: []*contractv1.Span{
			{Text: "Rich "}, {Text: "bold", Bold: true}, {Text: ", "}, {Text: "inside", Link: "plugin:open"}, {Text: " and "}, {Text: "javascript", Link: "javascript:alert(1)"}}}}},
		rowOf(button("b1", "Normal", 0), button("b2", "Primary", contractv1.Button_PRIMARY), button("b3", "Danger", contractv1.Button_DANGER), button("b4", "Quiet", contractv1.Button_QUIET),
			&contractv1.Node{Id: "i1", Label: "Brush", Body: &contractv1.Node_IconButton{IconButton: &contractv1.IconButton{Icon: "brush", Selected: true}}},
			&contractv1.Node{Id: "menu", Label: "More", Body: &contractv1.Node_Menu{Menu: &contractv1.Menu{Items: list}}}),
		&contractv1.Node{Id: "field", Body: &contractv1.Node_Field{Field: &contractv1.Field{Caption: "Name", Hint: "A name", Initial: "lab"}}},
		&contractv1.Node{Id: "toggle", Body: &contractv1.Node_Toggle{Toggle: &contractv1.Toggle{Text: "Grid lines", On: true}}},
		rowOf(&contractv1.Node{Id: "select", Body: &contractv1.Node_Select{Select: &contractv1.Select{Caption: "Colour", Items: list, Selected: "two"}}},
			&contractv1.Node{Id: "chips", Body: &contractv1.Node_Chips{Chips: &contractv1.Chips{Chips: chips}}}),
		&contractv1.Node{Id: "slider", Body: &contractv1.Node_Slider{Slider: &contractv1.Slider{Min: 0, Max: 10, Value: 4, Step: 1, Caption: "Width"}}},
		rowOf(&contractv1.Node{Label: "A gradient", Body: &contractv1.Node_Image{Image: &contractv1.Image{Png: dot(), Width: 80, Height: 48}}},
			&contractv1.Node{Body: &contractv1.Node_Avatar{Avatar: &contractv1.Avatar{Address: "bob@lab", Name: "Bob"}}},
			&contractv1.Node{Body: &contractv1.Node_Progress{Progress: &contractv1.Progress{Fraction: 0.6, Text: "60 %"}}}),
		&contractv1.Node{Id: "tabs", Body: &contractv1.Node_Tabs{Tabs: &contractv1.Tabs{Items: list[:2], Selected: "one", Content: textNode("The first page", 0)}}},
		&contractv1.Node{Body: &contractv1.Node_Grid{Grid: &contractv1.Grid{Columns: 3, Children: []*contractv1.Node{textNode("1", 0), textNode("2", 0), textNode("3", 0), textNode("4", 0)}}}},
		&contractv1.Node{Id: "card", Body: &contractv1.Node_Card{Card: &contractv1.Card{Icon: "games", Title: "Four in a row", Text: "Bob wants to play.", Actions: []*contractv1.Node{button("yes", "Play", contractv1.Button_PRIMARY), button("no", "Not now", 0)}}}},
		&contractv1.Node{Body: &contractv1.Node_Code{Code: &contractv1.Code{Language: "go", Text: "func main() {\n\tprintln(\"a line that is long enough to need scrolling sideways in a narrow panel, surely\")\n}"}}},
		&contractv1.Node{Body: &contractv1.Node_Separator{Separator: &contractv1.Separator{Text: "below"}}},
		&contractv1.Node{Body: &contractv1.Node_Spacer{Spacer: &contractv1.Spacer{}}},
		&contractv1.Node{Id: "ctx", Body: &contractv1.Node_ContextMenu{ContextMenu: &contractv1.ContextMenu{Child: button("inside", "Right click me", 0), Items: list}}},
		&contractv1.Node{Id: "pop", Body: &contractv1.Node_Popover{Popover: &contractv1.Popover{Anchor: textNode("An anchor", 0), Content: textNode("Popped", 0)}}},
		&contractv1.Node{Id: "drop", Body: &contractv1.Node_DropTarget{DropTarget: &contractv1.DropTarget{Child: textNode("Drop here", 0)}}},
		&contractv1.Node{Id: "s1", Body: &contractv1.Node_Session{Session: &contractv1.SessionRef{SessionId: "gone"}}},
		&contractv1.Node{Id: "new", Fallback: "A thing from the future"},
	)
}

func TestEveryElementIsDrawn(t *testing.T) {
	_, w := show(t, image.Pt(700, 1250), theme.Options{ReducedMotion: true}, everything())
	for _, label := range []string{
		"A page of everything", "Rich bold, inside and javascript", "Normal", "Primary", "Brush", "More", "Name", "Grid lines", "Colour: Two", "Mine 3",
		"Width", "A gradient", "60 %", "The first page", "4", "Four in a row", "Play", "func main()…", "below", "Right click me", "An anchor", "Drop here",
		"This activity is not available here.", "A thing from the future",
	} {
		if !w.Has(label) {
			t.Errorf("nothing is labelled %q", label)
		}
	}
	if t.Failed() {
		t.Log(w.Tree())
	}
	if dir := os.Getenv("GALLERY_DIR"); dir != "" {
		w.Save(filepath.Join(dir, "everything.png"))
		_, w = show(t, image.Pt(1400, 2500), theme.Options{ReducedMotion: true, Dark: true}, everything())
		w.Save(filepath.Join(dir, "everything-dark.png"))
	}
}

func TestControlsAct(t *testing.T) {
	c, w := show(t, image.Pt(700, 1250), theme.Options{ReducedMotion: true}, everything())
	expect := func(kind contractv1.Action_Kind, node, value string) {
		t.Helper()
		if a := last(t, c); a.Kind != kind || a.Node != node || a.Value != value {
			t.Errorf("did %+v, want %v %s %q", a, kind, node, value)
		}
	}
	w.Click("Primary")
	expect(contractv1.Action_PRESS, "b2", "")
	w.Click("Brush")
	expect(contractv1.Action_PRESS, "i1", "")
	w.Click("Grid lines")
	expect(contractv1.Action_CHANGE, "toggle", "false")
	w.Click("Mine 3")
	expect(contractv1.Action_PRESS, "chips", "b")
	w.Click("More")
	w.Click("One")
	expect(contractv1.Action_PRESS, "menu", "one")
	w.Click("Colour: Two")
	w.Click("One")
	expect(contractv1.Action_CHANGE, "select", "one")
	before := len(c.acts)
	w.Click("Play")
	if n := len(c.acts) - before; n != 1 {
		t.Errorf("a press on a button in a card is %d presses", n)
	}
	expect(contractv1.Action_PRESS, "yes", "")
	w.Click("Four in a row")
	expect(contractv1.Action_PRESS, "card", "")
	w.RightClick("Right click me")
	w.Click("One")
	expect(contractv1.Action_PRESS, "ctx", "one")
	b := w.Find("Width").Bounds
	w.Drag(f32.Pt(float32(b.Min.X+4), float32(b.Max.Y-10)), f32.Pt(float32(b.Max.X), float32(b.Max.Y-10)))
	expect(contractv1.Action_CHANGE, "slider", "10")
	w.Click("Name")
	w.Type("s")
	w.Key(key.NameReturn, 0)
	expect(contractv1.Action_SUBMIT, "field", "labs")
	rich := w.Find("Rich bold, inside and javascript").Bounds
	w.ClickAt(f32.Pt(float32(rich.Min.X+90), float32(rich.Min.Y+10)))
	expect(contractv1.Action_LINK, "", "plugin:open")
}

func TestMessageMenuByPointerAndKeyboard(t *testing.T) {
	c := newChat(theme.Options{}, conversation())
	w := open(t, c, image.Pt(760, 900))
	w.RightClick("of course")
	w.Click("Edit")
	if a := last(t, c); a.Kind != contractv1.Action_PRESS || a.Node != "10" || a.Value != "edit" || a.Item != "10" || a.List != "log" {
		t.Errorf("chose %+v", a)
	}
	c.session.FocusComposer()
	w.Settle()
	for i := 0; !w.Has("Reply"); i++ {
		if i == 10 {
			t.Fatal("no message is reached by Shift+Tab from the composer")
		}
		w.Tab(true)
		w.Key(key.NameF10, key.ModShift)
	}
	w.Key(key.NameEscape, 0)
	if w.Has("Reply") {
		t.Fatal("Esc does not close the menu")
	}
	w.Key(key.NameUpArrow, 0)
	w.Settle()
	c.acts = nil
	w.Key(key.NameF10, key.ModShift)
	if !w.Has("Reply") {
		t.Fatal("no menu one message up")
	}
	w.Key(key.NameReturn, 0)
	if a := last(t, c); a.Node != "10" || a.Value != "reply" {
		t.Errorf("one message up and its first entry: %+v", a)
	}
}

func TestQuoteLeadsToItsMessage(t *testing.T) {
	c := newChat(theme.Options{}, conversation())
	w := open(t, c, image.Pt(760, 900))
	w.Click("Go to the message by Bob")
	if a := last(t, c); a.Kind != contractv1.Action_LINK || a.Node != "6" || a.Value != "1" {
		t.Errorf("did %+v", a)
	}
}

func TestLinkAsksBeforeItOpens(t *testing.T) {
	c := newChat(theme.Options{}, []*contractv1.ListItem{msg("1", "", false, 1, func(m *contractv1.Message) {
		m.Body = []*contractv1.Span{{Text: "http://bank.example", Link: "https://xn--example.evil.test/ü?q=1"}}
	})})
	w := open(t, c, small)
	b := w.Find("http://bank.example").Bounds
	w.ClickAt(layout.FPt(b.Min.Add(b.Max).Div(2)))
	if len(c.opened) != 0 {
		t.Fatalf("opened %q without asking", c.opened)
	}
	if !w.Has("https://xn--example.evil.test/%C3%BC?q=1") {
		t.Errorf("the true address is not shown:\n%s", w.Tree())
	}
	w.Click("Open")
	if len(c.opened) != 1 || c.opened[0] != "https://xn--example.evil.test/%C3%BC?q=1" {
		t.Errorf("opened %q", c.opened)
	}
}

func TestTicksHaveWords(t *testing.T) {
	c := newChat(theme.Options{}, conversation())
	w := open(t, c, image.Pt(760, 900))
	tree := w.Tree()
	for _, words := range []string{"of course, Waiting to be sent", "yes, opening it, Delivered", "Sounds good, I agree with all of it., Read, edited", "Not sent: Bob has blocked you."} {
		if !strings.Contains(tree, words) {
			t.Errorf("no %q in\n%s", words, tree)
		}
	}
}

func TestCopySelection(t *testing.T) {
	c := newChat(theme.Options{}, conversation())
	w := open(t, c, image.Pt(760, 900))
	b := w.Find("of course").Bounds
	w.Drag(f32.Pt(float32(b.Min.X), float32(b.Min.Y+8)), f32.Pt(float32(b.Max.X), float32(b.Min.Y+8)))
	w.Key("C", key.ModShortcut)
	if w.Clipboard != "of course" {
		t.Errorf("copied %q", w.Clipboard)
	}
}

// TestFocusFallsOntoNothingDangerous removes the button that has the keyboard.
func TestFocusFallsOntoNothingDangerous(t *testing.T) {
	c, w := show(t, small, theme.Options{}, columnOf(button("a", "Keep", 0), button("b", "Decline", 0), button("c", "Accept", contractv1.Button_PRIMARY), button("d", "Erase", contractv1.Button_DANGER), button("e", "Later", 0)))
	w.Tab(false)
	w.Tab(false) // on Decline
	c.change(func(v *model.View) {
		v.Root = columnOf(button("a", "Keep", 0), button("c", "Accept", contractv1.Button_PRIMARY), button("d", "Erase", contractv1.Button_DANGER), button("e", "Later", 0))
	})
	w.Settle()
	w.Settle()
	w.Key(key.NameReturn, 0)
	if a := last(t, c); a.Node != "e" {
		t.Errorf("after the focused button went, Enter pressed %q, want the next harmless one", a.Node)
	}
}

func TestDialogTakesTheView(t *testing.T) {
	tree := func(open bool) *contractv1.Node {
		return columnOf(button("under", "Under", 0), &contractv1.Node{Id: "d", Body: &contractv1.Node_Dialog{Dialog: &contractv1.Dialog{
			Open: open, Title: "Erase the board?", Content: textNode("Everybody loses the drawing.", 0),
			Actions: []*contractv1.Node{button("erase", "Erase", contractv1.Button_DANGER), button("keep", "Keep", 0)},
		}}})
	}
	c, w := show(t, small, theme.Options{}, tree(true))
	b := w.Find("Under").Bounds
	w.ClickAt(layout.FPt(b.Min.Add(b.Max).Div(2)))
	if len(c.acts) != 0 {
		t.Errorf("what lies under a dialog was pressed: %+v", c.acts)
	}
	w.Key(key.NameReturn, 0)
	if a := last(t, c); a.Node != "keep" {
		t.Errorf("Enter pressed %q, want the harmless action", a.Node)
	}
	w.Key(key.NameEscape, 0)
	if a := last(t, c); a.Node != "d" || a.Kind != contractv1.Action_CANCEL {
		t.Errorf("Esc did %+v", a)
	}
	c.change(func(v *model.View) { v.Root = tree(false) })
	w.Settle()
	w.Click("Under")
	if a := last(t, c); a.Node != "under" {
		t.Errorf("after the dialog: %+v", a)
	}
}

func TestLoadingAndFault(t *testing.T) {
	c := newChat(theme.Options{}, nil)
	c.view = nil
	w := open(t, c, small)
	w.Advance(200 * time.Millisecond)
	if at, ok := w.Wakeup(); !ok || at.Sub(w.Now) > 150*time.Millisecond {
		t.Error("no frame is planned for the skeleton")
	}
	w.Advance(4 * time.Second)
	if !w.Has("Still starting. This takes longer than usual.") {
		t.Errorf("after four seconds:\n%s", w.Tree())
	}
	c.view = &model.View{Key: sessionKey, Fault: "Messages stopped. Your messages are safe."}
	w.Settle()
	if !w.Has("Messages stopped. Your messages are safe.") {
		t.Errorf("a fault:\n%s", w.Tree())
	}
}

func TestEmbeddedSession(t *testing.T) {
	var acted, opened model.SessionKey
	c := newChat(theme.Options{}, nil)
	c.session = render.New(render.Env{
		Act:  func(k model.SessionKey, _ model.Action) error { acted = k; return nil },
		Open: func(k model.SessionKey) { opened = k },
		Compact: func(k model.SessionKey) *model.View {
			return &model.View{Key: k, Root: columnOf(textNode("Bob is drawing", 0), button("join", "Join", 0))}
		},
	})
	c.change(func(v *model.View) {
		v.Root = columnOf(&contractv1.Node{Id: "ref", Body: &contractv1.Node_Session{Session: &contractv1.SessionRef{SessionId: "board"}}})
	})
	w := open(t, c, small)
	w.Click("Join")
	if opened.Session != "" {
		t.Error("a press on a button of an embedded view opens the session")
	}
	if want := (model.SessionKey{Conversation: sessionKey.Conversation, Session: "board"}); acted != want {
		t.Errorf("acted on %v", acted)
	}
	w.Click("Bob is drawing")
	if opened.Session != "board" {
		t.Errorf("opened %v", opened)
	}
}

func TestIdleConversationDrawsNoFrames(t *testing.T) {
	c := newChat(theme.Options{}, conversation())
	w := open(t, c, image.Pt(760, 900))
	w.Advance(time.Second)
	w.Advance(20 * time.Second)
	if at, again := w.Wakeup(); again {
		t.Errorf("an idle conversation asks for a frame at %v", at.Sub(w.Now))
	}
}

func TestHostileMessages(t *testing.T) {
	items := []*contractv1.ListItem{
		msg("1", strings.Repeat("W", 32<<10), false, 1), msg("2", strings.Repeat("a"+strings.Repeat("\u0301", 200), 100), false, 2),
		msg("3", "\u202egnp.exe", false, 3), msg("4", strings.Repeat("\n", 30<<10), true, 4), msg("5", "fine", false, 5),
	}
	start := time.Now()
	c := newChat(theme.Options{}, items)
	w := open(t, c, small)
	for range 40 {
		w.Scroll(middle, -2000)
	}
	if d := time.Since(start); d > 8*time.Second {
		t.Errorf("hostile messages took %v", d)
	}
	if strings.ContainsRune(w.Tree(), '\u202e') {
		t.Error("an override reaches the screen")
	}
}

// TestDeepTree nests more than the contract allows; the host refuses such trees,
// but drawing one must end.
func TestDeepTree(t *testing.T) {
	n := textNode("deep", 0)
	for range 500 {
		n = columnOf(n)
	}
	show(t, small, theme.Options{}, n)
}

func BenchmarkFrame(b *testing.B) {
	items := make([]*contractv1.ListItem, 0, 600)
	for i := range 600 {
		items = append(items, msg(fmt.Sprintf("m%d", i), fmt.Sprintf("This is message %d of a long conversation, with a few words more than one line holds, so that it wraps once or twice in a bubble of usual width.", i), i%2 == 0, i%60))
	}
	c := newChat(theme.Options{}, items)
	w := open(b, c, image.Pt(800, 900))
	b.ReportAllocs()
	for b.Loop() {
		w.Frame()
	}
}
