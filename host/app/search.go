package app

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"switchboard/host/policy"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
	"switchboard/shared/seek"
)

// Bounds of searching.
const (
	defaultHits       = 50
	maxSearchedIn     = 1000 // conversations, or authors, in one call
	maxCursor         = 4 << 10
	searchesAtOnce    = contractv1.MaxSearches - 2 // of persons and programs; the others of the contract are air
	searchName        = "search"                   // what policy knows it as
	maxEmptySearches  = 64                         // parts without a hit that are passed over at once
	searchFaultPrefix = "Not everything could be searched: "
)

// searches are the questions that wait for a plugin's answer.
type searches struct {
	slots   chan struct{}
	mu      sync.Mutex
	next    uint64
	waiting map[uint64]*searchWaiter
}

type searchWaiter struct {
	plugin string
	reply  chan *contractv1.SearchReply // nil: the plugin ended
}

func newSearches() *searches {
	return &searches{slots: make(chan struct{}, searchesAtOnce), waiting: map[uint64]*searchWaiter{}}
}

// answer is a plugin's reply, which the bridge has checked.
func (s *searches) answer(plugin string, r *contractv1.SearchReply) {
	s.mu.Lock()
	w := s.waiting[r.GetId()]
	if w != nil && w.plugin == plugin {
		delete(s.waiting, r.GetId())
	}
	s.mu.Unlock()
	if w != nil && w.plugin == plugin {
		w.reply <- r
	}
}

// down ends what a plugin was asked.
func (s *searches) down(plugin string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, w := range s.waiting {
		if w.plugin == plugin {
			delete(s.waiting, id)
			w.reply <- nil
		}
	}
}

var errSearchEnded = errors.New("it stopped while it was searching")

// ask asks one plugin, which is started when it does not run.
func (s *searches) ask(ctx context.Context, a *App, plugin string, call *contractv1.SearchCall) (*contractv1.SearchReply, error) {
	for try := 0; ; try++ {
		if err := a.sup.Ensure(ctx, plugin); err != nil {
			return nil, err
		}
		w := &searchWaiter{plugin: plugin, reply: make(chan *contractv1.SearchReply, 1)}
		s.mu.Lock()
		s.next++
		// The one before may still be on its way out.
		call = &contractv1.SearchCall{Id: s.next, Query: call.Query, Conversations: call.Conversations, From: call.From,
			Limit: call.Limit, Cursor: call.Cursor}
		s.waiting[call.Id] = w
		s.mu.Unlock()
		reply, err := s.wait(ctx, a, call, w)
		s.mu.Lock()
		delete(s.waiting, call.Id)
		s.mu.Unlock()
		if errors.Is(err, errSearchEnded) && try == 0 {
			continue // once more: it is harmless
		}
		return reply, err
	}
}

func (s *searches) wait(ctx context.Context, a *App, call *contractv1.SearchCall, w *searchWaiter) (*contractv1.SearchReply, error) {
	if err := a.sup.Send(w.plugin, &contractv1.HostFrame{Body: &contractv1.HostFrame_Search{Search: call}}); err != nil {
		return nil, err
	}
	select {
	case r := <-w.reply:
		switch {
		case r == nil:
			return nil, errSearchEnded
		case r.GetError() != nil:
			return nil, errors.New(cmp.Or(r.GetError().GetMessage(), "it failed"))
		}
		return r, nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, errors.New("it did not answer in time")
		}
		return nil, ctx.Err()
	}
}

// part is one plugin's share of a search. Where only some of its hits were given
// away, the next page asks for them again and passes over Skip.
type part struct {
	Plugin string `json:"p"`
	Cursor string `json:"c,omitempty"`
	Skip   int    `json:"s,omitempty"`

	name  string
	hits  []model.Hit
	taken int
	next  string
	err   error
}

// Search looks for a text in everything that plugins keep, newest first. A query that
// makes no sense and a part that could not be searched are a Fault of the answer.
func (a *App) Search(ctx context.Context, q model.Query) (model.Found, error) {
	if _, _, ok := a.self(); !ok {
		return model.Found{}, errors.New("there is no account here yet; set one up first")
	}
	parsed, err := seek.Parse(q.Text, time.Local)
	if err != nil {
		return model.Found{Fault: err.Error()}, nil
	}
	if parsed.Empty() {
		return model.Found{}, nil
	}
	if q.Limit <= 0 {
		q.Limit = defaultHits
	}
	q.Limit = min(q.Limit, contractv1.MaxHits)
	call, fault := searchCall(parsed, q, a.current())
	if fault != "" || call == nil {
		return model.Found{Fault: fault}, nil
	}
	parts, err := a.searchParts(q.Cursor)
	if err != nil {
		return model.Found{}, err
	}
	if len(parts) == 0 {
		return model.Found{Fault: "No plugin that keeps something to search is switched on."}, nil
	}
	select {
	case a.searches.slots <- struct{}{}:
		defer func() { <-a.searches.slots }()
	case <-ctx.Done():
		return model.Found{}, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, contractv1.SearchLimit)
	defer cancel()
	var all sync.WaitGroup
	for i := range parts {
		all.Go(func() { a.searchPart(ctx, &parts[i], call, q.Limit) })
	}
	all.Wait()
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return model.Found{}, err
	}
	return merge(parts, q.Limit), nil
}

// searchCall makes what plugins are asked; nil when nothing can be found.
func searchCall(parsed seek.Query, q model.Query, s *model.Snapshot) (*contractv1.SearchCall, string) {
	from, fault := searchedPeople(parsed.From, s)
	if fault != "" {
		return nil, fault
	}
	in, fault := searchedIn(parsed.In, s)
	if fault != "" {
		return nil, fault
	}
	if q.Conversation != "" {
		if len(in) > 0 && !slices.Contains(in, q.Conversation) {
			return nil, ""
		}
		in = []string{q.Conversation}
	}
	if len(from) > maxSearchedIn || len(in) > maxSearchedIn {
		return nil, fmt.Sprintf("The search names more than %d people or conversations.", maxSearchedIn)
	}
	parsed.From, parsed.In = nil, nil
	text := parsed.String()
	if len(text) > contractv1.MaxQuery {
		return nil, fmt.Sprintf("The words of a search are at most %d bytes long.", contractv1.MaxQuery)
	}
	return &contractv1.SearchCall{Query: text, Conversations: in, From: from}, ""
}

// searchParts are the plugins to ask: all that can be searched, or for a further
// page those that have more.
func (a *App) searchParts(cursor string) ([]part, error) {
	var parts []part
	if cursor != "" {
		data, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil || len(cursor) > maxCursor || json.Unmarshal(data, &parts) != nil {
			return nil, errors.New("the place in the search is not one that was given; search anew")
		}
	} else {
		for _, e := range a.catalog {
			if e.Err == nil {
				parts = append(parts, part{Plugin: e.ID})
			}
		}
	}
	kept := parts[:0]
	for _, p := range parts {
		m, ok := a.Manifest(p.Plugin)
		if on, _ := a.enabled(p.Plugin); !ok || !on || !m.Search || m.Kind != manifest.Feature || p.Skip < 0 {
			continue
		}
		p.name = m.Name
		kept = append(kept, p)
	}
	return kept, nil
}

// searchPart asks one plugin until it gives something or has nothing more.
func (a *App) searchPart(ctx context.Context, p *part, call *contractv1.SearchCall, limit int) {
	if v := a.decide(policy.Question{Ask: policy.AskCommand, Plugin: p.Plugin, Name: searchName}); !v.Allowed {
		p.err = errors.New(v.Reason)
		return
	}
	for range maxEmptySearches {
		ask := &contractv1.SearchCall{Query: call.Query, Conversations: call.Conversations, From: call.From,
			Limit: uint32(min(limit+p.Skip, contractv1.MaxHits)), Cursor: p.Cursor}
		reply, err := a.searches.ask(ctx, a, p.Plugin, ask)
		if err != nil {
			p.err = err
			return
		}
		p.hits, p.next = a.hits(p.Plugin, reply, call), reply.GetCursor()
		if p.next == p.Cursor {
			p.next = ""
		}
		if len(p.hits) > p.Skip || p.next == "" {
			p.hits = p.hits[min(p.Skip, len(p.hits)):]
			return
		}
		p.Cursor, p.Skip = p.next, max(0, p.Skip-len(p.hits))
		p.hits = nil
	}
}

// hits are those of an answer that this account may read and that were asked for.
func (a *App) hits(plugin string, r *contractv1.SearchReply, call *contractv1.SearchCall) []model.Hit {
	s := a.Snapshot()
	titles := make(map[string]string, len(s.Conversations))
	for _, c := range s.Conversations {
		titles[c.ID] = c.Title
	}
	m, ok := a.Manifest(plugin)
	standing := ok && m.Session.Standing()
	others := map[model.SessionKey]bool{}
	for _, one := range s.Sessions {
		others[one.Key] = one.Plugin == plugin
	}
	var out []model.Hit
	for _, h := range r.GetHits() {
		key := model.SessionKey{Conversation: h.GetConversation(), Session: h.GetSession()}
		title, readable := titles[key.Conversation]
		mine := others[key] || standing && key.Session == plugin
		asked := len(call.Conversations) == 0 || slices.Contains(call.Conversations, key.Conversation)
		by := len(call.From) == 0 || slices.Contains(call.From, h.GetFrom())
		if !readable || !mine || !asked || !by {
			continue
		}
		one := model.Hit{Key: key, Item: h.GetKey(), From: h.GetFrom(), Name: a.nameOf(h.GetFrom()), Title: title,
			Time: time.UnixMilli(h.GetTimeMs()), Text: strings.Map(plainRune, h.GetText()), Picture: h.GetPicture()}
		for _, m := range h.GetMarks() {
			one.Marks = append(one.Marks, [2]int{int(m.GetStart()), int(m.GetEnd())})
		}
		out = append(out, one)
	}
	return out
}

// plainRune makes a space of as many bytes of what steers a terminal or breaks a line.
func plainRune(r rune) rune {
	switch {
	case r < ' ' || r == 0x7f:
		return ' '
	case r >= 0x80 && r < 0xa0:
		return '\u00a0'
	case r == '\u2028' || r == '\u2029' || r == '\u202d' || r == '\u202e':
		return '\u2007'
	}
	return r
}

// exhausted: what follows in this part is not known yet, and may be newer than what
// the others have.
func exhausted(p part) bool {
	return p.err == nil && p.next != "" && len(p.hits) > 0 && p.taken == len(p.hits)
}

// merge puts the parts together by time, in each of them in its own order, and says
// where the next page begins.
func merge(parts []part, limit int) model.Found {
	var out model.Found
	var faults []string
	for len(out.Hits) < limit && !slices.ContainsFunc(parts, exhausted) {
		best := -1
		for i := range parts {
			p := &parts[i]
			if p.taken < len(p.hits) && (best < 0 || p.hits[p.taken].Time.After(parts[best].hits[parts[best].taken].Time)) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		out.Hits = append(out.Hits, parts[best].hits[parts[best].taken])
		parts[best].taken++
	}
	var more []part
	for _, p := range parts {
		switch {
		case p.err != nil:
			faults = append(faults, p.name+": "+strings.TrimRight(p.err.Error(), "."))
		case p.taken < len(p.hits):
			more = append(more, part{Plugin: p.Plugin, Cursor: p.Cursor, Skip: p.Skip + p.taken})
		case p.next != "":
			more = append(more, part{Plugin: p.Plugin, Cursor: p.next})
		}
	}
	if len(faults) > 0 {
		out.Fault = searchFaultPrefix + strings.Join(faults, "; ") + "."
	}
	if len(more) > 0 {
		data, _ := json.Marshal(more) // plain texts and numbers: it cannot fail
		if out.Cursor = base64.RawURLEncoding.EncodeToString(data); len(out.Cursor) > maxCursor {
			out.Cursor = ""
		}
	}
	return out
}
