package access

import (
	"strings"
	"time"
)

// sayEvery is how often something is announced at most; maxSay how much is
// remembered in between.
const (
	sayEvery = 2 * time.Second
	maxSay   = 1000
)

// announcer says what happens by itself, slowly enough to be listened to: the
// first thing at once, then every two seconds what came next, with a count of the rest.
type announcer struct {
	more    func(n int) string
	waiting []string
	missed  int // that found no room in waiting
	last    time.Time
}

func (a *announcer) add(said ...string) {
	for _, t := range said {
		if len(a.waiting) >= maxSay {
			a.missed++
			continue
		}
		a.waiting = append(a.waiting, t)
	}
}

// next is what to say now, if anything, and when to ask again.
func (a *announcer) next(now time.Time) (text string, again time.Duration) {
	if len(a.waiting) == 0 {
		return "", time.Hour
	}
	if wait := sayEvery - now.Sub(a.last); wait > 0 {
		return "", wait
	}
	text = a.waiting[0]
	if n := len(a.waiting) - 1 + a.missed; n > 0 && a.more != nil {
		text = strings.TrimSuffix(text, ".") + ", " + a.more(n)
	}
	a.waiting, a.missed, a.last = nil, 0, now
	return text, time.Hour
}
