package views

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Bounds of questions for items.
const (
	maxWants   = 2               // open at a time for one list
	wantExpire = 3 * time.Second // then the same may be asked again
)

// item is a cached list item with what must not be computed twice.
type item struct {
	*contractv1.ListItem
	size    int
	editors []*contractv1.Node
}

// want is a question that was asked: its id, what was asked, and when.
type want struct {
	id            uint64
	anchor        string
	before, after uint32
	asked         time.Time
}

func (w want) same(o want) bool {
	return w.anchor == o.anchor && w.before == o.before && w.after == o.after
}

// list is a contiguous window of a plugin's list.
type list struct {
	generation    int64
	home          bool // the end is home
	items         []item
	bytes         int
	before, after bool // the plugin has more on this side
	loaded        bool
	// stale: the plugin ended since. The items are shown until new ones come.
	stale   bool
	version int64
	open    []want
	// answered and at: this was answered when the list was as it is now, so the
	// same question would bring the same answer.
	answered want
	at       int64
	// near is the key around which the person last looked; the other side is
	// trimmed first.
	near string
}

func (l *list) snapshot() *model.List {
	s := &model.List{
		Generation: l.generation, HasBefore: l.before, HasAfter: l.after, Loaded: l.loaded && !l.stale,
		Items: make([]*contractv1.ListItem, len(l.items)),
	}
	for i := range l.items {
		s.Items[i] = l.items[i].ListItem
	}
	return s
}

func (l *list) index(key string) int {
	return slices.IndexFunc(l.items, func(i item) bool { return i.GetKey() == key })
}

func newItem(m *contractv1.ListItem) item {
	return item{ListItem: m, size: proto.Size(m), editors: editorsIn(m.GetNode())}
}

// Want makes the question for list items, or nothing when it was asked already
// or nobody could answer.
func (c *Cache) Want(key model.SessionKey, listID, anchor string, before, after int) (ask *contractv1.Want, ok bool) {
	c.change(key, func(v *view) bool {
		if l := v.lists[listID]; l != nil && v.fault == "" {
			ask = l.want(&v.wantID, anchor, before, after, c.now())
		}
		if ask != nil {
			ask.List = listID
		}
		return false
	})
	return ask, ask != nil
}

func (l *list) want(last *uint64, anchor string, before, after int, now time.Time) *contractv1.Want {
	w := want{anchor: anchor, before: bound(before), after: bound(after), asked: now}
	if total := w.before + w.after; total > contractv1.MaxListItems-1 {
		// The answer holds the anchor too and must fit into one ListItems.
		w.before = w.before * (contractv1.MaxListItems - 1) / total
		w.after = w.after * (contractv1.MaxListItems - 1) / total
	}
	l.open = slices.DeleteFunc(l.open, func(o want) bool { return now.Sub(o.asked) > wantExpire })
	repeated := l.loaded && l.at == l.version && l.answered.same(w) && l.answered.id != 0
	if repeated || len(l.open) >= maxWants || slices.ContainsFunc(l.open, w.same) {
		return nil
	}
	*last++
	w.id = *last
	l.open = append(l.open, w)
	l.near = anchor
	return &contractv1.Want{Anchor: w.anchor, Before: w.before, After: w.after, Id: w.id}
}

func bound(n int) uint32 { return uint32(min(max(n, 0), contractv1.MaxListItems)) }

// stale marks all lists: what the plugin changed after it was lost is not here.
func (v *view) stale() {
	for _, l := range v.lists {
		l.open, l.answered, l.stale = nil, want{}, true
	}
}

// items merges the answer to a Want into the window.
func (v *view) items(m *contractv1.ListItems) bool {
	l := v.lists[m.GetList()]
	if l == nil || l.generation != m.GetGeneration() {
		return false // of an earlier tree
	}
	asked := l.take(m.GetWantId())
	if l.stale {
		l.items, l.loaded, l.stale = nil, false, false
	}
	fresh := make([]item, len(m.GetItems()))
	for i, it := range m.GetItems() {
		fresh[i] = newItem(it)
	}
	if !l.merge(fresh, m.GetHasBefore(), m.GetHasAfter(), asked) {
		return false
	}
	l.loaded = true
	l.trim(l.nearIndex(fresh))
	l.version++
	l.answered, l.at = asked, l.version
	v.keepEditors()
	return true
}

// take removes a question that was answered; the zero want when unknown.
func (l *list) take(id uint64) want {
	i := slices.IndexFunc(l.open, func(w want) bool { return w.id == id })
	if i < 0 {
		return want{}
	}
	w := l.open[i]
	l.open = slices.Delete(l.open, i, i+1)
	return w
}

// merge puts a contiguous run of items into the window. Where it overlaps, it is
// the truth; where it does not touch the window, it replaces it, but only when
// it was asked for.
func (l *list) merge(fresh []item, before, after bool, asked want) bool {
	if len(fresh) == 0 {
		if !l.loaded || (asked.id != 0 && asked.anchor == "") {
			l.items, l.before, l.after = nil, before, after
			return true
		}
		l.emptyAnswer(asked, before, after)
		return asked.id != 0
	}
	first, last := l.overlap(fresh)
	if first < 0 {
		return l.beside(fresh, before, after, asked)
	}
	var merged []item
	if at := l.index(fresh[0].GetKey()); at > 0 && first == 0 {
		merged = append(merged, l.items[:at]...)
		before = l.before
	}
	merged = append(merged, fresh...)
	if at := l.index(fresh[len(fresh)-1].GetKey()); last == len(fresh)-1 && at < len(l.items)-1 {
		merged = append(merged, l.items[at+1:]...)
		after = l.after
	}
	l.items, l.before, l.after = unique(merged, fresh), before, after
	return true
}

// emptyAnswer: nothing lies beyond the edge that was asked about.
func (l *list) emptyAnswer(asked want, before, after bool) {
	if asked.id == 0 || len(l.items) == 0 {
		return
	}
	if asked.after == 0 && asked.anchor == l.items[0].GetKey() {
		l.before = before
	}
	if asked.before == 0 && asked.anchor == l.items[len(l.items)-1].GetKey() {
		l.after = after
	}
}

// overlap gives the first and last of fresh that are in the window, or -1.
func (l *list) overlap(fresh []item) (first, last int) {
	first, last = -1, -1
	for i := range fresh {
		if l.index(fresh[i].GetKey()) >= 0 {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	return first, last
}

// beside handles a run without overlap: next to the anchor for a one-sided
// question whose answer left the anchor out, else instead of the window.
func (l *list) beside(fresh []item, before, after bool, asked want) bool {
	at := -1
	if asked.id != 0 && asked.anchor != "" {
		at = l.index(asked.anchor)
	}
	switch {
	case at >= 0 && asked.after == 0:
		l.items = append(slices.Clone(fresh), l.items[at:]...)
		l.before = before
	case at >= 0 && asked.before == 0:
		l.items = append(slices.Clone(l.items[:at+1]), fresh...)
		l.after = after
	case asked.id != 0 || !l.loaded || len(l.items) == 0:
		l.items, l.before, l.after = fresh, before, after
	default:
		return false
	}
	return true
}

// unique drops cached items that the fresh run names too, so that a key which
// moved is not there twice.
func unique(merged, fresh []item) []item {
	isFresh := make(map[string]*contractv1.ListItem, len(fresh))
	for _, f := range fresh {
		isFresh[f.GetKey()] = f.ListItem
	}
	return slices.DeleteFunc(merged, func(i item) bool {
		f, ok := isFresh[i.GetKey()]
		return ok && f != i.ListItem
	})
}

// nearIndex is where the person looks, as far as the window knows.
func (l *list) nearIndex(fresh []item) int {
	if i := l.index(l.near); l.near != "" && i >= 0 {
		return i
	}
	if l.near == "" || len(fresh) == 0 {
		if l.home {
			return len(l.items) - 1
		}
		return 0
	}
	return l.index(fresh[len(fresh)/2].GetKey())
}

// trim drops items on the side that is farther from near until all fit.
func (l *list) trim(near int) {
	l.bytes = 0
	for i := range l.items {
		l.bytes += l.items[i].size
	}
	lo, hi := 0, len(l.items)
	for hi-lo > 1 && (hi-lo > MaxItems || l.bytes > maxListBytes) {
		if near-lo > hi-1-near {
			l.bytes -= l.items[lo].size
			lo++
			l.before = true
		} else {
			hi--
			l.bytes -= l.items[hi].size
			l.after = true
		}
	}
	if lo > 0 || hi < len(l.items) {
		l.items = slices.Clone(l.items[lo:hi])
	}
}
