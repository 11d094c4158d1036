package app

import (
	"switchboard/shared/phrase"
)

// says is a sentence of a notification in the person's language, which no window
// translates; an error in it is put into that language, too.
func (a *App) says(english string, values ...any) string {
	speaks := locale(a.settings.Get("appearance.language"))
	for i, v := range values {
		if err, ok := v.(error); ok {
			values[i], _ = phrase.In(speaks, err.Error())
		}
	}
	return phrase.Say(speaks, english, values...)
}
