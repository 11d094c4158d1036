// Package sandbox says what a plugin's process may do and how that is told to
// the launcher: the two profiles, the system call filter as a program for the
// kernel, the launch spec, the report of what was really enforced, and the
// private read-only copies that are executed. It enforces nothing itself and
// starts nothing: host/launch does the one, host/supervise the other.
package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Profile names what a process is allowed.
type Profile string

// The profiles. A plugin has no sockets but unix ones and connects nowhere; a
// companion may also bind, listen and accept TCP, which it connects nowhere
// either, and send and hear datagrams, by which it announces its network.
const (
	Plugin    Profile = "plugin"
	Companion Profile = "companion"
)

// EnvSpec is the launcher's one environment variable.
const EnvSpec = "SWITCHBOARD_LAUNCH"

// Names of what is enforced, as Hello, Status and the plugins page say them.
const (
	Landlock = "landlock" // with its version: "landlock/7"
	Seccomp  = "seccomp"
	Rlimits  = "rlimits"
)

// ExitRefused is the launcher's exit status when it did not execute the program.
const ExitRefused = 126

// Spec is everything the launcher is told.
type Spec struct {
	Profile Profile  `json:"profile"`
	Parent  int      `json:"parent,omitempty"` // the host's pid; 0 is not bound to its life
	Program Program  `json:"program"`
	Args    []string `json:"args"` // argv, with argv[0]
	Env     []string `json:"env"`
	Dir     string   `json:"dir"`             // working folder
	Read    []string `json:"read,omitempty"`  // folders and files beside the system's
	Write   []string `json:"write,omitempty"` // folders
	Report  string   `json:"report,omitempty"`
	// PIDFile is an inherited descriptor into which the process id is written.
	PIDFile int `json:"pid_file,omitempty"`
	// Keep is the greatest descriptor that the program inherits.
	Keep int `json:"keep"`
}

// Program is the file that is executed, and how to know that it is that file.
type Program struct {
	Path string `json:"path"`
	// Digest is the SHA-256 in hex; empty trusts the system (interpreters).
	Digest string `json:"digest,omitempty"`
	// Known is what the file looked like when Digest was computed: while that has
	// not changed, it is not computed again.
	Known Identity `json:"known"`
}

// Identity changes whenever a file's content may have changed.
type Identity struct {
	Dev   uint64 `json:"dev"`
	Inode uint64 `json:"inode"`
	Size  int64  `json:"size"`
	Ctime int64  `json:"ctime"` // ns
}

// Report is what the launcher says before it executes the program.
type Report struct {
	Enforced []string `json:"enforced,omitempty"`
	Missing  []string `json:"missing,omitempty"`
	Error    string   `json:"error,omitempty"`
}

// Add notes something as enforced or as missing; a missing one loses its version.
func (r *Report) Add(name string, enforced bool) {
	if enforced {
		r.Enforced = append(r.Enforced, name)
		return
	}
	name, _, _ = strings.Cut(name, "/")
	r.Missing = append(r.Missing, name)
}

// maxReport bounds the report that is read back.
const maxReport = 16 << 10

// Encode gives the environment of the launcher.
func (s Spec) Encode() ([]string, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode the launch of %s: %w", s.Program.Path, err)
	}
	return []string{EnvSpec + "=" + string(data)}, nil
}

// Decode reads what Encode wrote.
func Decode(env string) (Spec, error) {
	var s Spec
	if err := json.Unmarshal([]byte(env), &s); err != nil {
		return s, fmt.Errorf("%s cannot be read: %w", EnvSpec, err)
	}
	switch {
	case s.Profile != Plugin && s.Profile != Companion:
		return s, fmt.Errorf("there is no profile %q", s.Profile)
	case !filepath.IsAbs(s.Program.Path) || !filepath.IsAbs(s.Dir):
		return s, fmt.Errorf("the program and its folder need absolute paths")
	case len(s.Args) == 0:
		return s, fmt.Errorf("the program has no name")
	}
	return s, nil
}

// ReadReport reads and removes a report. One that is not there is empty.
func ReadReport(path string) (Report, error) {
	var r Report
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read the launcher's report: %w", err)
	}
	defer os.Remove(path)
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxReport))
	if err != nil || len(data) == 0 {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, fmt.Errorf("read the launcher's report: %w", err)
	}
	return r, nil
}

// BaseEnv is the whole environment of a program apart from what its transport
// needs: nothing of the host's comes through but language and time zone.
func BaseEnv(home string) []string {
	env := []string{
		"PATH=/usr/local/bin:/usr/bin:/bin",
		"HOME=" + home,
		"TMPDIR=" + home,
	}
	for _, name := range []string{"LANG", "LC_ALL", "TZ"} {
		if v, ok := os.LookupEnv(name); ok && len(v) < 256 {
			env = append(env, name+"="+v)
		}
	}
	return env
}
