// Package words owns every sentence that the window itself says, in one
// catalogue, so that tone, plurals and translations have one place. A sentence
// is whole: nothing here is joined from fragments. It must not know widgets,
// hosts or plugins' words.
package words
