//go:build soak

package windowtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOrcaSpeaks: Debian's screen reader says what is written in a conversation.
// What it would say is read from its debug log, so nothing needs to be heard.
func TestOrcaSpeaks(t *testing.T) {
	s := newScreen(t)
	env := sessionBus(t, s)
	log := filepath.Join(t.TempDir(), "orca.log")
	orca := exec.Command("orca", "--replace", "--debug-file="+log, "--disable=braille", "--enable=speech")
	orca.Env = append(env, "GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=0")
	background(t, orca)
	until(t, "the screen reader", func() bool {
		data, err := os.ReadFile(log)
		return err == nil && len(data) > 0
	})
	p := start(t, env, newProfile(t))
	p.screen = s
	p.window = s.find("Switchboard")
	s.drawn(p.window)
	script(t, env, "reader.py", p.window)
	// The last one is never focused: it is a message that arrives while the keyboard
	// is in the composer, as it is announced.
	for _, want := range []string{"Hello, from a reader!", "Message Echo", "Echo: I can hear you"} {
		until(t, "Orca to say "+want, func() bool {
			data, err := os.ReadFile(log)
			if err != nil {
				return false
			}
			for line := range strings.Lines(string(data)) {
				if strings.Contains(line, "SPEECH OUTPUT") && strings.Contains(line, want) {
					return true
				}
			}
			return false
		})
	}
}
