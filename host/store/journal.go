package store

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// ActionRow is an action of the person that no plugin has handled yet.
type ActionRow struct {
	Conversation string
	Session      string
	Plugin       string
	Action       *contractv1.Action
	TimeMs       int64
}

// AddAction journals an action.
func (tx *Tx) AddAction(r *ActionRow) error {
	cid, err := tx.conversation(r.Conversation)
	if err != nil {
		return err
	}
	a := r.Action
	source, err := sourceBytes(a)
	if err != nil {
		return err
	}
	return tx.run(`INSERT INTO actions (id, cid, session, plugin, node, kind, value, list, item, revision, time_ms, source)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
		a.GetId(), cid, r.Session, r.Plugin, a.GetNode(), int(a.GetKind()), a.GetValue(), a.GetList(), a.GetItem(), a.GetRevision(), r.TimeMs, source)
}

// sourceBytes is what an action names in another session; nil for nothing.
func sourceBytes(a *contractv1.Action) ([]byte, error) {
	if a.GetSourceConversation() == "" && len(a.GetKeys()) == 0 {
		return nil, nil
	}
	data, err := proto.Marshal(&contractv1.Action{SourceConversation: a.GetSourceConversation(),
		SourceSession: a.GetSourceSession(), Keys: a.GetKeys()})
	if err != nil {
		return nil, fmt.Errorf("journal an action: %w", err)
	}
	return data, nil
}

// DeleteAction clears an action: it was handled, or its text is back.
func (tx *Tx) DeleteAction(id string) error { return tx.run("DELETE FROM actions WHERE id=?", id) }

// Actions lists the journal in order.
func (s *Store) Actions(ctx context.Context) (list []*ActionRow, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		a := &contractv1.Action{}
		r := &ActionRow{Action: a}
		list = append(list, r)
		var source []byte
		if err := scan(&a.Id, &r.Conversation, &r.Session, &r.Plugin, &a.Node, &a.Kind, &a.Value, &a.List, &a.Item,
			&a.Revision, &r.TimeMs, &source); err != nil {
			return err
		}
		if err := (proto.UnmarshalOptions{Merge: true}).Unmarshal(source, a); err != nil {
			return fmt.Errorf("read an action: %w", err)
		}
		return nil
	}, `SELECT a.id, c.id, a.session, a.plugin, a.node, a.kind, a.value, a.list, a.item, a.revision, a.time_ms, a.source
		FROM actions a JOIN conversations c ON c.cid=a.cid ORDER BY a.aid`)
	return list, err
}

// SetEditor keeps the text of an editor; an empty text is forgotten.
func (tx *Tx) SetEditor(conversation, session, node, text string) error {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return err
	}
	if text == "" {
		return tx.run("DELETE FROM editors WHERE cid=? AND session=? AND node=?", cid, session, node)
	}
	return tx.run(`INSERT INTO editors (cid, session, node, text) VALUES (?,?,?,?)
		ON CONFLICT (cid, session, node) DO UPDATE SET text=excluded.text`, cid, session, node, text)
}

// Editor reads the kept text of an editor inside a transaction.
func (tx *Tx) Editor(conversation, session, node string) (text string, err error) {
	cid, err := tx.conversation(conversation)
	if err != nil {
		return "", err
	}
	_, err = tx.row("SELECT text FROM editors WHERE cid=? AND session=? AND node=?", []any{cid, session, node}, &text)
	return text, err
}

// Editors reads all kept texts of a session by node.
func (s *Store) Editors(ctx context.Context, conversation, session string) (map[string]string, error) {
	m := make(map[string]string)
	err := s.query(ctx, func(scan func(...any) error) error {
		var node, text string
		if err := scan(&node, &text); err != nil {
			return err
		}
		m[node] = text
		return nil
	}, "SELECT node, text FROM editors WHERE session=? AND cid=(SELECT cid FROM conversations WHERE id=?)", session, conversation)
	return m, err
}
