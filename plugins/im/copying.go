package im

import (
	"strings"
	"time"

	"switchboard/plugins/im/history"
	contractv1 "switchboard/shared/contract/v1"
)

// copyTogether is the time in which what is copied belongs together: of several
// messages that were marked, each is an action of its own.
const copyTogether = 300 * time.Millisecond

// copied is what was put on the clipboard last.
type copied struct {
	text string
	ids  []string
	at   time.Time
}

// copyText puts a message on the clipboard, below those that were copied with it.
func (c *chat) copyText(row *history.Row) {
	k := &c.copied
	text := row.Shown()
	again := c.now().Sub(k.at) > copyTogether
	for _, id := range k.ids {
		again = again || id == row.ID
	}
	if again || len(k.text)+1+len(text) > contractv1.MaxEditor {
		*k = copied{}
	}
	k.text = strings.TrimPrefix(k.text+"\n"+text, "\n")
	k.ids, k.at = append(k.ids, row.ID), c.now()
	c.oops("copy", c.s.Copy(k.text))
}
