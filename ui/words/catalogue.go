package words

import (
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// Counted is a sentence with a number, which reads differently for one and for
// more. It stands in a table under the English sentence for more.
type Counted struct {
	At        int    // which value is the number: 1 for the first; 0 is 1
	One       string // in English
	GermanOne string
	German    string // for more than one
}

// book is the catalogue of all sentences of the window: those of this package and,
// through Add, those of widgets and drawn views.
var book = catalog.NewBuilder(catalog.Fallback(language.English))

// added are tables of other packages.
var added struct {
	sync.Mutex
	german  []map[string]string
	counted []map[string]Counted
}

// Add takes in the sentences of another package of the window, by the English one.
// It is called before anything is said, while the program starts.
func Add(german map[string]string, counted map[string]Counted) {
	added.Lock()
	defer added.Unlock()
	added.german = append(added.german, german)
	added.counted = append(added.counted, counted)
}

// Printer prints sentences of the catalogue in a language that ships; safe from any
// goroutine.
func Printer(tag language.Tag) *message.Printer {
	fill()
	return message.NewPrinter(Shipped(tag), message.Catalog(book))
}

var englishPrinter = sync.OnceValue(func() *message.Printer { return Printer(language.English) })

// fill puts every table into the catalogue, once.
var fill = sync.OnceFunc(func() {
	added.Lock()
	defer added.Unlock()
	for _, table := range append(added.german, german) { // one sentence has one German: ours
		for en, de := range table {
			put(book.SetString(language.German, en, de))
			put(book.SetString(Pseudo, en, pseudo(en)))
		}
	}
	for _, table := range append(added.counted, counted) {
		for en, c := range table {
			at := max(c.At, 1)
			one := func(one, other string) catalog.Message {
				return plural.Selectf(at, "%d", plural.One, one, plural.Other, other)
			}
			put(book.Set(language.English, en, one(c.One, en)))
			put(book.Set(language.German, en, one(c.GermanOne, c.German)))
			put(book.Set(Pseudo, en, one(pseudo(c.One), pseudo(en))))
		}
	}
})

func put(err error) {
	if err != nil {
		panic("words: the catalogue refuses a sentence: " + err.Error())
	}
}
