package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// ExportVersion is the version of exported lines; a reader refuses higher ones.
const ExportVersion = 1

// Bounds of an export's lines.
const (
	MaxExportLine   = 112 << 10
	maxExportHeader = 4 << 10
	happened        = 100 // what was done to a group
	exportKind      = "switchboard conversation"
	exportTime      = "2006-01-02T15:04:05.000Z07:00"
	latestExported  = 253402300799999 // the end of the year 9999
)

// Errors of lines that are no export's.
var (
	ErrExport      = errors.New("im: not a line of an export")
	ErrExportNewer = errors.New("im: an export of a newer version")
)

// ExportHeader is an export's first line: what it is of.
type ExportHeader struct {
	Kind         string `json:"switchboard"`
	Version      int    `json:"version"`
	Network      string `json:"network"`
	Account      string `json:"account"` // address of who exported it
	Conversation string `json:"conversation"`
	Title        string `json:"title,omitempty"`
	Exported     string `json:"exported,omitempty"` // RFC 3339
}

// exported is one line behind the header.
type exported struct {
	Seq       int64            `json:"seq"`
	ID        string           `json:"id"`
	Time      string           `json:"time"`
	From      string           `json:"from"`
	Device    string           `json:"device,omitempty"`
	Kind      Kind             `json:"kind,omitempty"` // of what is no text; 100 is what was done to a group
	Text      string           `json:"text,omitempty"`
	ReplyTo   string           `json:"reply_to,omitempty"`
	Edited    bool             `json:"edited,omitempty"`
	EditTime  string           `json:"edit_time,omitempty"`
	Deleted   bool             `json:"deleted,omitempty"`
	Mention   bool             `json:"mention,omitempty"`
	Event     json.RawMessage  `json:"event,omitempty"`
	Picture   *exportedPicture `json:"picture,omitempty"`
	Forwarded *exportedAuthor  `json:"forwarded,omitempty"`
	Reactions []exportedEmoji  `json:"reactions,omitempty"`
}

type exportedPicture struct {
	Hash   string `json:"hash"`
	Type   string `json:"type"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

type exportedAuthor struct {
	Address string `json:"address,omitempty"`
	Name    string `json:"name,omitempty"`
}

type exportedEmoji struct {
	Emoji string `json:"emoji"`
	From  string `json:"from"`
}

// EncodeExportHeader gives the first line, with its end.
func EncodeExportHeader(h ExportHeader) ([]byte, error) {
	h.Kind, h.Version = exportKind, ExportVersion
	return exportLine(h)
}

// DecodeExportHeader reads the first line.
func DecodeExportHeader(line []byte) (ExportHeader, error) {
	var h ExportHeader
	if len(line) > maxExportHeader || json.Unmarshal(line, &h) != nil || h.Kind != exportKind || h.Version < 1 ||
		h.Account == "" || h.Conversation == "" {
		return ExportHeader{}, ErrExport
	}
	if h.Version > ExportVersion {
		return ExportHeader{}, ErrExportNewer
	}
	return h, nil
}

// EncodeExport gives the line of a row, with its end.
func EncodeExport(r OlderRow) ([]byte, error) {
	e := exported{Seq: r.Seq, ID: r.ID, Time: stamp(r.Time), From: r.From, Device: r.Device, Text: r.Text, ReplyTo: r.ReplyTo,
		Edited: r.Edited, Deleted: r.Deleted, Mention: r.Mention}
	if r.Kind != Text {
		e.Kind = r.Kind
	}
	if r.EditTime != 0 {
		e.EditTime = stamp(r.EditTime)
	}
	if r.Event != "" {
		if e.Event = json.RawMessage(r.Event); !json.Valid(e.Event) {
			return nil, fmt.Errorf("export %s: %w", r.ID, ErrExport)
		}
	}
	if p, err := contractv1.ParsePicture(r.Picture); r.Picture != "" && err == nil {
		e.Picture = &exportedPicture{p.Hash, p.Type, p.Width, p.Height, p.Bytes}
	}
	if a := ParseAuthor(r.Forwarded); a != (Author{}) {
		e.Forwarded = &exportedAuthor{a.Address, a.Name}
	}
	for _, one := range r.Reactions {
		e.Reactions = append(e.Reactions, exportedEmoji(one))
	}
	for {
		line, err := exportLine(e)
		if len(line) <= MaxExportLine || len(e.Reactions) == 0 {
			return line, err
		}
		e.Reactions = e.Reactions[:len(e.Reactions)/2] // the oldest ones stay: a longer line could not come back
	}
}

// exportable are the kinds that a line names: 0 is a text, and what changes another
// row is none of its own.
func exportable(k Kind) bool { return k == 0 || k == Newer || k == Broken || k == happened }

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(exportTime) }

func exportLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write a line of an export: %w", err)
	}
	return b.Bytes(), nil
}

// DecodeExport reads a line behind the header. It comes from a file that anybody may
// have written: what is not as EncodeExport makes it is refused.
func DecodeExport(line []byte) (OlderRow, error) {
	var e exported
	if len(line) > MaxExportLine || json.Unmarshal(line, &e) != nil {
		return OlderRow{}, ErrExport
	}
	at, err := time.Parse(time.RFC3339, e.Time)
	if err != nil || e.Seq < 1 || e.Seq >= 1<<40 || at.UnixMilli() < 0 || at.UnixMilli() > latestExported || !exportable(e.Kind) {
		return OlderRow{}, ErrExport
	}
	m := &OlderRowMsg{Seq: e.Seq, Id: e.ID, From: e.From, Device: e.Device, TimeMs: at.UnixMilli(), Kind: uint32(max(e.Kind, Text)), ReplyTo: e.ReplyTo,
		Text: e.Text, Edited: e.Edited, Deleted: e.Deleted, Mention: e.Mention, Event: string(e.Event)}
	if e.EditTime != "" {
		edited, err := time.Parse(time.RFC3339, e.EditTime)
		if err != nil || edited.UnixMilli() < 0 || edited.UnixMilli() > latestExported {
			return OlderRow{}, ErrExport
		}
		m.EditMs = edited.UnixMilli()
	}
	if p := e.Picture; p != nil {
		m.Picture = contractv1.Picture{Hash: p.Hash, Type: p.Type, Width: p.Width, Height: p.Height, Bytes: p.Bytes}.String()
	}
	if e.Forwarded != nil {
		m.Forwarded = encodeAuthor(Author(*e.Forwarded))
	}
	for _, one := range e.Reactions {
		m.Reactions = append(m.Reactions, &OlderReactionMsg{Emoji: one.Emoji, From: one.From})
	}
	if !validOlder(m) || m.Deleted && m.Text != "" || strings.ContainsFunc(m.From+m.Device, func(r rune) bool { return r < ' ' }) {
		return OlderRow{}, ErrExport
	}
	return OlderRow{Seq: m.Seq, ID: m.Id, From: m.From, Device: m.Device, Time: m.TimeMs, Kind: Kind(m.Kind), ReplyTo: m.ReplyTo,
		Text: m.Text, Edited: m.Edited, Deleted: m.Deleted, Mention: m.Mention, Event: m.Event, Picture: m.Picture,
		Forwarded: decodeAuthor(m.Forwarded).String(), EditTime: m.EditMs, Reactions: decodeOlderReactions(m)}, nil
}
