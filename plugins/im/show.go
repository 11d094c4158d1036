package im

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// Ids of the nodes of the view.
const (
	listID     = "log"
	typingID   = "typing"
	composerID = "composer"
	bannerID   = "banner"
	closeID    = "banner:close"

	readOnlyID = "read-only"
)

const (
	maxRedraw   = 100       // more changes than this at once make the list anew
	maxPatch    = 200       // changes in one patch
	answerBytes = 512 << 10 // of one answer or patch, well below a frame
	maxNamed    = 100       // people in one list
	maxPreview  = 200       // bytes of a message in summary and compact view
)

// shown is what the host was told, and what it must be told at the end of the
// event at hand.
type shown struct {
	visible    sdk.Visible
	wanted     bool // somebody has asked for items
	generation int64
	revision   int64
	newAt      string // id of the message above which the "new" line stands

	ops     []view.Op
	dirty   map[string]bool // rows to be drawn again
	anew    bool            // drop the list and start over
	view    bool
	summary bool

	lastView, lastCompact view.Node
	lastSummary           sdk.Summary
}

// scene collects what is needed to draw rows.
func (c *chat) scene(ctx context.Context, rows []history.Row) (*scene, error) {
	c.shown.revision++
	sc := &scene{
		me: c.me, name: c.name, known: c.knownName, alone: len(c.others) == 0, delivered: c.delivered, read: c.read, sent: c.sent,
		editing: c.composer.editing, newAt: c.shown.newAt, words: c.words, now: c.now(), revision: c.shown.revision,
		quotes: map[string]*history.Row{}, book: c.book(), older: c.olderLine(),
		emoticons: c.setting("emoticons"), readOnly: c.readOnly != "",
	}
	if c.group() && c.receiptsWanted() {
		sc.readBy = c.readBy
	}
	for i := range rows {
		id := rows[i].ReplyTo
		if id == "" || sc.quotes[id] != nil {
			continue
		}
		row, err := c.log.Row(ctx, id)
		if err != nil {
			return nil, err
		}
		sc.quotes[id] = row
	}
	return sc, nil
}

// settle tells the host what the event has changed.
func (c *chat) settle(ctx context.Context) error {
	sh := &c.shown
	if len(sh.dirty) > maxRedraw || len(sh.ops) > 2*maxPatch {
		sh.anew = true
	}
	if sh.anew {
		sh.generation++
		sh.ops, sh.view = nil, true
	} else if err := c.redraw(ctx); err != nil {
		return err
	}
	sh.view = sh.view || c.infoOf != "" && sh.dirty[c.infoOf]
	clear(sh.dirty)
	sh.anew = false
	c.patch()
	if sh.view {
		sh.view = false
		if err := c.renewInfo(ctx); err != nil {
			return err
		}
		c.show()
	}
	if sh.summary && c.caughtUp && len(c.batch) == 0 {
		sh.summary = false
		return c.summarise(ctx)
	}
	return nil
}

// redraw turns dirty rows into changes of the list.
func (c *chat) redraw(ctx context.Context) error {
	if !c.shown.wanted {
		return nil
	}
	for id := range c.shown.dirty {
		row, err := c.log.Row(ctx, id)
		if err != nil {
			return err
		}
		if row == nil {
			c.shown.ops = append(c.shown.ops, view.Remove(dayPrefix+id), view.Remove(id))
			continue
		}
		before, err := c.log.Before(ctx, row.Place())
		if err != nil {
			return err
		}
		sc, err := c.scene(ctx, []history.Row{*row})
		if err != nil {
			return err
		}
		c.shown.ops = append(c.shown.ops, view.Replace(view.ListItem(id, sc.row(before, row), sc.revision)))
	}
	return nil
}

// place puts rows after before, and anew what now follows them: it may begin a run or
// a day, or no longer.
func (c *chat) place(ctx context.Context, before *history.Row, rows []history.Row) error {
	if !c.shown.wanted || c.shown.anew || len(rows) == 0 {
		return nil
	}
	if len(rows) > maxPatch {
		c.shown.anew = true
		return nil
	}
	next, err := c.log.After(ctx, rows[len(rows)-1].Place(), 2)
	if err != nil {
		return err
	}
	rows = append(rows, next...)
	sc, err := c.scene(ctx, rows)
	if err != nil {
		return err
	}
	for i := range rows {
		c.placeOne(sc, before, &rows[i])
		before = &rows[i]
	}
	return nil
}

func (c *chat) placeOne(sc *scene, before, r *history.Row) {
	after := ""
	if before != nil {
		after = before.ID
	}
	delete(c.shown.dirty, r.ID)
	if !sc.needsDay(before, r) {
		c.shown.ops = append(c.shown.ops, view.Remove(dayPrefix+r.ID))
	}
	for _, item := range sc.item(before, r) {
		c.shown.ops = append(c.shown.ops, view.Insert(after, item))
		after = item.GetKey()
	}
}

// patch sends the changes of the list in pieces that fit.
func (c *chat) patch() {
	ops := c.shown.ops
	c.shown.ops = nil
	for len(ops) > 0 {
		n, size := 0, 0
		for n < len(ops) && n < maxPatch {
			size += proto.Size(ops[n])
			if n > 0 && size > answerBytes {
				break
			}
			n++
		}
		c.oops("patch the list", c.s.Patch(listID, c.shown.generation, ops[:n]...))
		ops = ops[n:]
	}
}

// show sends the view when it has changed.
func (c *chat) show() {
	n := c.tree()
	if proto.Equal(n, c.shown.lastView) {
		return
	}
	if err := c.s.Show(n); err != nil {
		c.oops("show", err)
		return
	}
	c.shown.lastView = n
	if c.composer.replace { // only now there is a composer
		c.composer.replace = false
		c.replaceText(c.composer.draft)
	}
}

func (c *chat) tree() view.Node {
	if c.readOnly != "" {
		parts := []view.Node{
			view.List(listID, c.shown.generation, view.StickToEnd, view.TrackSeen, view.Dates, view.Empty(c.emptyLine())),
			view.Composer(readOnlyID, view.Disabled(c.readOnly)),
		}
		if c.infoNode != nil {
			parts = append(parts, c.infoNode)
		}
		return view.With(view.Column(parts...), view.Grow(listID))
	}
	options := []view.Option{view.Hint(c.hint()), view.Initial(c.composer.initial)}
	options = append(options, view.Pictures, view.Emoji, view.Formatting)
	if c.group() {
		options = append(options, view.Mentions)
	}
	reply, picture := c.banner(), c.attached()
	if picture != nil {
		options = append(options, view.MayBeEmpty)
	}
	switch {
	case reply != nil && picture != nil:
		options = append(options, view.Banner(view.Column(reply, picture)))
	case reply != nil:
		options = append(options, view.Banner(reply))
	case picture != nil:
		options = append(options, view.Banner(picture))
	}
	typing := view.Text(c.typingLine(), view.Style(contractv1.Text_CAPTION), view.ID(typingID), view.MaxLines(1))
	parts := []view.Node{
		view.List(listID, c.shown.generation, view.StickToEnd, view.TrackSeen, view.Dates, view.Empty(c.emptyLine())),
		typing, view.Composer(composerID, options...),
	}
	if c.infoNode != nil {
		parts = append(parts, c.infoNode)
	}
	return view.With(view.Column(parts...), view.Grow(listID))
}

func (c *chat) hint() string {
	switch {
	case len(c.others) == 0 && c.conversation.GetKind() != contractv1.Conversation_GROUP:
		return c.words.hintSelf
	case len(c.others) == 1 && c.conversation.GetKind() != contractv1.Conversation_GROUP:
		return strings.Replace(c.words.hint, "%s", clip(c.name(c.others[0]), maxPreview), 1)
	}
	return strings.Replace(c.words.hint, "%s", clip(c.title, maxPreview), 1)
}

// banner says what is being answered or edited; nil for neither.
func (c *chat) banner() view.Node {
	title, text := "", c.composer.about
	switch {
	case c.composer.editing != "":
		title = c.words.editing
	case c.composer.replyTo != "":
		title = strings.Replace(c.words.replyingTo, "%s", clip(c.composer.aboutName, maxPreview), 1)
	default:
		return nil
	}
	return view.With(view.Row(
		view.With(view.Column(
			view.Text(title, view.Style(contractv1.Text_STRONG), view.MaxLines(1)),
			view.Text(text, view.Style(contractv1.Text_SECONDARY), view.MaxLines(1)),
		), view.ID("banner:text")),
		view.IconButton(closeID, "close", c.words.closeBanner, view.Quiet),
	), view.ID(bannerID), view.Grow("banner:text"), view.Align(contractv1.Box_CENTER))
}

// summarise renews the conversation's line in the list and the compact view.
func (c *chat) summarise(ctx context.Context) error {
	row, err := c.log.Before(ctx, history.At(history.End))
	if err != nil {
		return err
	}
	draft := clip(strings.Join(strings.Fields(c.composer.draft), " "), maxPreview)
	sum := sdk.Summary{Unread: c.unreadShown(), Mentions: c.mentions, Alert: sdk.AlertNone, Draft: draft, Typing: len(c.typing.until) > 0}
	sc, err := c.scene(ctx, nil)
	if err != nil {
		return err
	}
	if row != nil {
		sum.Text, sum.From, sum.Time = sc.line(row, maxPreview), row.From, time.UnixMilli(row.Time)
		if row.Kind == history.Event {
			sum.From = ""
		}
	}
	if line, who, ok, err := c.lastReaction(ctx, sc, row); err != nil {
		return err
	} else if ok {
		sum.Text, sum.From = line, who
	}
	c.alert(&sum)
	again := sum.Typing && c.now().Sub(c.typing.shown) >= typingEvery // the host forgets it
	if sum != c.shown.lastSummary || again {
		if err := c.s.SetSummary(ctx, sum); err != nil {
			c.oops("set summary", err)
			return nil
		}
		c.shown.lastSummary = sum
		c.alerted = c.mentioned
		c.typing.shown = c.now()
	}
	c.showCompact(sc, row)
	return nil
}

// alert asks for the person's attention, for messages only.
func (c *chat) alert(sum *sdk.Summary) {
	if c.message == nil {
		return
	}
	sum.Seq = c.message.Pos
	read := c.cursors[c.me][stateRead]
	switch {
	case c.mentioned > max(read, c.alerted):
		sum.Alert = sdk.AlertMention
	case c.message.From != c.me && c.message.Pos > read && c.unread > 0: // not by an import
		sum.Alert = sdk.AlertMessage
	}
}

func (c *chat) showCompact(sc *scene, row *history.Row) {
	n := view.Secondary(c.words.empty)
	if row != nil {
		name := c.name(row.From)
		if row.From == c.me {
			name = c.words.you
		}
		if row.Kind == history.Event {
			name = c.title
		}
		n = view.Column(
			view.Text(clip(name, maxPreview), view.Style(contractv1.Text_STRONG), view.MaxLines(1)),
			view.Text(sc.line(row, 2*maxPreview), view.MaxLines(2)))
	}
	if proto.Equal(n, c.shown.lastCompact) {
		return
	}
	if err := c.s.ShowCompact(n); err != nil {
		c.oops("show the compact view", err)
		return
	}
	c.shown.lastCompact = n
}
