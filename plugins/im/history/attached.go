package history

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Sending are messages that are being made of what was attached: the first of them has
// the id Key, and goes with the first picture.
type Sending struct {
	Key      string
	Pictures []string
}

// What is attached, and what is being sent, is kept with a line for each.
func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// SetPictures keeps what is attached to what is being written, each in the text form
// of a contractv1.Picture.
func (l *Log) SetPictures(ctx context.Context, pictures []string) error {
	return l.in(ctx, "keep what is attached", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE conversations SET picture = ? WHERE n = ?`, strings.Join(pictures, "\n"), l.conv)
		return err
	})
}

// Pictures are what is attached to what is being written.
func (l *Log) Pictures(ctx context.Context) ([]string, error) {
	var text string
	if err := l.store.read.QueryRowContext(ctx, `SELECT picture FROM conversations WHERE n = ?`, l.conv).Scan(&text); err != nil {
		return nil, fmt.Errorf("read what is attached: %w", err)
	}
	return linesOf(text), nil
}

// BeginSending keeps what is to be made of all that is attached, before the first of
// it is.
func (l *Log) BeginSending(ctx context.Context, s Sending) error {
	return l.in(ctx, "keep what is being sent", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE conversations SET sending = ? WHERE n = ?`, s.Key+"\n"+strings.Join(s.Pictures, "\n"), l.conv)
		return err
	})
}

// Sending is what was begun and not ended; its key is empty for nothing.
func (l *Log) Sending(ctx context.Context) (s Sending, err error) {
	var text string
	if err = l.store.read.QueryRowContext(ctx, `SELECT sending FROM conversations WHERE n = ?`, l.conv).Scan(&text); err != nil {
		return s, fmt.Errorf("read what is being sent: %w", err)
	}
	if lines := linesOf(text); len(lines) > 0 {
		s.Key, s.Pictures = lines[0], lines[1:]
	}
	return s, nil
}

// EndSending forgets what was being sent: done says that all of it was made, so that
// nothing is attached any more.
func (l *Log) EndSending(ctx context.Context, done bool) error {
	return l.in(ctx, "end what is being sent", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE conversations SET sending = '', picture = iif(?, '', picture) WHERE n = ?`, done, l.conv)
		return err
	})
}
