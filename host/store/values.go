package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// MaxValue bounds a value of SetValue.
const MaxValue = 64 << 10

// Value reads a small value of the host or the window.
func (s *Store) Value(ctx context.Context, key string) (value string, found bool, err error) {
	err = s.rdb.QueryRowContext(ctx, "SELECT value FROM kv WHERE key=?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return value, err == nil, mapError(err)
}

// SetValue keeps a small value; an empty one is forgotten.
func (s *Store) SetValue(ctx context.Context, key, value string) error {
	if len(key) > 256 || len(value) > MaxValue {
		return fmt.Errorf("keep value %.64q: larger than %d bytes", key, MaxValue)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Update(func(tx *Tx) error {
		if value == "" {
			return tx.run("DELETE FROM kv WHERE key=?", key)
		}
		return tx.run("INSERT INTO kv (key, value) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value", key, value)
	})
}

// Contacts reads the roster as it was last known.
func (s *Store) Contacts(ctx context.Context) (list []*contractv1.Contact, err error) {
	err = s.query(ctx, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		c := &contractv1.Contact{}
		list = append(list, c)
		return proto.Unmarshal(data, c)
	}, "SELECT contact FROM contacts ORDER BY address")
	return list, err
}

// SaveContacts keeps the whole roster (full) or what changed; a contact whose
// state is REMOVED is forgotten.
func (s *Store) SaveContacts(ctx context.Context, full bool, list []*contractv1.Contact) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Update(func(tx *Tx) error {
		if full {
			if err := tx.run("DELETE FROM contacts"); err != nil {
				return err
			}
		}
		for _, c := range list {
			if err := tx.saveContact(c); err != nil {
				return err
			}
		}
		return nil
	})
}

func (tx *Tx) saveContact(c *contractv1.Contact) error {
	if c.GetState() == contractv1.Contact_REMOVED {
		return tx.run("DELETE FROM contacts WHERE address=?", c.GetAddress())
	}
	data, err := proto.Marshal(c)
	if err != nil {
		return err
	}
	return tx.run("INSERT INTO contacts (address, contact) VALUES (?,?) ON CONFLICT (address) DO UPDATE SET contact=excluded.contact",
		c.GetAddress(), data)
}
