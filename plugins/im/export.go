package im

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/plugins/im/wire"
	"switchboard/sdk"
)

// Bounds of a page of an export or import.
const (
	exportRows  = 1000
	exportBytes = 600 << 10 // as JSON, which the answer is
	importRows  = 1000
)

// ExportPage answers the command export: a piece of text, and where the next begins;
// empty at the end.
type ExportPage struct {
	Text   string `json:"text"`
	Cursor string `json:"cursor"`
}

// transfer answers export and import; taken says that the command was one of them.
func (c *chat) transfer(ctx context.Context, cmd sdk.Command) (result any, taken bool, err error) {
	switch cmd.Name {
	case "export":
		var a struct{ Format, Cursor string }
		if cmd.Decode(&a) != nil {
			return nil, true, refusal(c.words.badArguments)
		}
		result, err = c.export(ctx, a.Format, a.Cursor)
		return result, true, err
	case "import":
		var a struct {
			Header json.RawMessage
			Lines  []json.RawMessage
		}
		if cmd.Decode(&a) != nil || len(a.Lines) > importRows {
			return nil, true, refusal(c.words.badArguments)
		}
		added, err := c.imports(ctx, a.Header, a.Lines)
		return map[string]int{"added": added}, true, err
	}
	return nil, false, nil
}

// export writes one page, oldest first. What the network has not ordered is left out:
// it has no place to come back to.
func (c *chat) export(ctx context.Context, format, cursor string) (ExportPage, error) {
	var page ExportPage
	from := int64(0)
	if cursor != "" {
		var err error
		if from, err = strconv.ParseInt(cursor, 10, 64); err != nil || from < 1 {
			return page, refusal(c.words.badArguments)
		}
	}
	rows, err := c.log.OrderFrom(ctx, from, exportRows+1)
	if err != nil {
		return page, err
	}
	var write func(r *history.Row) ([]byte, error)
	var b bytes.Buffer
	switch format {
	case "json":
		if cursor == "" {
			head, err := wire.EncodeExportHeader(c.exportHeader())
			if err != nil {
				return page, err
			}
			b.Write(head)
		}
		write = func(r *history.Row) ([]byte, error) { return wire.EncodeExport(r.Older()) }
	case "text":
		sc, err := c.scene(ctx, rows)
		if err != nil {
			return page, err
		}
		if cursor == "" {
			fmt.Fprintf(&b, "%s\n\n", c.exportTitle())
		}
		write = func(r *history.Row) ([]byte, error) { return []byte(sc.exportText(r)), nil }
	default:
		return page, refusal(c.words.badArguments)
	}
	size := b.Len()
	for i := range rows {
		line, err := write(&rows[i])
		if err != nil {
			return page, err
		}
		quoted, err := json.Marshal(string(line))
		if err != nil {
			return page, err
		}
		if size += len(quoted); i == exportRows || i > 0 && size > exportBytes {
			page.Cursor = strconv.FormatInt(rows[i].Pos, 10)
			break
		}
		b.Write(line)
	}
	page.Text = b.String()
	return page, nil
}

func (c *chat) exportTitle() string {
	switch {
	case c.title != "":
		return c.title
	case len(c.others) > 0:
		return c.name(c.others[0])
	}
	return c.words.hintSelf
}

func (c *chat) exportHeader() wire.ExportHeader {
	_, network, _ := strings.Cut(c.me, "@")
	return wire.ExportHeader{Network: network, Account: c.me, Conversation: c.conversation.GetId(), Title: clip(c.exportTitle(), maxQuote),
		Exported: c.now().UTC().Format(time.RFC3339)}
}

// exportText is a row to be read by people.
func (sc *scene) exportText(r *history.Row) string {
	when := local(r.Time).Format("2006-01-02 15:04")
	if r.Kind == history.Event {
		return fmt.Sprintf("%s  — %s\n", when, sc.happened(r))
	}
	text := r.Shown()
	if note := sc.note(r); note != "" {
		text = note
	}
	if r.Gone() {
		text = sc.words.deleted
	}
	if p, ok := pictureOf(r.Picture); ok && !r.Gone() {
		text = strings.TrimSpace(fmt.Sprintf("[%s %s] %s", sc.words.picture, p.Hash, text))
	}
	return fmt.Sprintf("%s  %s: %s\n", when, sc.name(r.From), strings.ReplaceAll(text, "\n", "\n    "))
}

// imports adds what is missing here of lines of an export of this conversation by
// this account. Nobody else learns of it.
func (c *chat) imports(ctx context.Context, header json.RawMessage, lines []json.RawMessage) (added int, err error) {
	h, err := wire.DecodeExportHeader(header)
	switch {
	case errors.Is(err, wire.ErrExportNewer):
		return 0, refusal(c.words.more().newerExport)
	case err != nil:
		return 0, refusal(c.words.more().badExport)
	case h.Account != c.me:
		return 0, refusal(c.words.more().otherFile)
	case h.Conversation != c.conversation.GetId():
		return 0, refusal(c.words.more().otherConversation)
	}
	oldest := int64(0)
	if c.kept != nil {
		if age, limited := ages[c.kept()]; limited { // it would be removed at once
			oldest = c.now().Add(-age).UnixMilli()
		}
	}
	rows := make([]wire.OlderRow, 0, len(lines))
	highest, tomorrow := int64(0), c.now().Add(24*time.Hour).UnixMilli()
	for _, line := range lines {
		r, err := wire.DecodeExport(line)
		if err != nil || r.Kind == history.Event && eventOf(&history.Row{Event: r.Event}) == (event{}) || r.Time > tomorrow {
			return 0, refusal(strings.Replace(c.words.more().badLine, "%s", clip(string(line), 80), 1))
		}
		// What stands behind all that the network has told, it would tell itself, or has
		// not told yet. Nothing is known of where that belongs as long as it has told
		// nothing at all; what proves to be wrong goes then.
		if c.position > 0 && r.Seq > c.position {
			return 0, refusal(c.words.more().aheadOfHere)
		}
		if r.Time >= oldest {
			rows, highest = append(rows, r), max(highest, r.Seq)
		}
	}
	if added, err = c.log.AddImported(ctx, rows); err != nil || added == 0 {
		return added, err
	}
	// That these have arrived was told when they did. Of what is said to be above all that
	// the network has told, nothing is believed.
	if highest = min(highest, c.position); highest > c.deliveredC {
		if _, err := c.log.SetCursor(ctx, c.me, stateDelivered, highest); err != nil {
			return added, err
		}
		c.deliveredC = highest
	}
	return added, c.reload(ctx)
}
