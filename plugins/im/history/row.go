package history

import (
	"database/sql"
	"fmt"

	"switchboard/plugins/im/wire"
)

// pendingBase is where own messages stand that the network has not ordered yet.
const pendingBase = int64(1) << 62

// Event is the kind of a row that is no message: something was done to the
// group. It is never on the wire.
const Event wire.Kind = 100

// State is where a row stands on its way to the network.
type State uint8

// Stored rows have their place in the order; the others are own and have not.
const (
	Stored State = iota
	Waiting
	Failed
)

// Row is one message as it is to be shown.
type Row struct {
	ID           string
	Pos          int64 // place in the transcript; the sequence number of a stored row
	From, Device string
	Time         int64 // Unix ms: the server's, or local while not stored
	Kind         wire.Kind
	State        State
	Edited       bool
	Deleted      bool
	ReplyTo      string
	Reason       string // why it was not sent
	Text         string
	Picture      string // above the text, in the text form of a contractv1.Picture; empty for none
	Mention      bool   // somebody else's message that names me
	Event        string // of an Event: what was done, as it was given
	Forwarded    string // whose it was, in the text form of a wire.Author; empty when it is the sender's own
	EditTime     int64  // Unix ms of the last edit; 0 when it is not known
	Reactions    []Reaction
	Reacting     []Reacting // own reactions that are not in the order yet, oldest first
	reacted      int
	place        int64 // of an own row: the row of the order that was last when it was written
	at           Place
	Change       *Change // own edit or deletion that is not in the order yet
}

// Seq is the row's place in the conversation's order, 0 when it has none yet.
func (r *Row) Seq() int64 {
	if r.Pos >= pendingBase {
		return 0
	}
	return r.Pos
}

// Gone says that the row is to be shown as deleted.
func (r *Row) Gone() bool {
	return r.Deleted || r.Change != nil && r.Change.Kind == wire.Delete && r.Change.Reason == ""
}

// Shown is the text to be shown: a waiting edit is shown at once.
func (r *Row) Shown() string {
	if r.Change != nil && r.Change.Kind == wire.Edit && r.Change.Reason == "" {
		return r.Change.Text
	}
	return r.Text
}

// WasEdited says whether the shown text is not the first one.
func (r *Row) WasEdited() bool {
	return r.Edited || r.Change != nil && r.Change.Kind == wire.Edit && r.Change.Reason == ""
}

// Change is an own edit or deletion on its way. With a Reason it was refused.
type Change struct {
	ID     string
	Target string
	Kind   wire.Kind // Edit, Delete or React
	Time   int64
	Reason string
	Text   string
}

const columns = `id, pos, sender, device, time, kind, state, edited, deleted, reply_to, reason, text, mention, event, picture, forwarded, edit_time, reactions, place`

type scanner interface{ Scan(...any) error }

func scanRow(s scanner) (Row, error) {
	var r Row
	err := s.Scan(&r.ID, &r.Pos, &r.From, &r.Device, &r.Time, &r.Kind, &r.State,
		&r.Edited, &r.Deleted, &r.ReplyTo, &r.Reason, &r.Text, &r.Mention, &r.Event, &r.Picture, &r.Forwarded, &r.EditTime, &r.reacted, &r.place)
	return r, err
}

func scanRows(rows *sql.Rows, err error) ([]Row, error) {
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, fmt.Errorf("read messages: %w", err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return out, nil
}
