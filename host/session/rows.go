package session

import (
	"context"
	"fmt"
	"time"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// typingFor is how long somebody is taken to be writing who does not say so again.
const typingFor = 8 * time.Second

// callSummary replaces a session's line in the list of conversations. Whether
// it disturbs anybody is decided here, at most once for each seq.
func (e *Engine) callSummary(l *live, c *contractv1.SummaryCall) answer {
	s := l.s
	if len(c.GetText()) > contractv1.MaxSummary || len(c.GetDraft()) > contractv1.MaxSummary || len(c.GetFrom()) > maxAddress {
		return failed(contractv1.Error_TOO_LARGE, "A summary is at most %d bytes.", contractv1.MaxSummary)
	}
	r := &store.SummaryRow{Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		Text: c.GetText(), From: c.GetFrom(), TimeMs: c.GetTimeMs(), Seq: c.GetSeq(),
		Unread: int(c.GetUnread()), Mentions: int(c.GetMentions()), Draft: c.GetDraft()}
	if s.summary != nil {
		r.Alerted = s.summary.Alerted
	}
	ring := c.GetAlert() > contractv1.SummaryCall_NONE && c.GetSeq() > r.Alerted
	if ring {
		r.Alerted = c.GetSeq()
	}
	conv, row := s.conv, s.conv.row
	row.TimeMs = max(row.TimeMs, c.GetTimeMs())
	row.Archive = row.Archive && !ring
	e.typing(s, c.GetTyping())
	if s.summary != nil && *s.summary == *r && row == conv.row {
		return done()
	}
	if err := e.write(func(tx *store.Tx) error {
		if row != conv.row {
			if err := tx.SetRow(&row); err != nil {
				return err
			}
		}
		return tx.SetSummary(r)
	}); err != nil {
		return answer{err: err}
	}
	s.summary, conv.row = r, row
	conv.stale, e.dirty = true, true
	e.o.Notify(Event{Kind: "summary", Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		Seq: r.Seq, From: r.From, Text: r.Text, Unread: r.Unread, Time: time.UnixMilli(r.TimeMs)})
	if ring {
		what := "message"
		switch c.GetAlert() {
		case contractv1.SummaryCall_OFFER:
			what = "offer"
		case contractv1.SummaryCall_MENTION:
			what = "mention"
		}
		e.alert(s, what, r.From, r.Text, r.Seq)
	}
	return done()
}

// typing notes that somebody writes in a session, until that is said anew, taken
// back or forgotten.
func (e *Engine) typing(s *session, on bool) {
	ring := alarmKey{what: "typing", key: s.key}
	if e.silence(ring); on {
		e.alarm(ring, typingFor, func(e *Engine) { e.typing(s, false) })
	}
	if s.typing != on {
		s.typing, s.conv.stale, e.dirty = on, true, true
	}
}

// alert disturbs the person, unless the conversation is muted, which a mention
// or a word that was asked for may pass over, or before them.
func (e *Engine) alert(s *session, what, from, text string, seq int64) {
	muted := e.now() < s.conv.row.MutedMs && !(what == "mention" && e.o.MentionsAlways()) && !(what != "offer" && e.o.Keyword(text))
	if muted || e.focus.focused && e.focus.conversation == s.key.Conversation {
		return
	}
	e.o.Notify(Event{Kind: "alert", Conversation: s.key.Conversation, Session: s.key.Session, Plugin: s.plugin,
		Seq: seq, From: from, State: what, Text: text, Time: e.o.Now()})
}

// mutedForever is far enough.
var mutedForever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Row does one of: pin, unpin, mute-1h, mute-8h, mute, unmute, archive, unarchive.
func (e *Engine) Row(ctx context.Context, op, conversation string) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if asked := e.ask(func(e *Engine) { err = e.setRow(op, conversation) }); asked != nil {
		return asked
	}
	return err
}

func (e *Engine) setRow(op, conversation string) error {
	address, _ := e.self()
	if e.conversations[conversation] == nil && !e.canRead(conversation, address) {
		return fmt.Errorf("there is no conversation %q", conversation)
	}
	c := e.conversation(conversation)
	row := c.row
	switch op {
	case "pin", "unpin":
		row.Pinned = op == "pin"
	case "mute-1h":
		row.MutedMs = e.o.Now().Add(time.Hour).UnixMilli()
	case "mute-8h":
		row.MutedMs = e.o.Now().Add(8 * time.Hour).UnixMilli()
	case "mute":
		row.MutedMs = mutedForever.UnixMilli()
	case "unmute":
		row.MutedMs = 0
	case "archive", "unarchive":
		row.Archive = op == "archive"
	default:
		return fmt.Errorf("a conversation cannot be changed by %q", op)
	}
	if err := e.write(func(tx *store.Tx) error { return tx.SetRow(&row) }); err != nil {
		return err
	}
	c.row, c.stale, e.dirty = row, true, true
	return nil
}

// compact takes a session's compact view; the store gets it lazily.
func (e *Engine) compact(s *session, node *contractv1.Node) {
	s.compact = node
	e.small.Store(s.key, &model.View{Key: s.key, Plugin: s.plugin, Root: node})
	e.lazily(s)
	e.dirty = true
}

// Compact is a session's last compact view, from the store; nil when there is none.
func (e *Engine) Compact(k model.SessionKey) *model.View {
	if v, ok := e.small.Load(k); ok {
		return v.(*model.View)
	}
	plugin, node, err := e.o.Store.Compact(e.ctx, k.Conversation, k.Session)
	if err != nil || node == nil {
		return nil
	}
	v, _ := e.small.LoadOrStore(k, &model.View{Key: k, Plugin: plugin, Root: node})
	return v.(*model.View)
}

// lazily notes that a session has something for the store that may be lost.
func (e *Engine) lazily(s *session) {
	s.lazy = true
	e.alarmOnce(alarmKey{what: "lazy"}, persistEvery, func(e *Engine) { e.keepLazy() })
}

// keepLazy stores compact views, acks and typed texts of all sessions at once.
func (e *Engine) keepLazy() {
	var list []*session
	for _, s := range e.sessions {
		if e.closing {
			e.keepTexts(s)
		}
		if s.lazy {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return
	}
	err := e.write(func(tx *store.Tx) error {
		for _, s := range list {
			if s.compact != nil {
				if err := tx.SetCompact(s.key.Conversation, s.key.Session, s.plugin, s.compact); err != nil {
					return err
				}
			}
			if err := tx.SetAcked(s.key.Conversation, s.key.Session, s.acked); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		e.alarmOnce(alarmKey{what: "lazy"}, persistEvery, func(e *Engine) { e.keepLazy() })
		return
	}
	for _, s := range list {
		s.lazy, s.compact = false, nil
	}
}
