package view

import (
	"testing"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

// TestAll: every constructor with its options gives a view that the host takes.
func TestAll(t *testing.T) {
	nodes := []Node{
		With(Column(Text("a")), Gap(contractv1.Box_SMALL), Align(contractv1.Box_CENTER), Grow("x"), Padded),
		With(Row(Title("t"), Caption("c"), Secondary("s"), Danger("d")), Gap(contractv1.Box_LARGE)),
		Grid(2, Textf("%d", 1), Text("x", MaxLines(2), Style(contractv1.Text_STRONG))),
		RichText(Span("b", Bold, Italic, CodeSpan, Strike, LinkTo("https://example.org"))),
		Code("x := 1", "go"), Separator("New", Accent), Spacer(), Space(contractv1.Box_SMALL),
		Image("img", nil, 10, 10, "A picture"), Progress(0.5, "half"), Avatar("a@n", "A", 2), SessionRef("s"),
		Button("b1", "B", Primary, Icon("send"), Disabled("not now")), IconButton("b2", "send", "Send", Selected, Quiet),
		Field("f", Initial("i"), Hint("h"), CaptionText("c"), MaxBytes(10), ErrorText("e"), Secret),
		Editor("e1", Initial("i"), Hint("h"), MaxBytes(10)),
		Composer("e2", Leading(IconButton("b3", "attach", "Attach")), Trailing(Button("b4", "Send")), Banner(Text("reply")), Mentions),
		Toggle("t", "T", true, Disabled("no")), Select("se", "a", Entry("a", "A", EntryIcon("x")), Entry("b", "B", EntryDisabled("no"))),
		Slider("sl", 0, 10, 5, 1, CaptionText("c")), Tabs("ta", "a", Text("content"), Entry("a", "A")),
		Menu("m", "more", "More", Entry("d", "Delete", EntryDanger, SeparatorBefore)), ContextMenu("cm", Text("x"), Entry("a", "A")),
		Popover("p", Text("a"), Text("b"), true), Dialog("d", "D", Text("sure?"), true, Button("yes", "Yes", Destructive)),
		Chips("ch", Chip("1", "one", 2, true)), Card("ca", "Title", "text", Icon("i"), Content(Text("x")), Actions(Button("b5", "Go"))),
		DropTarget("dt", Text("here"), "Drop"), Message("msg", &contractv1.Message{Body: []*contractv1.Span{Span("hi")}}),
		List("l", 1, StickToEnd, Empty("none"), TrackSeen, Dates, Label("list"), Tooltip("tip"), Fallback("a list")),
	}
	for _, n := range nodes {
		if n.GetBody() == nil {
			t.Errorf("%v has no body", n)
		}
		if err := Check(n, false); err != nil {
			t.Error(err)
		}
	}
	if err := Check(Column(nodes...), false); err != nil {
		t.Error(err)
	}
	if got := nodes[12].GetButton(); !got.GetDisabled() || got.GetReason() == "" || got.GetRole() != contractv1.Button_PRIMARY || got.GetIcon() == "" {
		t.Error(got)
	}
	if got := nodes[len(nodes)-1].GetList(); !got.GetStickToEnd() || !got.GetTrackSeen() || !got.GetDates() || got.GetEmpty() == "" {
		t.Error(got)
	}
	if !utf8.ValidString(Text("\xff").GetText().GetText()) {
		t.Error("a text that is not UTF-8")
	}
}
