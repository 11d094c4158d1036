package views

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

// truth is a plugin's whole list; it answers wants as plugins do.
type truth struct {
	keys []string
	next int
}

func (p *truth) key() string {
	p.next++
	return fmt.Sprintf("n%d", p.next)
}

// change makes a random change and the operation that tells of it.
func (p *truth) change(r *rand.Rand) *contractv1.ListOp {
	at := r.IntN(len(p.keys) + 1)
	switch r.IntN(4) {
	case 0:
		key := p.key()
		p.keys = append(p.keys, key)
		return insert(listEnd, text(key, "x"))
	case 1:
		key, after := p.key(), ""
		if at > 0 {
			after = p.keys[at-1]
		}
		p.keys = slices.Insert(p.keys, at, key)
		return insert(after, text(key, "x"))
	case 2: // one that is there moves to the end
		if at == len(p.keys) {
			return &contractv1.ListOp{}
		}
		key := p.keys[at]
		p.keys = append(slices.Delete(p.keys, at, at+1), key)
		return insert(listEnd, text(key, "x"))
	}
	if at == len(p.keys) {
		return &contractv1.ListOp{}
	}
	key := p.keys[at]
	p.keys = slices.Delete(p.keys, at, at+1)
	return remove(key)
}

// answer takes the items around the anchor, the anchor too or not.
func (p *truth) answer(w *contractv1.Want, withAnchor bool) (items []*contractv1.ListItem, before, after bool) {
	lo := len(p.keys) - int(w.GetBefore())
	hi := len(p.keys)
	if i := slices.Index(p.keys, w.GetAnchor()); i >= 0 {
		lo, hi = i-int(w.GetBefore()), i+int(w.GetAfter())+1
		if !withAnchor && w.GetAfter() == 0 {
			hi = i
		} else if !withAnchor && w.GetBefore() == 0 {
			lo = i + 1
		}
	}
	lo, hi = max(lo, 0), min(hi, len(p.keys))
	for _, key := range p.keys[min(lo, hi):hi] {
		items = append(items, text(key, "x"))
	}
	return items, lo > 0, hi < len(p.keys)
}

// Whatever a plugin does in whatever order, the window is a run of its list
// without a gap, and beyond an edge that is said to be the end there is nothing.
func TestWindowIsARunOfTheList(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		f := newFixture(t)
		f.show(1)
		p := &truth{}
		for range r.IntN(300) {
			p.keys = append(p.keys, p.key())
		}
		var open []*contractv1.Want
		for step := range 400 {
			switch {
			case r.IntN(3) > 0:
				f.patch(p.change(r))
			case len(open) > 0 && r.IntN(2) == 0:
				items, before, after := p.answer(open[0], seed%2 == 0)
				f.items(open[0].GetId(), items, before, after)
				open = open[1:]
			default:
				if w := f.randomWant(r); w != nil {
					open = append(open, w)
				}
			}
			f.run(p, seed, step)
		}
	}
}

func (f *fixture) randomWant(r *rand.Rand) *contractv1.Want {
	l := f.list()
	anchor, before, after := "", 1+r.IntN(150), 0
	if n := len(l.Items); n > 0 {
		switch r.IntN(4) {
		case 0:
			anchor = l.Items[0].GetKey()
		case 1:
			anchor, before, after = l.Items[n-1].GetKey(), 0, before
		case 2:
			anchor, after = l.Items[r.IntN(n)].GetKey(), r.IntN(50)
		}
	}
	w, _ := f.c.Want(chat, "log", anchor, before, after)
	f.now = f.now.Add(wantExpire / 4)
	return w
}

func (f *fixture) run(p *truth, seed uint64, step int) {
	f.t.Helper()
	l := f.list()
	if !l.Loaded || len(l.Items) == 0 {
		return
	}
	if len(l.Items) > MaxItems {
		f.t.Fatalf("seed %d, step %d: %d items", seed, step, len(l.Items))
	}
	lo := slices.Index(p.keys, l.Items[0].GetKey())
	for i, item := range l.Items {
		if lo < 0 || lo+i >= len(p.keys) || p.keys[lo+i] != item.GetKey() {
			f.t.Fatalf("seed %d, step %d: item %d of %d is %q", seed, step, i, len(l.Items), item.GetKey())
		}
	}
	if (lo > 0 && !l.HasBefore) || (lo+len(l.Items) < len(p.keys) && !l.HasAfter) {
		f.t.Fatalf("seed %d, step %d: there is more than the window says", seed, step)
	}
}
