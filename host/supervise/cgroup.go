package supervise

import (
	"slices"
	"strings"

	"switchboard/host/sandbox"
)

// What one plugin may take where the system lets this host say so. The heap has
// a limit of its own below maxMemory; the rest is for what is shared, and for
// files in memory. A window's host has a weight of 100.
const (
	maxThreads = 512
	maxMemory  = 3 << 29 // 1.5 GiB
	weight     = 50
)

// groupEnforced is how the groups are called where all their limits hold.
const groupEnforced = "cgroup"

// limits that a control group sets, each with what it is for a person.
var groupLimits = []struct{ controller, file, what string }{
	{"cpu", "cpu.weight", "processor"},
	{"pids", "pids.max", "threads"},
	{"memory", "memory.max", "shared memory"},
}

// withGroups adds to a report what the groups limit and what they do not. The
// report is not changed. Policy does not ask about this: a plugin without these
// limits makes the computer slow, and reaches nothing more.
func withGroups(r sandbox.Report, limited []string) sandbox.Report {
	var open []string
	for _, l := range groupLimits {
		if !slices.Contains(limited, l.controller) {
			open = append(open, l.what)
		}
	}
	if len(open) == 0 {
		r.Enforced = append(append([]string(nil), r.Enforced...), groupEnforced)
		return r
	}
	sentence := open[len(open)-1] + " is not limited here"
	if len(open) > 1 {
		sentence = strings.Join(open[:len(open)-1], ", ") + " and " + open[len(open)-1] + " are not limited here"
	}
	r.Missing = append(append([]string(nil), r.Missing...), sentence)
	return r
}

// limits makes the groups when they are first needed; nil when there are none.
func (s *Supervisor) limits() *groups {
	s.groupsOnce.Do(func() {
		g, err := openGroups(s.o.Cgroup)
		if err != nil {
			s.o.Log.Info("plugins get no control groups", "reason", err)
		}
		s.groups = g
	})
	return s.groups
}
