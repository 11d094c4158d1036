// Package budget writes down what benchmarks measured: the figure, the floor
// that was measured in the same run, and the budget of the architecture. Each
// benchmark states its own budget; .ci/bench prints all of them as one table.
// It measures nothing and knows nothing about what is measured.
package budget

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Env names the file to which rows are appended; without it they are only
// reported as metrics.
const Env = "SWITCHBOARD_FIGURES"

// Pause is left before everything that travels alone: the message that is
// measured and each part of its floor. Processes that waited have to be woken
// and find their caches cold; a loop without pauses would measure neither.
const Pause = 3 * time.Millisecond

// Reporter is what a row needs of *testing.B.
type Reporter interface {
	Helper()
	ReportMetric(n float64, unit string)
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
}

// Row is one line of the table. Floor is 0 where there is none; Limit, what is
// allowed, is in the unit too and 0 where nothing was promised.
type Row struct {
	What  string
	Unit  string
	Value float64
	Floor float64
	Limit float64
	// Least: the value is to be at least the limit, not at most.
	Least bool
	// Budget says the limit in words.
	Budget string
}

// AtMost is a budget without a floor.
func AtMost(what, unit string, value, limit float64) Row {
	return Row{What: what, Unit: unit, Value: value, Limit: limit, Budget: "≤ " + number(limit) + " " + unit}
}

// Times is a budget as a multiple of the floor.
func Times(what, unit string, value, floor, times float64) Row {
	return Row{What: what, Unit: unit, Value: value, Floor: floor, Limit: floor * times, Budget: "≤ " + number(times) + " x floor"}
}

// Plus is a budget of so much above the floor.
func Plus(what, unit string, value, floor, extra float64) Row {
	return Row{What: what, Unit: unit, Value: value, Floor: floor, Limit: floor + extra, Budget: "≤ floor + " + number(extra) + " " + unit}
}

// Throughput is a budget of at least a multiple of the floor.
func Throughput(what, unit string, value, floor, times float64) Row {
	return Row{What: what, Unit: unit, Value: value, Floor: floor, Limit: floor * times, Least: true, Budget: "≥ " + number(times) + " x floor"}
}

// Info is a figure for which nothing was promised.
func Info(what, unit string, value, floor float64) Row {
	return Row{What: what, Unit: unit, Value: value, Floor: floor}
}

// Over puts a floor beside a budget that does not depend on it.
func (r Row) Over(floor float64) Row {
	r.Floor = floor
	return r
}

// Met tells whether the budget is met; true where there is none.
func (r Row) Met() bool {
	switch {
	case r.Budget == "":
		return true
	case r.Least:
		return r.Value >= r.Limit
	}
	return r.Value <= r.Limit
}

// Cells are what, figure, floor, ratio, budget, met.
func (r Row) Cells() []string {
	floor, ratio, met := "-", "-", "met"
	if r.Floor > 0 {
		floor, ratio = number(r.Floor)+" "+r.Unit, strconv.FormatFloat(r.Value/r.Floor, 'f', 2, 64)
	}
	switch {
	case r.Budget == "":
		met = "-"
	case !r.Met():
		met = "NOT MET"
	}
	return []string{r.What, number(r.Value) + " " + r.Unit, floor, ratio, cmp.Or(r.Budget, "-"), met}
}

// Report gives the row to the benchmark and to the table.
func (r Row) Report(b Reporter) {
	b.Helper()
	b.ReportMetric(r.Value, metric(r.What, r.Unit))
	b.Logf("%s", strings.Join(r.Cells(), " | "))
	path := os.Getenv(Env)
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		b.Errorf("write the figures: %v", err)
		return
	}
	_, err = f.WriteString(strings.Join(r.Cells(), "\t") + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		b.Errorf("write the figures: %v", err)
	}
}

// metric is a name that a benchmark may report: one word.
func metric(what, unit string) string {
	return strings.Join(strings.FieldsFunc(what, func(r rune) bool { return r == ' ' || r == ',' || r == ':' }), "-") + "-" + strings.ReplaceAll(unit, " ", "-")
}

// number is short and keeps three digits that say something.
func number(v float64) string {
	digits := 0
	switch {
	case v == float64(int64(v)):
	case v < 1:
		digits = 3
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// Percentile of times; p from 0 to 100. It sorts them.
func Percentile(all []time.Duration, p int) time.Duration {
	if len(all) == 0 {
		panic(fmt.Sprintf("percentile %d of nothing", p))
	}
	slices.Sort(all)
	return all[min(len(all)*p/100, len(all)-1)]
}

// Ms is a time in milliseconds.
func Ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Us is a time in microseconds.
func Us(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
