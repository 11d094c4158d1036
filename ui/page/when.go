package page

import (
	"time"

	"switchboard/ui/words"
)

// rowTime is a time as a row shows it: the clock today, the weekday within a
// week, the date before that.
func rowTime(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
	}
	switch today, that := day(now), day(t); {
	case !that.Before(today):
		return words.Clock(t)
	case that.After(today.AddDate(0, 0, -7)):
		return words.Weekday(t)
	case t.Year() == now.Year():
		return words.Date(t)
	}
	return words.DateOfYear(t)
}

// longTime is a time as a page shows it.
func longTime(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return words.TodayAt(words.Clock(t))
	}
	if t.Year() == now.Year() {
		return words.DateAndTime(t)
	}
	return words.LongDate(t)
}
