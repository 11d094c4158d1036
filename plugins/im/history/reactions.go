package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"switchboard/plugins/im/wire"
)

// MaxReactions is how many different emoji one message has; who comes with
// another after that is not heard.
const MaxReactions = 32

// Reaction is one emoji of a message and the addresses of who gave it. Both are
// in the order in which they came.
type Reaction struct {
	Emoji string
	From  []string
}

// Reacting is an own reaction, or the taking back of one, on its way.
type Reacting struct {
	Emoji string
	On    bool
}

// Own reactions that wait are kept among the changes, as this text.
func reactingText(emoji string, on bool) string {
	if on {
		return "+" + emoji
	}
	return "-" + emoji
}

// ReactionChange is an own reaction as AddChange keeps it.
func ReactionChange(id, target, emoji string, on bool, time int64) Change {
	return Change{ID: id, Target: target, Kind: wire.React, Time: time, Text: reactingText(emoji, on)}
}

// overlayReaction puts one that waits on its row.
func (r *Row) overlayReaction(c *Change) {
	if c.Reason == "" && len(c.Text) > 1 && !r.Deleted {
		r.Reacting = append(r.Reacting, Reacting{Emoji: c.Text[1:], On: c.Text[0] == '+'})
	}
}

// applyReaction takes a reaction that the order has. One to what is not there, is
// no text or was deleted does nothing.
func (l *Log) applyReaction(ctx context.Context, tx *sql.Tx, e *Entry) (sql.Result, error) {
	b := &e.Body
	if !b.On {
		return tx.ExecContext(ctx, `DELETE FROM reactions WHERE conv = ? AND target = ? AND emoji = ? AND who = ?`,
			l.conv, b.Target, b.Emoji, e.From)
	}
	return tx.ExecContext(ctx, `INSERT INTO reactions (conv, target, emoji, who, pos) SELECT ?1, ?2, ?3, ?4, ?5
		WHERE EXISTS (SELECT 1 FROM messages WHERE conv = ?1 AND id = ?2 AND kind = ?6 AND deleted = 0 AND state = 0)
		AND (EXISTS (SELECT 1 FROM reactions WHERE conv = ?1 AND target = ?2 AND emoji = ?3)
			OR (SELECT count(DISTINCT emoji) FROM reactions WHERE conv = ?1 AND target = ?2) < ?7)
		ON CONFLICT DO NOTHING`, l.conv, b.Target, b.Emoji, e.From, e.Seq, wire.Text, MaxReactions)
}

// react reads the reactions of rows that have any.
func (l *Log) react(ctx context.Context, rows []Row) error {
	at := map[string]int{}
	var ids []string
	for i := range rows {
		if rows[i].reacted > 0 {
			at[rows[i].ID] = i
			ids = append(ids, rows[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("read reactions: %w", err)
	}
	found, err := l.store.read.QueryContext(ctx, `SELECT target, emoji, who FROM reactions
		WHERE conv = ? AND target IN (SELECT value FROM json_each(?)) ORDER BY pos, who`, l.conv, string(list))
	if err != nil {
		return fmt.Errorf("read reactions: %w", err)
	}
	defer found.Close()
	for found.Next() {
		var target, emoji, who string
		if err := found.Scan(&target, &emoji, &who); err != nil {
			return fmt.Errorf("read reactions: %w", err)
		}
		r := &rows[at[target]]
		r.addReaction(emoji, who)
	}
	return found.Err()
}

func (r *Row) addReaction(emoji, who string) {
	for i := range r.Reactions {
		if r.Reactions[i].Emoji == emoji {
			r.Reactions[i].From = append(r.Reactions[i].From, who)
			return
		}
	}
	r.Reactions = append(r.Reactions, Reaction{Emoji: emoji, From: []string{who}})
}

// LastReaction is the newest reaction of somebody else to one of me's messages
// above a place: who, with what, and to which; false for none.
func (l *Log) LastReaction(ctx context.Context, me string, after int64) (who, emoji, target string, found bool, err error) {
	err = l.store.read.QueryRowContext(ctx, `SELECT r.who, r.emoji, r.target FROM
		(SELECT * FROM reactions WHERE conv = ?1 AND pos > ?2 ORDER BY pos DESC LIMIT ?4) r
		JOIN messages m ON m.conv = ?1 AND m.id = r.target WHERE r.who <> ?3 AND m.sender = ?3 ORDER BY r.pos DESC LIMIT 1`,
		l.conv, after, me, lookBack).Scan(&who, &emoji, &target)
	if err == sql.ErrNoRows {
		return "", "", "", false, nil
	}
	if err != nil {
		return "", "", "", false, fmt.Errorf("find the last reaction: %w", err)
	}
	return who, emoji, target, true, nil
}

// olderReactions are those of a row as another device is given them.
func olderReactions(r *Row) []wire.OlderReaction {
	var out []wire.OlderReaction
	for _, one := range r.Reactions {
		for _, who := range one.From {
			if len(out) < wire.MaxOlderReactions {
				out = append(out, wire.OlderReaction{Emoji: one.Emoji, From: who})
			}
		}
	}
	return out
}

// addOlderReactions stores them; they stand at their message's place.
func (l *Log) addOlderReactions(ctx context.Context, tx *sql.Tx, r *wire.OlderRow) error {
	for i, one := range r.Reactions {
		if _, err := tx.ExecContext(ctx, `INSERT INTO reactions (conv, target, emoji, who, pos) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			l.conv, r.ID, one.Emoji, one.From, r.Seq); err != nil {
			return fmt.Errorf("reaction %d of %s: %w", i, strings.ToValidUTF8(r.ID, ""), err)
		}
	}
	return nil
}
