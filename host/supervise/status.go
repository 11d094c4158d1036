package supervise

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/sandbox"
	"switchboard/shared/model"
)

// Bounds of what is kept of a plugin's log.
const (
	maxLines   = 50
	maxLine    = 1 << 10
	memoryEach = 5 * time.Second // a figure is not taken more often
)

// Status is how a plugin stands.
type Status struct {
	State        model.PluginState
	PID          int
	CompanionPID int
	Reason       string
	Isolation    []string // enforced for the process that runs, or would run
	Missing      []string // what this system cannot enforce
	Log          []string // the last lines, oldest first
	MemoryKB     int      // proportional share of the running process
}

// memory is the last figure of a process.
type memory struct {
	mu      sync.Mutex
	pid, kb int
	taken   time.Time
}

func (m *memory) of(pid int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pid != pid || time.Since(m.taken) > memoryEach {
		m.pid, m.kb, m.taken = pid, memoryKB(pid), time.Now()
	}
	return m.kb
}

// Status tells how a plugin stands; it never waits for the plugin. A plugin that
// is not known here is disabled.
func (s *Supervisor) Status(id string) Status {
	u := s.unit(id)
	if u == nil {
		return Status{State: model.Disabled, CompanionPID: companionPID(s.o.CompanionDir(id))}
	}
	return u.status()
}

func (u *unit) status() Status {
	u.mu.Lock()
	st := Status{State: u.state, Reason: u.reason}
	report := u.report
	if u.process != nil {
		st.PID = u.process.PID()
	}
	if u.removed {
		st.State = model.Disabled
	}
	companion := len(u.spec.Manifest.Companion.Exec) > 0
	u.mu.Unlock()
	if report == nil {
		probe := sandbox.Probe()
		report = &probe
	}
	var limited []string
	if g := u.s.limits(); g != nil {
		limited = g.limited
	}
	full := withGroups(*report, limited)
	st.Isolation, st.Missing = full.Enforced, full.Missing
	st.Log = u.lines.last()
	if st.PID != 0 {
		st.MemoryKB = u.memory.of(st.PID)
	}
	if companion {
		st.CompanionPID = companionPID(u.s.o.CompanionDir(u.id))
	}
	return st
}

// tail keeps the last lines of a plugin's log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

// newTail makes a logger that writes to the host's log and to the tail.
func newTail(id string, to hclog.Logger) (*tail, hclog.Logger) {
	t := &tail{}
	l := hclog.NewInterceptLogger(&hclog.LoggerOptions{Name: id, Level: hclog.Debug, Output: discard{}})
	l.RegisterSink(t)
	l.RegisterSink(forward{to})
	return t, l
}

// discard drops what the intercepted logger would print itself.
type discard struct{}

// Write drops.
func (discard) Write(p []byte) (int, error) { return len(p), nil }

// forward hands every line to the host's log.
type forward struct{ to hclog.Logger }

// Accept is part of hclog.SinkAdapter.
func (f forward) Accept(name string, level hclog.Level, msg string, args ...any) {
	f.to.Log(level, name+": "+msg, args...)
}

// Accept is part of hclog.SinkAdapter: what a person may want to read is kept.
func (t *tail) Accept(_ string, level hclog.Level, msg string, args ...any) {
	if level < hclog.Info {
		return
	}
	line := time.Now().Format("15:04:05 ") + level.String() + " " + msg
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != "timestamp" {
			line += fmt.Sprintf(" %v=%v", args[i], args[i+1])
		}
	}
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	line = strings.ToValidUTF8(line, "?")
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, line); len(t.lines) > maxLines {
		t.lines = append([]string(nil), t.lines[len(t.lines)-maxLines:]...)
	}
}

func (t *tail) last() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}
