package im

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// Keys of list items are message ids and these two; ids hold no colon.
const (
	dayPrefix = "day:"
	// olderPrefix begins the key of the line that says where the beginning is.
	olderPrefix = "older:"
	newKey      = "line:new"
)

// Entries of a message's menu and buttons below it.
const (
	menuReply, menuEdit, menuDelete, menuCopy = "reply", "edit", "delete", "copy"
	menuReceipts                              = "receipts"
	buttonAgain, buttonDiscard                = "do:again", "do:discard" // ids of messages hold no colon
)

const (
	runGap    = 5 * time.Minute // messages of one sender closer than this share a head
	maxQuote  = 160
	maxEvent  = 512
	maxReason = 200
)

// scene is what must be known to draw rows. It is plain data: drawing the same
// rows with the same scene gives the same items.
type scene struct {
	me              string
	name            func(address string) string
	known           func(address string) string // the name of somebody who is known; empty for others
	alone           bool                        // notes to self: nobody receives
	delivered, read int64
	sent            map[string]bool // own ids that are at the network
	editing         string          // id of the message being edited
	newAt           string          // id of the message above which the "new" line stands
	quotes          map[string]*history.Row
	words           *words
	book            map[string]string              // who can be named, in a group
	emoticons       bool                           // are shown as graphics
	readOnly        bool                           // nothing can be written
	readBy          func(seq int64) (read, of int) // in a group with receipts; else nil
	older           string                         // the line above the first row; empty for none
	now             time.Time
	revision        int64
}

// items draws rows that follow prev, which is nil at the very beginning.
func (sc *scene) items(prev *history.Row, rows []history.Row) []view.Item {
	out := make([]view.Item, 0, len(rows)+4)
	for i := range rows {
		r := &rows[i]
		out = append(out, sc.item(prev, r)...)
		prev = r
	}
	return out
}

// item draws one row with the separators above it.
func (sc *scene) item(prev, r *history.Row) []view.Item {
	var out []view.Item
	if prev == nil && sc.older != "" {
		out = append(out, view.ListItem(olderPrefix+r.ID, view.Separator(sc.older), sc.revision))
	}
	if sc.needsDay(prev, r) {
		out = append(out, sc.dayItem(r))
	}
	if r.ID == sc.newAt {
		out = append(out, sc.newItem())
	}
	return append(out, view.ListItem(r.ID, sc.row(prev, r), sc.revision))
}

// row draws a message, or what was done to the group.
func (sc *scene) row(prev, r *history.Row) view.Node {
	if r.Kind != history.Event {
		return sc.message(prev, r)
	}
	return view.With(view.Column(view.With(view.Caption(sc.line(r, maxEvent)), view.ID(r.ID))), view.Align(contractv1.Box_CENTER))
}

// happened says what was done to the group.
func (sc *scene) happened(r *history.Row) string {
	e := eventOf(r)
	named := func(address, name string) string {
		if n := sc.name(address); name == "" || address == sc.me || n != userOf(address) {
			return n
		}
		return name
	}
	return sc.words.happened(e, clip(named(e.By, e.ByName), maxQuote), clip(named(e.Whom, e.WhomName), maxQuote), sc.me)
}

func (sc *scene) dayItem(r *history.Row) view.Item {
	return view.ListItem(dayPrefix+r.ID, view.Separator(sc.words.day(local(r.Time), sc.now)), sc.revision)
}

func (sc *scene) newItem() view.Item {
	return view.ListItem(newKey, view.Separator(sc.words.newLine, view.Accent), sc.revision)
}

func (sc *scene) needsDay(prev, r *history.Row) bool {
	if prev == nil {
		return true
	}
	y1, m1, d1 := local(prev.Time).Date()
	y2, m2, d2 := local(r.Time).Date()
	return d1 != d2 || m1 != m2 || y1 != y2
}

func local(ms int64) time.Time { return time.UnixMilli(ms).Local() }

func (sc *scene) continues(prev, r *history.Row) bool {
	if prev == nil || prev.Kind == history.Event || prev.From != r.From || r.ID == sc.newAt || sc.needsDay(prev, r) {
		return false
	}
	gap := time.Duration(r.Time-prev.Time) * time.Millisecond
	return gap <= runGap && gap >= -runGap
}

// state is where a message stands as its sender sees it.
func (sc *scene) state(r *history.Row) contractv1.Message_State {
	switch {
	case r.From != sc.me:
		return contractv1.Message_RECEIVED
	case r.State == history.Failed:
		return contractv1.Message_NOT_SENT
	case r.State == history.Waiting && !sc.sent[r.ID]:
		return contractv1.Message_WAITING
	case r.Seq() == 0 || sc.alone:
		return contractv1.Message_SENT
	case r.Seq() <= sc.read:
		return contractv1.Message_READ
	case r.Seq() <= sc.delivered:
		return contractv1.Message_DELIVERED
	}
	return contractv1.Message_SENT
}

func (sc *scene) message(prev, r *history.Row) view.Node {
	m := &contractv1.Message{
		From: r.From, Name: sc.name(r.From), Mine: r.From == sc.me, TimeMs: r.Time,
		State: sc.state(r), Continues: sc.continues(prev, r), Note: sc.note(r),
	}
	switch {
	case r.Gone():
		m.Deleted = true
	case m.Note == "":
		if f := sc.forwarded(r); f != nil {
			m.Body = append(m.Body, f)
		}
		m.Body = append(m.Body, format(r.Shown(), sc.book, sc.emoticons)...)
		m.Edited = r.WasEdited()
		m.BeingEdited = r.ID == sc.editing
		m.Quote = sc.quote(r.ReplyTo)
	}
	m.Menu = sc.menu(r)
	m.Reactions = sc.chips(r)
	m.React, m.Forward = reactable(r) && !sc.readOnly, reactable(r)
	if m.State == contractv1.Message_NOT_SENT {
		m.Reason = clip(r.Reason, maxReason)
	}
	m.Extra = sc.extra(r)
	if p := sc.image(r); p != nil {
		m.Extra = append([]view.Node{p}, m.Extra...)
	}
	return view.Message(r.ID, m)
}

// note is what is said in place of a body that cannot be shown.
func (sc *scene) note(r *history.Row) string {
	switch {
	case r.Gone() || r.Kind == wire.Text:
		return ""
	case r.Kind == wire.Newer:
		return sc.words.newer
	}
	return sc.words.broken
}

func (sc *scene) menu(r *history.Row) []*contractv1.Item {
	info := view.Entry(menuInfo, sc.words.chat().info, view.EntryIcon("info"))
	if r.Gone() || r.Kind != wire.Text || r.State == history.Failed {
		return []*contractv1.Item{info}
	}
	items := []*contractv1.Item{
		view.Entry(menuReply, sc.words.reply, view.EntryIcon("reply")),
		view.Entry(menuCopy, sc.words.copyText, view.EntryIcon("copy"), view.EntryMany),
		info,
	}
	if r.From == sc.me && sc.readBy != nil && r.Seq() > 0 {
		if read, of := sc.readBy(r.Seq()); of > 0 {
			items = append(items, view.Entry(menuReceipts, fmt.Sprintf(sc.words.readBy, read, of)))
		}
	}
	if r.From == sc.me {
		items = append(items,
			view.Entry(menuEdit, sc.words.edit, view.EntryIcon("edit")),
			view.Entry(menuDelete, sc.words.remove, view.EntryIcon("delete"), view.EntryDanger, view.SeparatorBefore, view.EntryMany))
	}
	return items
}

// extra stands below a message that was not sent, or whose change was refused.
func (sc *scene) extra(r *history.Row) []view.Node {
	buttons := view.Row(
		view.Button(buttonAgain, sc.words.again, view.Quiet),
		view.Button(buttonDiscard, sc.words.discard, view.Quiet, view.Destructive))
	switch {
	case r.State == history.Failed:
		return []view.Node{buttons}
	case r.Change != nil && r.Change.Reason != "":
		sentence := sc.words.editNotSent
		if r.Change.Kind == wire.Delete {
			sentence = sc.words.deleteNotSent
		}
		return []view.Node{view.Danger(strings.Replace(sentence, "%s", clip(r.Change.Reason, maxReason), 1)), buttons}
	}
	return nil
}

func (sc *scene) quote(id string) *contractv1.Quote {
	if id == "" {
		return nil
	}
	r := sc.quotes[id]
	switch {
	case r == nil:
		return &contractv1.Quote{Text: sc.words.quoteGone}
	case r.Gone():
		return &contractv1.Quote{Key: id, Name: sc.name(r.From), Text: sc.words.deleted, Deleted: true}
	}
	return &contractv1.Quote{Key: id, Name: sc.name(r.From), Text: sc.line(r, maxQuote)}
}

// line is a row in one line of at most limit bytes.
func (sc *scene) line(r *history.Row, limit int) string {
	if r.Gone() {
		return sc.words.deleted
	}
	if r.Kind == history.Event {
		return clip(sc.happened(r), limit)
	}
	if note := sc.note(r); note != "" {
		return clip(note, limit)
	}
	text := r.Shown()
	if text == "" && r.Picture != "" {
		return clip(sc.words.picture, limit)
	}
	if len(text) > 4*limit { // no need to split 32 KiB for one line
		text = clip(text, 4*limit)
	}
	var plain strings.Builder
	for _, span := range format(text, nil, sc.emoticons) {
		plain.WriteString(span.GetText())
	}
	return clip(strings.Join(strings.Fields(plain.String()), " "), limit)
}

// clip cuts a text to at most limit bytes, between runes and with an ellipsis.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := max(limit-len("…"), 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
