package cli

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestManualHasEveryCommand(t *testing.T) {
	root := (&command{}).root()
	var page bytes.Buffer
	if err := writeManual(&page, root, "1.2", time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, want := range []string{`.TH SWITCHBOARD 1 "2026-11-23" "Switchboard 1.2"`, `.B \-\-profile`, `.B \-\-headless`, ".B status", ".B send", ".B serve", `.B contact add`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there", want)
		}
	}
	for _, hidden := range []string{`\-\-tether`, ".B manual", ".B completion", ".B help"} {
		if strings.Contains(text, hidden) {
			t.Errorf("%q is there", hidden)
		}
	}
	if groff, err := exec.LookPath("groff"); err == nil {
		check := exec.Command(groff, "-man", "-Tutf8", "-ww")
		check.Stdin = strings.NewReader(text)
		var faults bytes.Buffer
		check.Stderr = &faults
		if err := check.Run(); err != nil || faults.Len() > 0 {
			t.Errorf("groff: %v\n%s", err, faults.String())
		}
	}
}

func TestManualQuotesWhatTheFormatReads(t *testing.T) {
	for in, want := range map[string]string{"a-b.": `a\-b`, `\n`: `\en`, ".x": `\&.x`, "'x": `\&'x`, "two\nlines": "two lines"} {
		if got := roff(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
