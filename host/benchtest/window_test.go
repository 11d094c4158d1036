package benchtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"switchboard/shared/budget"
	controlv1 "switchboard/shared/contract/control/v1"
)

// Sizes of the measurement.
const (
	crowd       = 1000
	windowsUp   = 9
	settle      = 10 * time.Second // before idle memory is read
	idle        = 10 * time.Second
	tooMuchIdle = 0.2 // percent of a core
)

// crowded is Alice with a network of her own and 1,000 contacts, all of whom
// registered and asked over the network; they are offline now.
func crowded(b *testing.B) *host {
	b.Helper()
	alice := newHost(b, "alice")
	alice.start()
	alice.setUp(&controlv1.SetUpRequest{Mode: "local"})
	alice.connected()
	people := exec.Command(filepath.Join(tools, "fixture"), "people", "-companion", filepath.Join(alice.profile, "companions", "nats"), "-ask", "alice")
	if out, err := people.CombinedOutput(); err != nil {
		b.Fatalf("fixture: %v: %s", err, out)
	}
	alice.accept(crowd)
	alice.quit() // the companion too: what making it needed is not what having it needs
	return alice
}

// bareWindow is the floor: Gio with our fonts and nothing else.
func bareWindow() *exec.Cmd {
	cmd := exec.Command(filepath.Join(tools, "barewindow"))
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(tools, "cache"))
	return cmd
}

// BenchmarkWindow: the window is up within 1.5 times a bare one, everything
// together needs at most 45 MB more, and does nothing while nothing happens.
func BenchmarkWindow(b *testing.B) {
	alice, s := crowded(b), newScreen(b)
	windowUp(b, alice, s)
	windowIdle(b, alice, s)
}

func windowUp(b *testing.B, alice *host, s *screen) {
	b.Helper()
	var floor, floorMapped, ours, mapped []time.Duration
	for i := range windowsUp + 1 {
		bare := bareWindow()
		bareMap, bareShow := s.open(bare)
		kill(b, bare)
		alice.cmd = alice.command()
		ourMap, ourShow := s.open(alice.cmd)
		alice.stop()
		if i > 0 { // the first of each finds cold caches
			floor, floorMapped = append(floor, bareShow), append(floorMapped, bareMap)
			ours, mapped = append(ours, ourShow), append(mapped, ourMap)
		}
	}
	budget.Times("window up: exec to first picture, 1,000 contacts, p50", "ms",
		budget.Ms(budget.Percentile(ours, 50)), budget.Ms(budget.Percentile(floor, 50)), 1.5).Report(b)
	budget.Info("  exec to mapped window, p50", "ms",
		budget.Ms(budget.Percentile(mapped, 50)), budget.Ms(budget.Percentile(floorMapped, 50))).Report(b)
}

func kill(b *testing.B, cmd *exec.Cmd) {
	b.Helper()
	if err := cmd.Process.Kill(); err != nil {
		b.Fatal(err)
	}
	_ = cmd.Wait() // killed: no clean end
}

func windowIdle(b *testing.B, alice *host, s *screen) {
	b.Helper()
	bare := bareWindow()
	s.open(bare)
	time.Sleep(settle)
	floor := pss(b, bare.Process.Pid)
	kill(b, bare)

	alice.cmd = alice.command()
	s.open(alice.cmd)
	alice.dial()
	alice.connected()
	if n := alice.contacts("friend"); n != crowd {
		b.Errorf("%d contacts", n)
	}
	time.Sleep(settle)
	all := alice.processes()
	begin, before := time.Now(), cpu(b, all)
	time.Sleep(idle)
	used := 100 * float64(cpu(b, all)-before) / float64(time.Since(begin))
	budget.Plus("idle memory (PSS), all processes, 1,000 contacts", "MB", pssOf(b, all), floor, 45).Report(b)
	for _, p := range all {
		budget.Info("  "+p.name, "MB", pss(b, p.pid), 0).Report(b)
	}
	budget.AtMost("idle CPU, all processes, over 10 s", "% of a core", used, tooMuchIdle).Report(b)
	alice.stop()
}

// Scrolling: where the wheel turns, and how far. Caches (shaped texts, glyphs,
// the list's places) fill while a few thousand rows go by, and their fullness is
// not growth: the comparison begins when they are full.
const (
	chatX, chatY = 800, 400
	firstScroll  = 1500
	moreScroll   = 3000
	notchPause   = 15 * time.Millisecond
	breath       = 3 * time.Second
	steady       = 10 // MB that come and go with the garbage collector
)

// scrolling turns the wheel through a million messages in the real window.
func scrolling(b *testing.B, alice *host) {
	b.Helper()
	alice.stop()
	s := newScreen(b)
	alice.cmd = alice.command("--conversation", "dm.alice.bob")
	s.open(alice.cmd)
	alice.dial()
	alice.connected()
	time.Sleep(breath)
	all := alice.processes()
	opened := pssOf(b, all)
	s.wheel(chatX, chatY, -firstScroll, notchPause)
	time.Sleep(breath)
	before := pssOf(b, all)
	s.wheel(chatX, chatY, -moreScroll, notchPause)
	time.Sleep(breath)
	after := pssOf(b, all)
	budget.AtMost("1,000,000 messages: memory growth while scrolling on", "MB", max(0, after-before), steady).Report(b)
	budget.Info("  all processes, opened", "MB", opened, 0).Report(b)
	budget.Info(fmt.Sprintf("  all processes, after %d notches", firstScroll+moreScroll), "MB", after, opened).Report(b)
	alice.stop()
}
