package words

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/text/language"
)

// Names of days and months; a month that is cut ends with a dot.
var (
	germanDays   = [...]string{"So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"}
	germanShort  = [...]string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."}
	germanMonths = [...]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
)

// twelve are the regions where English is written with clocks of twelve hours.
var twelve = map[string]bool{"US": true, "CA": true, "AU": true, "NZ": true, "IN": true, "PH": true, "PK": true,
	"EG": true, "SA": true, "SG": true, "MY": true, "HK": true, "BD": true}

// region is where the person is, as far as it changes how times are written in
// English; nil is a place with 24 hours and the day before the month.
var region atomic.Pointer[string]

// UseRegion says where the person is: a country in two letters. Empty is nowhere.
func UseRegion(country string) { region.Store(&country) }

// Region is the country that the environment names for times, "" when it names
// none: of "en_US.UTF-8" it is US.
func Region() string {
	r, sure := environment("LC_ALL", "LC_TIME", "LANG").Region()
	if sure < language.High {
		return ""
	}
	return r.String()
}

func place() string {
	if r := region.Load(); r != nil && !inGerman() {
		return *r
	}
	return ""
}

// otherDays are the regions whose calendars do not begin with Monday (CLDR 41, weekData).
var otherDays = map[time.Weekday]string{
	time.Friday:   "MV",
	time.Saturday: "AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY",
	time.Sunday: "AG AS BD BR BS BT BW BZ CA CN CO DM DO ET GT GU HK HN ID IL IN JM JP " +
		"KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW",
}

// FirstDay is the day with which a week begins where the person is; Monday in German.
func FirstDay() time.Weekday {
	if at := place(); len(at) == 2 {
		for day, regions := range otherDays {
			if strings.Contains(regions, at) {
				return day
			}
		}
	}
	return time.Monday
}

// dated marks what a test may take for a translation.
func dated(s string) string {
	if inPseudo() {
		return "[" + s + "]"
	}
	return s
}

// Clock is a time of day.
func Clock(t time.Time) string {
	if twelve[place()] {
		return dated(t.Format("3:04 PM"))
	}
	return dated(t.Format("15:04"))
}

// written formats a time in English as the person's country does: the day before
// the month, or in the United States after it.
func written(t time.Time, here, america string) string {
	if place() == "US" {
		return dated(t.Format(america))
	}
	return dated(t.Format(here))
}

// Weekday is the day of the week, cut, as a row shows it.
func Weekday(t time.Time) string {
	if inGerman() {
		return germanDays[t.Weekday()]
	}
	return dated(t.Format("Mon"))
}

// Date is a day of this year, as a row shows it.
func Date(t time.Time) string {
	if inGerman() {
		return fmt.Sprintf("%d. %s", t.Day(), germanShort[t.Month()-1])
	}
	return written(t, "2 Jan", "Jan 2")
}

// DateOfYear is a day of another year, as a row shows it.
func DateOfYear(t time.Time) string {
	if inGerman() {
		return t.Format("2.1.2006")
	}
	return written(t, "2 Jan 2006", "Jan 2, 2006")
}

// DateAndTime is a time of this year, as a page shows it.
func DateAndTime(t time.Time) string {
	if inGerman() {
		return fmt.Sprintf("%d. %s, %s Uhr", t.Day(), germanMonths[t.Month()-1], t.Format("15:04"))
	}
	if twelve[place()] {
		return written(t, "2 January, 3:04 PM", "January 2, 3:04 PM")
	}
	return written(t, "2 January, 15:04", "January 2, 15:04")
}

// LongDate is a day of another year, as a page shows it.
func LongDate(t time.Time) string {
	if inGerman() {
		return fmt.Sprintf("%d. %s %d", t.Day(), germanMonths[t.Month()-1], t.Year())
	}
	return written(t, "2 January 2006", "January 2, 2006")
}
