package store

// interned remembers the numbers of names that occur in every row. Only the
// writer uses it, under the store's lock.
type interned struct {
	conversations map[string]int64
	authors       map[author]int64
	sessions      map[sessionName]int64
}

type author struct{ address, device string }

type sessionName struct {
	cid int64
	id  string
}

// maxInterned bounds each map; a full one starts anew, the truth is on disk.
const maxInterned = 20_000

func newInterned() interned {
	return interned{make(map[string]int64), make(map[author]int64), make(map[sessionName]int64)}
}

// remember keeps a number and forgets it again if the transaction fails.
func remember[K comparable](tx *Tx, m map[K]int64, k K, n int64) int64 {
	if len(m) >= maxInterned {
		clear(m)
	}
	m[k] = n
	tx.fresh = append(tx.fresh, func() { delete(m, k) })
	return n
}

// conversation answers the number of a conversation, making its row if needed.
func (tx *Tx) conversation(id string) (int64, error) {
	m := tx.s.ids.conversations
	if n, ok := m[id]; ok {
		return n, nil
	}
	if err := tx.run("INSERT INTO conversations (id) VALUES (?) ON CONFLICT DO NOTHING", id); err != nil {
		return 0, err
	}
	var n int64
	if _, err := tx.row("SELECT cid FROM conversations WHERE id=?", []any{id}, &n); err != nil {
		return 0, err
	}
	return remember(tx, m, id, n), nil
}

func (tx *Tx) author(address, device string) (int64, error) {
	m, k := tx.s.ids.authors, author{address, device}
	if n, ok := m[k]; ok {
		return n, nil
	}
	if err := tx.run("INSERT INTO authors (address, device) VALUES (?,?) ON CONFLICT DO NOTHING", address, device); err != nil {
		return 0, err
	}
	var n int64
	if _, err := tx.row("SELECT aid FROM authors WHERE address=? AND device=?", []any{address, device}, &n); err != nil {
		return 0, err
	}
	return remember(tx, m, k, n), nil
}

// session answers the number of a session; found is false when it has no row.
func (tx *Tx) session(cid int64, id string) (n int64, found bool, err error) {
	m, k := tx.s.ids.sessions, sessionName{cid, id}
	if n, ok := m[k]; ok {
		return n, true, nil
	}
	if found, err = tx.row("SELECT sid FROM sessions WHERE cid=? AND id=?", []any{cid, id}, &n); err != nil || !found {
		return 0, false, err
	}
	return remember(tx, m, k, n), true, nil
}
