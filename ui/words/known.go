package words

import (
	"sync"

	"switchboard/shared/phrase"
)

// known remembers what sentences of others are in the person's language: the same
// few are drawn in every frame.
var known struct {
	sync.Mutex
	table map[string]string
}

// maxKnown bounds what is remembered.
const maxKnown = 256

func forget() {
	known.Lock()
	known.table = nil
	known.Unlock()
}

// Known is the translation of a sentence of the host or of a plugin that comes
// with it: the title of a setting, or why something did not work, with the values
// that stand in it. Another sentence comes back as it is.
func Known(sentence string) string {
	german, test := inGerman(), inPseudo()
	if sentence == "" || !german && !test {
		return sentence
	}
	known.Lock()
	defer known.Unlock()
	if s, ok := known.table[sentence]; ok {
		return s
	}
	s, ok := germanOfHost[sentence]
	if !ok {
		s, ok = phrase.In("de", sentence)
	}
	if ok && test {
		s = pseudo(sentence)
	}
	if known.table == nil || len(known.table) >= maxKnown {
		known.table = make(map[string]string, maxKnown)
	}
	known.table[sentence] = s
	return s
}
