package page

import (
	"context"
	"time"

	"gioui.org/op"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// finderDelay is how long after the last key the question is asked.
const finderDelay = 150 * time.Millisecond

// finder asks the plugins for a text a moment after the last key, beside the
// frame, and shows the latest answer only.
type finder struct {
	query  model.Query // what is looked for, without a cursor
	due    time.Time   // when to ask; zero when nothing waits
	turn   int         // which question this is; answers to others are dropped
	stop   context.CancelFunc
	busy   bool // the first answer is still to come
	more   bool // further ones are under way
	hits   []model.Hit
	cursor string
	fault  string
	fresh  bool // an answer came that nobody has looked at yet
}

// maxFound bounds the hits that are kept; more is a search to refine.
const maxFound = 1000

// want looks for something else; an empty text ends the search.
func (f *finder) want(now time.Time, q model.Query) {
	if q == f.query {
		return
	}
	f.query = q
	f.turn++
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
	f.more, f.cursor, f.fault = false, "", ""
	if q.Text == "" {
		f.hits, f.busy, f.due = nil, false, time.Time{}
		return
	}
	f.busy, f.due = true, now.Add(finderDelay) // old hits stay until there are new ones
}

// again asks the same question once more.
func (f *finder) again(now time.Time) {
	q := f.query
	f.query = model.Query{}
	f.want(now, q)
}

// update asks when it is time to; it is called in every frame.
func (f *finder) update(gtx C, s *Shell) {
	if f.due.IsZero() {
		return
	}
	if gtx.Now.Before(f.due) {
		gtx.Execute(op.InvalidateCmd{At: f.due})
		return
	}
	f.due = time.Time{}
	f.ask(s, "")
}

// next asks for the hits behind those that are here.
func (f *finder) next(s *Shell) {
	if f.cursor == "" || f.more || f.busy || len(f.hits) >= maxFound {
		return
	}
	f.more = true
	f.ask(s, f.cursor)
}

func (f *finder) ask(s *Shell, cursor string) {
	q, turn := f.query, f.turn
	q.Cursor = cursor
	f.stop = s.Jobs.Go(func(ctx context.Context) func() {
		found, err := s.Backend.Search(ctx, q)
		return func() {
			if turn != f.turn { // somebody typed on
				return
			}
			f.busy, f.more, f.fresh = false, false, true
			if err != nil {
				f.fault = Sentence(err)
				if cursor == "" {
					f.hits, f.cursor = nil, ""
				}
				return
			}
			if cursor == "" {
				f.hits = nil
			}
			f.hits = append(f.hits, found.Hits[:min(len(found.Hits), maxFound-len(f.hits))]...)
			f.cursor, f.fault = found.Cursor, words.Known(found.Fault)
		}
	})
}

// answered tells whether what is shown belongs to what is looked for.
func (f *finder) answered() bool { return f.query.Text != "" && !f.busy }
