// Package words owns every sentence that the window itself says, in one
// catalogue, so that tone, plurals and translations have one place. A sentence
// is whole: nothing here is joined from fragments; one with a number stands in the
// table of plurals when it reads differently for one and for more. The English sentence is the key of the others, and a
// test fails for one without a translation. It must not know widgets,
// hosts or plugins' words.
package words
