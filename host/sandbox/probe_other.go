//go:build !linux

package sandbox

// LandlockVersion is 0: there is none here.
func LandlockVersion() int { return 0 }

// Probe says that nothing is enforced on this system.
func Probe() Report {
	var r Report
	r.Add(Landlock, false)
	r.Add(Seccomp, false)
	r.Add(Rlimits, false)
	return r
}
