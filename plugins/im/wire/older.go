package wire

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of a piece of an older transcript.
const (
	MaxOlderRows = 2000
	maxOlderRaw  = 4 << 20 // bytes before it is compressed
	maxOlderName = 512     // bytes of an address or a device
	maxOlderText = 64 << 10
)

// OlderKey ends the keys of the states that concern a device: its id may hold what
// a key may not.
func OlderKey(device string) string {
	sum := sha256.Sum256([]byte(device))
	return hex.EncodeToString(sum[:8])
}

// OlderWant is what a device asks of the others of the same person.
type OlderWant struct {
	Device string
	Below  int64
	Try    uint32
}

// EncodeOlderWant gives the bytes of the state. With nothing below, it says that
// nothing is asked for any more.
func EncodeOlderWant(w OlderWant) ([]byte, error) {
	return proto.Marshal(&OlderWantMsg{Device: w.Device, Below: w.Below, Try: w.Try})
}

// DecodeOlderWant reads them; ok is false when they say nothing that can be done.
func DecodeOlderWant(data []byte) (w OlderWant, ok bool) {
	var m OlderWantMsg
	if proto.Unmarshal(data, &m) != nil || m.Below < 1 || m.Device == "" || len(m.Device) > maxOlderName {
		return OlderWant{}, false
	}
	return OlderWant{Device: m.Device, Below: m.Below, Try: m.Try}, true
}

// OlderHave is the answer.
type OlderHave struct {
	Device string
	Below  int64
	Hash   string
	Try    uint32
}

// EncodeOlderHave gives the bytes of the state.
func EncodeOlderHave(h OlderHave) ([]byte, error) {
	return proto.Marshal(&OlderHaveMsg{Device: h.Device, Below: h.Below, Hash: h.Hash, Try: h.Try})
}

// DecodeOlderHave reads them.
func DecodeOlderHave(data []byte) (h OlderHave, ok bool) {
	var m OlderHaveMsg
	if proto.Unmarshal(data, &m) != nil || m.Below < 1 || m.Device == "" || len(m.Device) > maxOlderName || !contractv1.ValidBlob(m.Hash) {
		return OlderHave{}, false
	}
	return OlderHave{Device: m.Device, Below: m.Below, Hash: m.Hash, Try: m.Try}, true
}

// Older is a piece of a transcript. Rows are oldest first.
type Older struct {
	Conversation string
	Below        int64
	End          bool // nothing is below the first one
	Rows         []OlderRow
}

// OlderRow is one row as it is kept.
type OlderRow struct {
	Seq                      int64
	ID, From, Device         string
	Time                     int64 // Unix ms
	Kind                     Kind
	ReplyTo, Text            string
	Edited, Deleted, Mention bool
	Event, Picture           string
	Forwarded                string // the text form of an Author
	EditTime                 int64  // Unix ms, 0 for none
	Reactions                []OlderReaction
}

// EncodeOlder gives a piece as a blob of at most limit bytes: of the rows those
// nearest to Below that fit. Without any it gives nothing.
func EncodeOlder(o Older, limit int) ([]byte, error) {
	m := &OlderMsg{Conversation: o.Conversation, Below: o.Below}
	raw := 0
	first := len(o.Rows)
	for first > 0 && len(o.Rows)-first < MaxOlderRows {
		r := o.Rows[first-1]
		row := &OlderRowMsg{Seq: r.Seq, Id: r.ID, From: r.From, Device: r.Device, TimeMs: r.Time, Kind: uint32(r.Kind), ReplyTo: r.ReplyTo,
			Text: r.Text, Edited: r.Edited, Deleted: r.Deleted, Mention: r.Mention, Event: r.Event, Picture: r.Picture,
			Forwarded: encodeAuthor(ParseAuthor(r.Forwarded)), EditMs: r.EditTime}
		for _, one := range r.Reactions {
			row.Reactions = append(row.Reactions, &OlderReactionMsg{Emoji: one.Emoji, From: one.From})
		}
		if raw += proto.Size(row) + 8; raw > maxOlderRaw/2 {
			break
		}
		m.Rows = append(m.Rows, row)
		first--
	}
	for i, j := 0, len(m.Rows)-1; i < j; i, j = i+1, j-1 {
		m.Rows[i], m.Rows[j] = m.Rows[j], m.Rows[i]
	}
	for len(m.Rows) > 0 {
		m.End = o.End && len(m.Rows) == len(o.Rows)
		data, err := packOlder(m)
		if err != nil || len(data) <= limit {
			return data, err
		}
		m.Rows = m.Rows[(len(m.Rows)+1)/2:]
	}
	return nil, nil
}

func packOlder(m *OlderMsg) ([]byte, error) {
	data, err := proto.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("pack older messages: %w", err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err = z.Write(data); err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack older messages: %w", err)
	}
	return b.Bytes(), nil
}

// ErrOlder says that a blob is no piece of a transcript.
var ErrOlder = errors.New("im: not a piece of a transcript")

// DecodeOlder reads a blob. It comes from a device of the same person, and is
// checked all the same: what is not as EncodeOlder makes it is refused whole.
func DecodeOlder(data []byte) (Older, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return Older{}, fmt.Errorf("%w: %w", ErrOlder, err)
	}
	raw, err := io.ReadAll(io.LimitReader(z, maxOlderRaw+1))
	if err != nil {
		return Older{}, fmt.Errorf("%w: %w", ErrOlder, err)
	}
	var m OlderMsg
	if len(raw) > maxOlderRaw || proto.Unmarshal(raw, &m) != nil || len(m.Rows) == 0 || len(m.Rows) > MaxOlderRows {
		return Older{}, ErrOlder
	}
	o := Older{Conversation: m.Conversation, Below: m.Below, End: m.End, Rows: make([]OlderRow, 0, len(m.Rows))}
	last := int64(0)
	for _, r := range m.Rows {
		if r.Seq <= last || r.Seq >= m.Below || !validOlder(r) {
			return Older{}, ErrOlder
		}
		last = r.Seq
		o.Rows = append(o.Rows, OlderRow{Seq: r.Seq, ID: r.Id, From: r.From, Device: r.Device, Time: r.TimeMs, Kind: Kind(r.Kind), ReplyTo: r.ReplyTo,
			Text: r.Text, Edited: r.Edited, Deleted: r.Deleted, Mention: r.Mention, Event: r.Event, Picture: r.Picture,
			Forwarded: decodeAuthor(r.Forwarded).String(), EditTime: max(r.EditMs, 0), Reactions: decodeOlderReactions(r)})
	}
	return o, nil
}

func decodeOlderReactions(r *OlderRowMsg) (out []OlderReaction) {
	for _, one := range r.Reactions {
		out = append(out, OlderReaction{Emoji: one.Emoji, From: one.From})
	}
	return out
}

func validOlder(r *OlderRowMsg) bool {
	if !ValidID(r.Id) || r.ReplyTo != "" && !ValidID(r.ReplyTo) || r.From == "" || r.Kind == 0 || r.Kind > 255 ||
		len(r.From) > maxOlderName || len(r.Device) > maxOlderName || len(r.Event) > maxOlderText || !utf8.ValidString(r.Event) {
		return false
	}
	if len(r.Reactions) > MaxOlderReactions {
		return false
	}
	for _, one := range r.Reactions {
		if !ValidEmoji(one.Emoji) || one.From == "" || len(one.From) > maxOlderName {
			return false
		}
	}
	if r.Text != "" {
		if text, err := Clean(r.Text); err != nil || text != r.Text {
			return false
		}
	}
	if r.Picture == "" {
		return true
	}
	p, err := contractv1.ParsePicture(r.Picture)
	return err == nil && p.String() == r.Picture
}
