package sdk

import (
	"context"
	"time"
	"unicode/utf8"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/seek"
)

// Searcher looks for a text in everything that the plugin keeps. Calls come
// concurrently, beside all sessions, at most 8 at once and for 5 s. The manifest
// says search = true.
type Searcher interface {
	Search(ctx context.Context, q Query) (Found, error)
}

// Term is a word of a query, or what stood between quotation marks.
type Term = seek.Term

// Query is what is looked for; all of it must hold.
type Query struct {
	Terms []Term
	// After and Before bound the time: from the one on, and earlier than the other.
	// Zero for no bound.
	After, Before time.Time
	Picture, Link bool // only what has one
	// Conversations and From (addresses) of which one must fit; empty for all.
	Conversations, From []string
	Limit               int // of hits, 1 to 200
	// Cursor of the Found before, for the hits behind it; empty for the first ones.
	Cursor string
}

// Found is the answer, newest first. Cursor, at most 128 bytes, is given with the
// same query for more; empty at the end.
type Found struct {
	Hits   []Hit
	Cursor string
}

// Hit is one place where it was found.
type Hit struct {
	Conversation, Session string
	// Key is what an Action REVEAL then names.
	Key     string
	From    string // address
	Time    time.Time
	Text    string // plain, around what was found; at most 512 bytes
	Marks   []Mark // where in Text, at most 32
	Picture bool
}

// Mark is a piece of a text, in bytes.
type Mark struct{ Start, End int }

// search answers one call.
func (a *attachment) search(c *contractv1.SearchCall) {
	reply := func(r *contractv1.SearchReply) {
		r.Id = c.GetId()
		_ = a.host.link.Send(&contractv1.PluginFrame{Body: &contractv1.PluginFrame_SearchReply{SearchReply: r}})
	}
	refuse := func(err error) { reply(&contractv1.SearchReply{Error: link.ToWire(err)}) }
	s, ok := a.plugin.(Searcher)
	if !ok {
		refuse(Errorf(contractv1.Error_INVALID, "This plugin cannot be searched."))
		return
	}
	q, err := queryFromWire(c)
	if err != nil {
		refuse(err)
		return
	}
	if a.searching.Add(1) > contractv1.MaxSearches {
		a.searching.Add(-1)
		refuse(Errorf(contractv1.Error_UNAVAILABLE, "Too many searches run at once."))
		return
	}
	a.call(uint32(contractv1.SearchLimit.Milliseconds()), func(err error) {
		a.searching.Add(-1)
		refuse(err)
	}, func(ctx context.Context) error {
		found, err := s.Search(ctx, q)
		if err != nil {
			return err
		}
		a.searching.Add(-1)
		reply(foundToWire(found, q.Limit))
		return nil
	})
}

func queryFromWire(c *contractv1.SearchCall) (Query, error) {
	parsed, err := seek.Parse(c.GetQuery(), time.Local)
	if err != nil {
		return Query{}, Errorf(contractv1.Error_INVALID, "%v", err)
	}
	return Query{Terms: parsed.Terms, After: parsed.After, Before: parsed.Before, Picture: parsed.Picture, Link: parsed.Link,
		Conversations: c.GetConversations(), From: c.GetFrom(), Cursor: c.GetCursor(),
		Limit: min(max(int(c.GetLimit()), 1), contractv1.MaxHits)}, nil
}

// foundToWire keeps the bounds: a text that is too long is cut, and what marks it
// beyond that is dropped.
func foundToWire(found Found, limit int) *contractv1.SearchReply {
	r := &contractv1.SearchReply{Cursor: found.Cursor}
	for _, h := range found.Hits[:min(len(found.Hits), limit)] {
		hit := &contractv1.Hit{Conversation: h.Conversation, Session: h.Session, Key: h.Key, From: h.From, TimeMs: h.Time.UnixMilli(), Picture: h.Picture}
		end := min(len(h.Text), contractv1.MaxHitText)
		for end < len(h.Text) && end > 0 && !utf8.RuneStart(h.Text[end]) {
			end--
		}
		hit.Text = h.Text[:end]
		for _, m := range h.Marks {
			if m.Start >= 0 && m.Start < m.End && m.End <= end && len(hit.Marks) < contractv1.MaxMarks {
				hit.Marks = append(hit.Marks, &contractv1.Mark{Start: uint32(m.Start), End: uint32(m.End)})
			}
		}
		r.Hits = append(r.Hits, hit)
	}
	return r
}
