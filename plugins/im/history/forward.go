package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Other opens another conversation's session that is known here, for reading; nil
// for one that is not.
func (s *Store) Other(ctx context.Context, conversation, session string) (*Log, error) {
	l := &Log{store: s}
	err := s.read.QueryRowContext(ctx, `SELECT n FROM conversations WHERE name = ? AND session = ?`, conversation, session).Scan(&l.conv)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open conversation %s: %w", conversation, err)
	}
	return l, nil
}
