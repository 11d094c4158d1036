package session

import (
	"cmp"
	"slices"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Bounds of one session's own updates that failed: at twice that the oldest are
// forgotten. Their plugin was told of them when they failed.
const (
	maxFailedRows  = 256
	maxFailedBytes = 4 << 20
)

// owns are the own entries that were not read back, with what is asked about
// them often: nothing here depends on how many there are.
type owns struct {
	rows    map[string]*store.OutRow // by id
	session map[model.SessionKey]*ownUpdates
	waiting map[string]*amount // pending ones, by plugin
	failed  map[string]int     // updates that failed, by conversation
	queued  int                // pending ones in all
}

type amount struct{ rows, bytes int }

func (a *amount) add(rows, bytes int) {
	a.rows += rows
	a.bytes += bytes
}

// ownUpdates are those of one session.
type ownUpdates struct {
	rows   map[string]*store.OutRow
	failed amount
}

func newOwns() owns {
	return owns{rows: map[string]*store.OutRow{}, session: map[model.SessionKey]*ownUpdates{},
		waiting: map[string]*amount{}, failed: map[string]int{}}
}

func (o *owns) add(r *store.OutRow) {
	o.remove(o.rows[r.ID])
	o.rows[r.ID] = r
	if r.Kind == contractv1.Envelope_UPDATE {
		k := key(r.Conversation, r.Session)
		if o.session[k] == nil {
			o.session[k] = &ownUpdates{rows: map[string]*store.OutRow{}}
		}
		o.session[k].rows[r.ID] = r
	}
	o.count(r, 1)
}

func (o *owns) remove(r *store.OutRow) {
	if r == nil || o.rows[r.ID] != r {
		return
	}
	delete(o.rows, r.ID)
	o.count(r, -1)
	k := key(r.Conversation, r.Session)
	if s := o.session[k]; s != nil {
		if delete(s.rows, r.ID); len(s.rows) == 0 {
			delete(o.session, k)
		}
	}
}

// set moves an entry to another state.
func (o *owns) set(r *store.OutRow, state store.OutState) {
	if o.rows[r.ID] != r {
		r.State = state
		return
	}
	o.count(r, -1)
	r.State = state
	o.count(r, 1)
}

func (o *owns) count(r *store.OutRow, n int) {
	switch {
	case r.State == store.OutPending:
		w := o.waiting[r.Plugin]
		if w == nil {
			w = &amount{}
			o.waiting[r.Plugin] = w
		}
		if w.add(n, n*r.Size); w.rows == 0 {
			delete(o.waiting, r.Plugin)
		}
		o.queued += n
	case r.State == store.OutFailed && r.Kind == contractv1.Envelope_UPDATE:
		o.session[key(r.Conversation, r.Session)].failed.add(n, n*r.Size)
		if o.failed[r.Conversation] += n; o.failed[r.Conversation] == 0 {
			delete(o.failed, r.Conversation)
		}
	}
}

// of lists a session's own updates in order.
func (o *owns) of(k model.SessionKey) []*store.OutRow {
	s := o.session[k]
	if s == nil {
		return nil
	}
	list := make([]*store.OutRow, 0, len(s.rows))
	for _, r := range s.rows {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *store.OutRow) int { return cmp.Compare(a.N, b.N) })
	return list
}

// surplus are the oldest failed updates of a session when there are far too many.
func (o *owns) surplus(k model.SessionKey) (list []*store.OutRow) {
	s := o.session[k]
	if s == nil || s.failed.rows <= 2*maxFailedRows && s.failed.bytes <= 2*maxFailedBytes {
		return nil
	}
	left := s.failed
	for _, r := range o.of(k) {
		if left.rows <= maxFailedRows && left.bytes <= maxFailedBytes {
			break
		}
		if r.State == store.OutFailed {
			list = append(list, r)
			left.add(-1, -r.Size)
		}
	}
	return list
}

// enqueue puts a pending entry behind those of its priority.
func (c *conversation) enqueue(r *store.OutRow) {
	i, _ := slices.BinarySearchFunc(c.out, r.Priority+1, func(o *store.OutRow, p int) int { return cmp.Compare(o.Priority, p) })
	c.out = slices.Insert(c.out, i, r)
}

// unqueue takes an entry off the queue to the network; mostly it is the first.
func (c *conversation) unqueue(r *store.OutRow) {
	switch i := slices.Index(c.out, r); {
	case i == 0:
		c.out[0] = nil
		c.out = c.out[1:]
	case i > 0:
		c.out = slices.Delete(c.out, i, i+1)
	}
}

// callDiscard drops an own update that failed or waits; it is not told of again.
func (e *Engine) callDiscard(l *live, id string) answer {
	r := e.own.rows[id]
	if r == nil {
		return done()
	}
	c := e.conversation(r.Conversation)
	switch {
	case key(r.Conversation, r.Session) != l.s.key || r.Kind != contractv1.Envelope_UPDATE:
		return failed(contractv1.Error_NOT_FOUND, "The session has no such update.")
	case r.State == store.OutSent:
		return failed(contractv1.Error_UNAVAILABLE, "It is at the network already.")
	case slices.Contains(c.flight, r):
		return failed(contractv1.Error_UNAVAILABLE, "It is on its way to the network.")
	}
	if err := e.write(func(tx *store.Tx) error { return tx.DeleteOut(id) }); err != nil {
		return answer{err: err}
	}
	e.dropOut(r)
	l.queue = slices.DeleteFunc(l.queue, func(f *contractv1.HostFrame) bool {
		ev := f.GetEvent()
		return ev.GetPending() != nil && ev.GetPending().GetId() == id || ev.GetFailed() != nil && ev.GetFailed().GetId() == id
	})
	return done()
}

// dropOut forgets an own entry that is gone from the store.
func (e *Engine) dropOut(r *store.OutRow) {
	e.own.remove(r)
	e.conversation(r.Conversation).unqueue(r)
	e.dirty = true
}
