package supervise

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Folders of the groups: the host's own, and the plugins' beside it. A group
// whose children have limits may hold no process itself.
const (
	hostGroup    = "host"
	pluginGroups = "plugin-"
)

// emptied is how long a group may take to be empty after its process has ended.
const emptied = 200 * time.Millisecond

// groups is the control group that this host was started in, and may divide.
type groups struct {
	dir     string
	limited []string // controllers that its children have
}

// openGroups moves this process into a group of its own beside those of the
// plugins. dir is the group that was handed to it; empty looks for it. It is an
// error when the system did not hand one over.
func openGroups(dir string) (*groups, error) {
	if dir == "" {
		own, err := ownGroup()
		if err != nil {
			return nil, err
		}
		dir = own
	}
	// Only the root of everything has no type: nobody hands that over.
	kind, err := os.ReadFile(filepath.Join(dir, "cgroup.type"))
	if err != nil || strings.TrimSpace(string(kind)) != "domain" {
		return nil, fmt.Errorf("control group %s is not one that can be divided", dir)
	}
	for _, file := range []string{"cgroup.procs", "cgroup.subtree_control"} {
		if err := unix.Access(filepath.Join(dir, file), unix.W_OK); err != nil {
			return nil, fmt.Errorf("control group %s belongs to the system: %w", dir, err)
		}
	}
	g := &groups{dir: dir}
	if err := g.moveIn(); err != nil {
		return nil, err
	}
	if err := g.probe(); err != nil {
		return nil, err
	}
	g.sweep()
	available, _ := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	for _, l := range groupLimits {
		if slices.Contains(strings.Fields(string(available)), l.controller) && write(dir, "cgroup.subtree_control", "+"+l.controller) == nil {
			g.limited = append(g.limited, l.controller)
		}
	}
	return g, nil
}

// moveIn takes this process out of the group that is divided, unless somebody
// else is in it: others are not moved.
func (g *groups) moveIn() error {
	pids, err := os.ReadFile(filepath.Join(g.dir, "cgroup.procs"))
	if err != nil {
		return fmt.Errorf("read control group: %w", err)
	}
	if self := strconv.Itoa(os.Getpid()); strings.TrimSpace(string(pids)) != self {
		return fmt.Errorf("control group %s has other processes in it", g.dir)
	}
	own := filepath.Join(g.dir, hostGroup)
	if err := os.Mkdir(own, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make control group: %w", err)
	}
	return write(own, "cgroup.procs", "0")
}

// probe tells whether a process can begin in a group: not with old kernels, and
// not in every container. There is no such program, which is found out only
// after the process was made.
func (g *groups) probe() error {
	f, err := os.Open(filepath.Join(g.dir, hostGroup))
	if err != nil {
		return fmt.Errorf("open control group: %w", err)
	}
	one := &group{fd: f}
	defer one.started()
	cmd := &exec.Cmd{Path: "/proc/self/fd/none"}
	one.start(cmd)
	if err := cmd.Start(); !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("start a process in a control group: %w", err)
	}
	return nil
}

// sweep removes the groups of plugins whose host is dead.
func (g *groups) sweep() {
	old, _ := filepath.Glob(filepath.Join(g.dir, pluginGroups+"*"))
	for _, dir := range old {
		_ = unix.Rmdir(dir)
	}
}

// ownGroup is the folder of the group in which this process is.
func ownGroup() (string, error) {
	data, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", fmt.Errorf("find the control group: %w", err)
	}
	mounts, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", fmt.Errorf("find the control groups: %w", err)
	}
	defer mounts.Close()
	for line := range strings.Lines(string(data)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !ok {
			continue
		}
		for lines := bufio.NewScanner(mounts); lines.Scan(); {
			before, after, _ := strings.Cut(lines.Text(), " - ")
			f := strings.Fields(before)
			if len(f) < 5 || !strings.HasPrefix(after, "cgroup2 ") {
				continue
			}
			if below, err := filepath.Rel(f[3], path); err == nil && !strings.HasPrefix(below, "..") {
				return filepath.Join(f[4], below), nil
			}
		}
	}
	return "", errors.New("this system has no control groups of version 2")
}

// group is that of one process. A nil one does nothing.
type group struct {
	dir string
	fd  *os.File
}

// make makes the group of one plugin with its limits. A nil *groups gives none.
func (g *groups) make(id string) (*group, error) {
	if g == nil {
		return nil, nil
	}
	dir := filepath.Join(g.dir, pluginGroups+id)
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("make control group: %w", err)
	}
	one := &group{dir: dir}
	for _, l := range groupLimits {
		if !slices.Contains(g.limited, l.controller) {
			continue
		}
		value := map[string]int{"cpu": weight, "pids": maxThreads, "memory": maxMemory}[l.controller]
		if err := write(dir, l.file, strconv.Itoa(value)); err != nil {
			one.remove()
			return nil, err
		}
	}
	f, err := os.Open(dir)
	if err != nil {
		one.remove()
		return nil, fmt.Errorf("open control group: %w", err)
	}
	one.fd = f
	return one, nil
}

// start lets a process begin its life in the group.
func (g *group) start(cmd *exec.Cmd) {
	if g == nil {
		return
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.UseCgroupFD, cmd.SysProcAttr.CgroupFD = true, int(g.fd.Fd())
}

// started lets go of what was needed for the start.
func (g *group) started() {
	if g != nil && g.fd != nil {
		_ = g.fd.Close()
		g.fd = nil
	}
}

// kill ends all that is in the group, whatever it did to hide.
func (g *group) kill() error {
	if g == nil {
		return nil
	}
	return write(g.dir, "cgroup.kill", "1")
}

// remove ends what is left and removes the group.
func (g *group) remove() {
	if g == nil {
		return
	}
	g.started()
	for deadline := time.Now().Add(emptied); ; time.Sleep(2 * time.Millisecond) {
		err := unix.Rmdir(g.dir)
		if err == nil || errors.Is(err, unix.ENOENT) || time.Now().After(deadline) {
			return // what is left then is used again, or swept
		}
		_ = g.kill()
	}
}

func write(dir, file, text string) error {
	f, err := os.OpenFile(filepath.Join(dir, file), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("set up control group: %w", err)
	}
	if _, err := f.WriteString(text); err != nil {
		return errors.Join(fmt.Errorf("set up control group: %w", err), f.Close())
	}
	return f.Close()
}
