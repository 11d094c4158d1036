package budget

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRows(t *testing.T) {
	for _, c := range []struct {
		row  Row
		want string
	}{
		{AtMost("frame", "ms", 1.234, 3), "frame|1.23 ms|-|-|≤ 3 ms|met"},
		{AtMost("start", "ms", 23.45, 20).Over(8), "start|23.4 ms|8 ms|2.93|≤ 20 ms|NOT MET"},
		{Times("hop", "µs", 130, 100, 1.3), "hop|130 µs|100 µs|1.30|≤ 1.30 x floor|met"},
		{Plus("memory", "MB", 162, 116, 45), "memory|162 MB|116 MB|1.40|≤ floor + 45 MB|NOT MET"},
		{Throughput("events", "/s", 99, 100, 1), "events|99 /s|100 /s|0.99|≥ 1 x floor|NOT MET"},
		{Info("post", "ms", 0.5, 0), "post|0.500 ms|-|-|-|-"},
	} {
		if got := strings.Join(c.row.Cells(), "|"); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestPercentile(t *testing.T) {
	all := []time.Duration{4, 1, 3, 2}
	if p50, p99, p0 := Percentile(all, 50), Percentile(all, 99), Percentile(all, 0); p50 != 3 || p99 != 4 || p0 != 1 {
		t.Errorf("%v %v %v", p50, p99, p0)
	}
}

type reporter struct {
	*testing.T
	metric string
}

func (r *reporter) ReportMetric(_ float64, unit string) { r.metric = unit }

func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "figures")
	t.Setenv(Env, file)
	r := &reporter{T: t}
	AtMost("UI work, p50", "ms", 1, 3).Report(r)
	AtMost("other", "ms", 1, 3).Report(r)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(data), "\n"); got != 2 || !strings.HasPrefix(string(data), "UI work, p50\t1 ms\t-\t") {
		t.Errorf("%q", data)
	}
	if r.metric != "other-ms" {
		t.Errorf("metric %s", r.metric)
	}
}
