package bridge

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

func found(hits ...*contractv1.Hit) *contractv1.PluginFrame {
	return &contractv1.PluginFrame{Body: &contractv1.PluginFrame_SearchReply{SearchReply: &contractv1.SearchReply{Id: 1, Hits: hits}}}
}

func hit(text string, marks ...*contractv1.Mark) *contractv1.Hit {
	return &contractv1.Hit{Conversation: "c", Session: "s", Key: "k", Text: text, Marks: marks}
}

// TestSearchBounds: an answer that breaks a bound ends the connection, what is just
// within passes.
func TestSearchBounds(t *testing.T) {
	mark := func(a, b uint32) *contractv1.Mark { return &contractv1.Mark{Start: a, End: b} }
	marks := make([]*contractv1.Mark, contractv1.MaxMarks)
	for i := range marks {
		marks[i] = mark(0, 1)
	}
	good := make([]*contractv1.Hit, contractv1.MaxHits)
	for i := range good {
		good[i] = hit("aü", mark(1, 3))
	}
	_, p, h := connect(t, Feature)
	for _, f := range []*contractv1.PluginFrame{found(good...), found(hit(strings.Repeat("x", 512), marks...))} {
		if err := check(f); err != nil {
			t.Errorf("a good answer is refused: %v", err)
		}
	}
	p.say(found(good...), on(1, samples["ack"]()))
	if f := h.next(t); f.GetAck() == nil {
		t.Fatalf("an answer that nobody asked for is heard: %v", f)
	}
	for want, f := range map[string]*contractv1.PluginFrame{
		"201 hits at once":    found(append(good, hit("x"))...),
		"more than 512 bytes": found(hit(strings.Repeat("x", 513))),
		"33 marks":            found(hit("x", append(marks, mark(0, 1))...)),
		"a mark outside":      found(hit("x", mark(0, 2))),
		"within a letter":     found(hit("aü", mark(1, 2))),
		"letter":              found(hit("x", mark(1, 1))),
		"a hit that names":    found(&contractv1.Hit{Conversation: "c", Session: "s"}),
		"a cursor of 129":     {Body: &contractv1.PluginFrame_SearchReply{SearchReply: &contractv1.SearchReply{Cursor: strings.Repeat("x", 129)}}},
		"an error of 4097": {Body: &contractv1.PluginFrame_SearchReply{SearchReply: &contractv1.SearchReply{
			Error: &contractv1.Error{Message: strings.Repeat("x", maxReason+1)}}}},
		"author of 513 bytes":  found(&contractv1.Hit{Conversation: "c", Session: "s", Key: "k", From: strings.Repeat("x", 513)}),
		"names nothing, or in": found(&contractv1.Hit{Conversation: strings.Repeat("x", 257), Session: "s", Key: "k"}),
	} {
		c, p, _ := connect(t, Feature)
		p.say(f)
		if got := broken(t, c); !strings.Contains(got, want) {
			t.Errorf("want %q, got %q", want, got)
		}
	}
}

// TestSearchesAreBounded: not more than 8 are open at once.
func TestSearchesAreBounded(t *testing.T) {
	c, p, h := connect(t, Feature)
	ask := func(id uint64) error {
		return c.Send(&contractv1.HostFrame{Body: &contractv1.HostFrame_Search{Search: &contractv1.SearchCall{Id: id}}})
	}
	for id := range uint64(contractv1.MaxSearches) {
		if err := ask(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(99); !errors.Is(err, ErrFull) {
		t.Fatalf("a ninth search: %v", err)
	}
	p.say(found())
	if f := h.next(t); f.GetSearchReply() == nil {
		t.Fatal(f)
	}
	if err := ask(99); err != nil {
		t.Errorf("an answered search keeps its place: %v", err)
	}
}

func FuzzHit(f *testing.F) {
	f.Add("aü", uint32(1), uint32(3))
	f.Add("\xff", uint32(0), uint32(1))
	f.Fuzz(func(t *testing.T, text string, start, end uint32) {
		if checkHit(hit(text, &contractv1.Mark{Start: start, End: end})) == nil && !utf8.ValidString(text[start:end]) {
			t.Fatalf("%q %d %d", text, start, end)
		}
	})
}
