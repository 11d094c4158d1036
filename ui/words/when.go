package words

import (
	"fmt"
	"time"
)

// Names of days and months; a month that is cut ends with a dot.
var (
	germanDays   = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}
	germanShort  = [...]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."}
	germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)

func inGerman() bool { return spoken.Load() == &german }

// Weekday is the day of the week, cut, as a row shows it.
func Weekday(t time.Time) string {
	if inGerman() {
		return germanDays[t.Weekday()]
	}
	return t.Format("Mon")
}

// Date is a day of this year, as a row shows it.
func Date(t time.Time) string {
	if inGerman() {
		return fmt.Sprintf("%d. %s", t.Day(), germanShort[t.Month()-1])
	}
	return t.Format("2 Jan")
}

// DateOfYear is a day of another year, as a row shows it.
func DateOfYear(t time.Time) string {
	if inGerman() {
		return t.Format("2.1.2006")
	}
	return t.Format("2 Jan 2006")
}

// DateAndTime is a time of this year, as a page shows it.
func DateAndTime(t time.Time) string {
	if inGerman() {
		return fmt.Sprintf("%d. %s, %s Uhr", t.Day(), germanMonths[t.Month()-1], t.Format("15:04"))
	}
	return t.Format("2 January, 15:04")
}

// LongDate is a day of another year, as a page shows it.
func LongDate(t time.Time) string {
	if inGerman() {
		return fmt.Sprintf("%d. %s %d", t.Day(), germanMonths[t.Month()-1], t.Year())
	}
	return t.Format("2 January 2006")
}
