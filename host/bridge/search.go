package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

// maxSearchCursor bounds the cursor of a SearchReply.
const maxSearchCursor = 128

// searchPrefix begins the keys of searches that wait for a reply.
const searchPrefix = "s"

func searchKey(id uint64) string { return searchPrefix + strconv.FormatUint(id, 10) }

// sendSearch sends a search, at most 8 at once.
func (c *Conn) sendSearch(f *contractv1.HostFrame, m *contractv1.SearchCall) error {
	c.mu.Lock()
	open := 0
	now := time.Now()
	for key, deadline := range c.asked {
		switch {
		case !strings.HasPrefix(key, searchPrefix):
		case deadline.Before(now): // a plugin that never answers does not end searching
			delete(c.asked, key)
		default:
			open++
		}
	}
	c.mu.Unlock()
	if open >= contractv1.MaxSearches {
		return ErrFull
	}
	return c.sendAsked(f, searchKey(m.GetId()), uint32(contractv1.SearchLimit.Milliseconds()))
}

// checkSearch holds an answer against the published bounds.
func checkSearch(r *contractv1.SearchReply) error {
	if n := len(r.GetHits()); n > contractv1.MaxHits {
		return fmt.Errorf("%d hits at once, more than %d", n, contractv1.MaxHits)
	}
	if n := len(r.GetError().GetMessage()); n > maxReason {
		return fmt.Errorf("an error of %d bytes, more than %d", n, maxReason)
	}
	if n := len(r.GetCursor()); n > maxSearchCursor {
		return fmt.Errorf("a cursor of %d bytes, more than %d", n, maxSearchCursor)
	}
	for _, h := range r.GetHits() {
		if err := checkHit(h); err != nil {
			return err
		}
	}
	return nil
}

func checkHit(h *contractv1.Hit) error {
	for _, s := range []string{h.GetConversation(), h.GetSession(), h.GetKey()} {
		if s == "" || len(s) > 2*maxID {
			return fmt.Errorf("a hit that names nothing, or in more than %d bytes", 2*maxID)
		}
	}
	if n := len(h.GetFrom()); n > contractv1.MaxHitText {
		return fmt.Errorf("a hit's author of %d bytes", n)
	}
	text := h.GetText()
	if len(text) > contractv1.MaxHitText || !utf8.ValidString(text) {
		return fmt.Errorf("a hit's text that is more than %d bytes or not UTF-8", contractv1.MaxHitText)
	}
	if n := len(h.GetMarks()); n > contractv1.MaxMarks {
		return fmt.Errorf("%d marks in one hit, more than %d", n, contractv1.MaxMarks)
	}
	for _, m := range h.GetMarks() {
		if m.GetStart() >= m.GetEnd() || uint64(m.GetEnd()) > uint64(len(text)) || !border(text, m.GetStart()) || !border(text, m.GetEnd()) {
			return fmt.Errorf("a mark outside of its hit's text or within a letter")
		}
	}
	return nil
}

func border(text string, at uint32) bool { return int(at) == len(text) || utf8.RuneStart(text[at]) }
