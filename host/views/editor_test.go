package views

import (
	"strings"
	"testing"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

func (f *fixture) setText(node, s string, base int64) {
	f.t.Helper()
	f.frame(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_ViewCommand{ViewCommand: &contractv1.ViewCommand{
		Command: &contractv1.ViewCommand_SetText{SetText: &contractv1.SetText{Node: node, Text: s, BaseRevision: base}}}}})
}

func (f *fixture) text(node, want string) {
	f.t.Helper()
	if got := f.c.View(chat).Editors[node].Text; got != want {
		f.t.Fatalf("%s holds %q, not %q", node, got, want)
	}
}

func TestTextBelongsToThePerson(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.setText("text", "a draft", 0)
	f.text("text", "a draft")
	revision := f.c.View(chat).Editors["text"].Revision
	seen := f.c.Edited(chat, "text", "hello")
	if f.c.View(chat).Editors["text"].Revision != revision {
		t.Fatal("the person's own typing came back as a change")
	}
	latest := f.c.Edited(chat, "text", "hello you")
	f.setText("text", "overwritten", seen)
	f.text("text", "hello you")
	f.setText("text", "edited", latest)
	f.text("text", "edited")
	if f.c.View(chat).Editors["text"].Revision <= revision {
		t.Fatal("the window does not learn of the plugin's text")
	}
	f.show(1) // the same element again
	f.text("text", "edited")
	if f.c.Edited(chat, "nowhere", "x") != 0 {
		t.Fatal("an editor that does not exist was edited")
	}
}

func TestSubmitAndRestore(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.c.Edited(chat, "text", "first")
	f.c.Submit(chat, "text")
	f.text("text", "")
	f.c.Restore(chat, "text", "first")
	f.text("text", "first")
	f.c.Submit(chat, "text")
	f.c.Edited(chat, "text", "second")
	f.c.Restore(chat, "text", "first")
	f.text("text", "first\nsecond")
	f.c.Restore(chat, "text", "first\nsecond")
	f.text("text", "first\nsecond")
	f.setText("text", "lost", 0)
	f.text("text", "first\nsecond")
	f.c.Submit(chat, "text")
	f.setText("text", "typed since, but empty", 0)
	f.text("text", "typed since, but empty")
}

func TestKeptTextsComeBack(t *testing.T) {
	f := newFixture(t)
	secret := &contractv1.Node{Id: "pw", Body: &contractv1.Node_Field{Field: &contractv1.Field{Secret: true}}}
	name := &contractv1.Node{Id: "name", Body: &contractv1.Node_Field{Field: &contractv1.Field{Initial: "Alice"}}}
	f.show(1, secret, name)
	f.text("name", "Alice")
	f.c.Edited(chat, "text", "unfinished")
	f.c.Edited(chat, "pw", "hidden")
	texts := f.c.Texts(chat)
	if len(texts) != 1 || texts["text"] != "unfinished" {
		t.Fatalf("kept: %v", texts)
	}
	f.c.Submit(chat, "name")
	f.text("name", "Alice")
	f.c.Close(chat)
	f.c.Open(chat, "im")
	f.c.SetTexts(chat, texts)
	if got := f.c.Texts(chat)["text"]; got != "unfinished" {
		t.Fatalf("before the first view %q is kept", got)
	}
	f.show(1)
	f.text("text", "unfinished")
	f.setText("text", "the plugin's", 0)
	f.text("text", "unfinished")
	if f.c.Texts(chat)["text"] != "unfinished" {
		t.Fatal("the text is not kept any more")
	}
}

func TestEditorsComeAndGo(t *testing.T) {
	f := newFixture(t)
	dialog := func(initial string) *contractv1.Node {
		return &contractv1.Node{Id: "edit", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Initial: initial}}}
	}
	f.show(1, dialog("one"))
	f.c.Edited(chat, "edit", "one two")
	f.show(1)
	f.show(1, dialog("other"))
	f.text("edit", "other")
	// Editors in items live as long as their items.
	f.items(f.want("", 5, 0).GetId(), []*contractv1.ListItem{{Key: "a", Node: &contractv1.Node{
		Id: "reply", Body: &contractv1.Node_Editor{Editor: &contractv1.Editor{Initial: "re"}}}}}, false, false)
	f.text("reply", "re")
	f.patch(remove("a"))
	if _, ok := f.c.View(chat).Editors["reply"]; ok {
		t.Fatal("an editor outlived its item")
	}
}

func TestTextIsBounded(t *testing.T) {
	f := newFixture(t)
	f.show(1)
	f.c.Edited(chat, "text", strings.Repeat("ä", contractv1.MaxEditor))
	got := f.c.View(chat).Editors["text"].Text
	if len(got) > contractv1.MaxEditor || !utf8.ValidString(got) {
		t.Fatalf("%d bytes, valid %v", len(got), utf8.ValidString(got))
	}
}
