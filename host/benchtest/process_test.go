package benchtest

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// process is one of those that make up a running profile.
type process struct {
	name string
	pid  int
}

// processes are the host, its plugins and their companions; and nothing else
// may run on the host's behalf.
func (h *host) processes() []process {
	h.b.Helper()
	s := h.status()
	all := []process{{"window and host", int(s.Pid)}}
	for _, p := range s.Plugins {
		if p.Pid > 0 {
			all = append(all, process{p.Id, int(p.Pid)})
		}
		if p.CompanionPid > 0 {
			all = append(all, process{p.Id + " companion", int(p.CompanionPid)})
		}
	}
	for _, child := range children(h.b, int(s.Pid)) {
		if !slices.ContainsFunc(all, func(p process) bool { return p.pid == child }) {
			h.b.Errorf("process %d belongs to the host and is not in its status", child)
		}
	}
	return all
}

func children(b *testing.B, parent int) (all []int) {
	b.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, pid)
		}
	}
	return all
}

// pss is the proportional share of memory of a process in MB (1,000,000 bytes).
func pss(b *testing.B, pid int) float64 {
	b.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if kb, ok := strings.CutPrefix(lines.Text(), "Pss:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(kb, "kB")))
			if err != nil {
				b.Fatal(err)
			}
			return float64(n) * 1024 / 1e6
		}
	}
	b.Fatalf("process %d has no Pss", pid)
	return 0
}

// pssOf sums up.
func pssOf(b *testing.B, all []process) (sum float64) {
	b.Helper()
	for _, p := range all {
		sum += pss(b, p.pid)
	}
	return sum
}

// cpu is the time that processes have run so far, all threads that live.
func cpu(b *testing.B, all []process) (sum time.Duration) {
	b.Helper()
	for _, p := range all {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.pid))
		if err != nil || len(tasks) == 0 {
			b.Fatalf("threads of %s: %v", p.name, err)
		}
		for _, t := range tasks {
			data, err := os.ReadFile(t)
			if err != nil {
				continue // the thread has ended
			}
			ns, err := strconv.ParseInt(strings.Fields(string(data))[0], 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			sum += time.Duration(ns)
		}
	}
	return sum
}
