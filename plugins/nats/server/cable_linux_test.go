package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// envCable tells this program that it is in namespaces of its own.
const envCable = "SWITCHBOARD_TEST_CABLE"

// cutShows is how soon a cut cable must show: at most three intervals of pings,
// the moment that a device has to come back, and half a second for this machine.
const cutShows = 12*time.Second + 500*time.Millisecond

// The two ends of the cable.
const (
	nearEnd = "10.7.0.1"
	farEnd  = "10.7.0.2"
)

// TestACutCable: a computer's cable is cut, so that neither side hears another
// word, not even an end. Contacts see it offline within twelve seconds, it knows
// so itself, and all is well when the cable is mended.
//
// It needs namespaces: root, or a kernel that gives them to everybody.
func TestACutCable(t *testing.T) {
	if os.Getenv(envCable) != "" {
		cutCable(t)
		return
	}
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestACutCable$", "-test.v")
	cmd.Env = append(os.Environ(), envCable+"=1", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL,
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}}
	if err := cmd.Start(); err != nil {
		t.Fatalf("a cut cable cannot be tried here, since user and network namespaces cannot be created (%v); "+
			"run the tests as root, or allow it: sysctl kernel.unprivileged_userns_clone=1", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, "after") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

// cable is between this network namespace and another one.
type cable struct {
	t      *testing.T
	holder *exec.Cmd
}

func (c *cable) sh(where, script string) {
	c.t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	if where != "" {
		cmd = exec.Command("nsenter", "-t", where, "-n", "--", "sh", "-ec", script)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v: %s", script, err, out)
	}
}

func (c *cable) far() string { return strconv.Itoa(c.holder.Process.Pid) }

func lay(t *testing.T) *cable {
	t.Helper()
	c := &cable{t: t, holder: exec.Command("sleep", "100")}
	c.holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := c.holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.holder.Process.Kill()
		_ = c.holder.Wait()
	})
	c.sh("", "ip link set lo up\nip link add cable0 type veth peer name cable1\nip link set cable1 netns "+c.far()+
		"\nip addr add "+nearEnd+"/24 dev cable0\nip link set cable0 up")
	c.sh(c.far(), "ip link set lo up\nip addr add "+farEnd+"/24 dev cable1\nip link set cable1 up")
	return c
}

// cut takes this end down and leaves the other end's addresses and routes alone,
// as a switch between the two would that loses its power.
func (c *cable) cut()  { c.sh("", "ip link set cable0 down") }
func (c *cable) mend() { c.sh("", "ip link set cable0 up") }

// cutCable is the test within its namespaces.
func cutCable(t *testing.T) {
	c := lay(t)
	s := start(t, server.Options{Folder: t.TempDir(), Listen: nearEnd + ":0"})
	alice := signIn(t, join(t, s, "alice"))
	b := join(t, s, "bob")
	bob := signIn(t, b)
	befriend(t, alice, bob)
	bob.leave()

	from := alice.mark()
	log := filepath.Join(t.TempDir(), "bob")
	far := farClient(t, c, b, log)
	alice.waitFrom(from, "bob here", presence("bob@local", contractv1.SetPresence_AVAILABLE))
	time.Sleep(3 * time.Second) // somewhere between two pings
	from = alice.mark()
	began := time.Now()
	c.cut()
	alice.waitLong(from, "bob gone", presence("bob@local", contractv1.SetPresence_OFFLINE))
	t.Logf("contacts know of the cut cable after %v", time.Since(began).Round(10*time.Millisecond))
	if d := time.Since(began); d > cutShows {
		t.Errorf("contacts know of the cut cable after %v", d)
	}
	until(t, log, "OFFLINE", began.Add(cutShows))
	t.Logf("its own program knows after %v", time.Since(began).Round(10*time.Millisecond))

	from = alice.mark()
	began = time.Now()
	c.mend()
	alice.waitLong(from, "bob here again", presence("bob@local", contractv1.SetPresence_AVAILABLE))
	t.Logf("mended, it is here after %v", time.Since(began).Round(10*time.Millisecond))
	far.end()
}

// farClient is a device at the other end; what it is told of its connection is in log.
func farClient(t *testing.T, c *cable, a *client.Account, log string) *child {
	t.Helper()
	f := spawn(t, "client", envLog+"="+log)
	f.cmd.Path, f.cmd.Args = "/usr/bin/nsenter", append([]string{"nsenter", "-t", c.far(), "-n", "--"}, f.cmd.Args...)
	f.start()
	if err := json.NewEncoder(f.in).Encode(a); err != nil {
		t.Fatal(err)
	}
	f.ready()
	return f
}

// waitLong is waitFrom for what takes longer than anything else here.
func (p *peer) waitLong(from int, what string, is func(*contractv1.NetEvent) bool) {
	p.t.Helper()
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		found := slices.ContainsFunc(p.events[from:], is)
		p.mu.Unlock()
		if found {
			return
		}
	}
	p.t.Fatalf("%s: no %s", p.a.User, what)
}

// until waits for a word in a file.
func until(t *testing.T, file, word string, end time.Time) {
	t.Helper()
	for {
		data, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(data), word) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("no %s: %q, %v", word, data, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
