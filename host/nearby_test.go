package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// officeBin is the environment variable by which this test program, started
// again in a namespace, knows that it is and where the program lies.
const officeBin = "SWITCHBOARD_TEST_OFFICE"

func init() { actInside(officeBin, insideOffice) }

// TestAnOfficeWithoutAServer has three computers on one cable, each in a network
// namespace. The first carries a network, which it opens; the others find it and
// are let in. The first hands the network to the third and is deleted. Nothing is
// lost, nobody signs up again, and messages flow.
func TestAnOfficeWithoutAServer(t *testing.T) {
	t.Parallel()
	runInside(t, officeBin, "computers on one cable")
}

// computer is one of the office.
type computer struct {
	name, dir string
	holder    *exec.Cmd // keeps its network namespace
	running   []*exec.Cmd
}

type office struct {
	dir  string
	bin  string
	list []*computer
}

func insideOffice(real string) (err error) {
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	dir, err := os.MkdirTemp("/tmp", "sbo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o := &office{dir: dir, bin: real}
	defer o.close()
	begin := time.Now()
	if err := o.build("alice", "bob", "carol"); err != nil {
		return fmt.Errorf("the namespaces cannot be prepared: %w", err)
	}
	if err := o.play(); err != nil {
		return err
	}
	fmt.Printf("three computers, one network that moved: %v\n", time.Since(begin).Round(time.Millisecond))
	return nil
}

func (o *office) close() {
	for _, c := range o.list {
		_, _ = o.say(c, "quit", "--force")
		c.kill()
		_ = c.holder.Process.Kill()
		_ = c.holder.Wait()
	}
}

// kill ends everything that runs on a computer, as pulling its plug does.
func (c *computer) kill() {
	for _, r := range c.running {
		_ = r.Process.Kill()
		_ = r.Wait()
	}
	c.running = nil
}

// build lays a cable from each computer to one bridge. A tunnel and a bridge of
// containers lead out of the first one, too.
func (o *office) build(names ...string) error {
	script := "set -e\nip link set lo up\nip link add office type bridge\nip link set office up\n"
	for i, name := range names {
		c := &computer{name: name, dir: filepath.Join(o.dir, name)}
		if err := os.MkdirAll(c.dir, 0o700); err != nil {
			return err
		}
		c.holder = exec.Command("sleep", "1000")
		c.holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		if err := c.holder.Start(); err != nil {
			return err
		}
		o.list = append(o.list, c)
		script += fmt.Sprintf("ip link add port%d type veth peer name eth0 netns %d\nip link set port%d master office up\n"+
			"nsenter -t %d -n sh -ec 'ip link set lo up; ip addr add 192.168.77.%d/24 dev eth0; ip link set eth0 up'\n",
			i, c.holder.Process.Pid, i, c.holder.Process.Pid, 11+i)
	}
	script += fmt.Sprintf("nsenter -t %d -n sh -ec 'ip link add docker0 type bridge; ip addr add 172.17.0.1/16 dev docker0; ip link set docker0 up; "+
		"ip link add wg0 type bridge; ip addr add 10.66.0.1/24 dev wg0; ip link set wg0 up'\n", o.list[0].holder.Process.Pid)
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (o *office) command(ctx context.Context, c *computer, args ...string) *exec.Cmd {
	all := append([]string{"-t", strconv.Itoa(c.holder.Process.Pid), "-n", "--", filepath.Join(o.bin, "switchboard"), "--profile", filepath.Join(c.dir, "profile")}, args...)
	cmd := exec.CommandContext(ctx, "nsenter", all...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "HOME="+c.dir, "XDG_DATA_HOME="+filepath.Join(c.dir, "data"), "XDG_CONFIG_HOME="+filepath.Join(c.dir, "config"))
	return cmd
}

func (o *office) say(c *computer, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := o.command(ctx, c, args...)
	var out, fault bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fault
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %s: %w: %s", c.name, strings.Join(args, " "), err, &fault)
	}
	return strings.TrimSpace(out.String()), nil
}

// until repeats a command until its output has a text.
func (o *office) until(c *computer, text string, args ...string) (string, error) {
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		out, err := o.say(c, args...)
		if err == nil && strings.Contains(out, text) {
			return out, nil
		}
		if time.Now().After(end) {
			return out, fmt.Errorf("%s: %s never had %q (%v): %s", c.name, strings.Join(args, " "), text, err, out)
		}
	}
}

// start runs something that stays, and waits for its "ready".
func (o *office) start(c *computer, args ...string) error {
	cmd := o.command(context.Background(), c, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var fault bytes.Buffer
	cmd.Stderr = &fault
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.running = append(c.running, cmd)
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if lines.Text() == "ready" {
				ready <- true
				_, _ = io.Copy(io.Discard, out)
				return
			}
		}
		ready <- false
	}()
	select {
	case ok := <-ready:
		if ok {
			return nil
		}
	case <-time.After(patience):
	}
	return fmt.Errorf("%s: %s is not ready: %s", c.name, strings.Join(args, " "), &fault)
}

// join has a computer find the network, ask, and be let in by the first one. The
// digits on both screens must be the same.
func (o *office) join(c *computer) error {
	first := o.list[0]
	if err := o.start(c, "--headless"); err != nil {
		return err
	}
	found, err := o.until(c, `"name":"local"`, "network", "discover", "--json")
	if err != nil {
		return err
	}
	if !strings.Contains(found, "192.168.77.11:") || strings.Contains(found, "172.17.") || strings.Contains(found, "10.66.") || strings.Contains(found, `"joined":true`) {
		return fmt.Errorf("%s finds %s", c.name, found)
	}
	asking := o.command(context.Background(), c, "setup", "--user", c.name, "--name", strings.ToUpper(c.name), "--found", "local")
	out, err := asking.StdoutPipe()
	if err != nil {
		return err
	}
	var fault bytes.Buffer
	asking.Stderr = &fault
	if err := asking.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return fmt.Errorf("%s is shown no digits: %w: %s", c.name, asking.Wait(), &fault)
	}
	digits, _, _ := strings.Cut(lines.Text(), " ")
	text, err := o.until(first, `"user":"`+c.name+`"`, "network", "requests", "--json")
	if err != nil {
		return err
	}
	var requests []struct{ ID, User, Computer, Digits string }
	if err := json.Unmarshal([]byte(text), &requests); err != nil || len(requests) != 1 || requests[0].Digits != digits || len(digits) != 6 {
		return fmt.Errorf("%s is shown %s, the owner %s (%v)", c.name, digits, text, err)
	}
	if _, err := o.say(first, "network", "admit", requests[0].ID); err != nil {
		return err
	}
	for lines.Scan() {
		if lines.Text() != c.name+"@local" {
			return fmt.Errorf("%s is told %s", c.name, lines.Text())
		}
	}
	if err := asking.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", c.name, err, &fault)
	}
	_, err = o.until(c, `"connection":"connected"`, "status", "--json")
	return err
}

// all says several things and insists on each.
func (o *office) all(c *computer, commands ...string) error {
	for _, one := range commands {
		if _, err := o.say(c, strings.Fields(one)...); err != nil {
			return err
		}
	}
	return nil
}

func (o *office) play() error {
	alice, bob, carol := o.list[0], o.list[1], o.list[2]
	if err := o.start(alice, "--headless"); err != nil {
		return err
	}
	if err := o.all(alice, "setup --user alice --name Alice --network local"); err != nil {
		return err
	}
	if out, err := o.say(alice, "network", "status", "--json"); err != nil || !strings.Contains(out, `"open":false`) {
		return fmt.Errorf("a network is open from the beginning: %s (%w)", out, err)
	}
	for _, refused := range []string{"wg0", "docker0", "lo", "nothing"} {
		if out, err := o.say(alice, "network", "open", "--interface", refused); err == nil {
			return fmt.Errorf("the network is opened on %s: %s", refused, out)
		}
	}
	if err := o.all(alice, "network open"); err != nil {
		return err
	}
	for _, c := range []*computer{bob, carol} {
		if err := o.join(c); err != nil {
			return err
		}
	}
	if err := o.all(bob, "contact add carol"); err != nil {
		return err
	}
	if _, err := o.until(carol, `"state":"request"`, "contacts", "--json"); err != nil {
		return err
	}
	if err := o.all(carol, "contact accept bob@local"); err != nil {
		return err
	}
	if err := o.all(bob, "send carol before-the-move"); err != nil {
		return err
	}
	if _, err := o.until(carol, "before-the-move", "history", "bob", "--json"); err != nil {
		return err
	}
	if _, err := o.say(alice, "quit"); err == nil || !strings.Contains(err.Error(), "2 devices") {
		return fmt.Errorf("quit does not say who is cut off: %w", err)
	}
	return o.move(alice, bob, carol)
}

// move hands the network to the third computer and deletes the first.
func (o *office) move(alice, bob, carol *computer) error {
	file := filepath.Join(o.dir, "network.tar")
	if err := o.all(alice, "serve move "+file); err != nil {
		return err
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		return fmt.Errorf("the file: %v, %w", info, err)
	}
	alice.kill()
	_, _ = o.say(alice, "quit", "--force")
	if err := os.RemoveAll(alice.dir); err != nil {
		return err
	}
	if out, err := exec.Command("ip", "link", "del", "port0").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if err := o.all(bob, "send carol while-it-was-nowhere"); err != nil && !strings.Contains(err.Error(), "waits") {
		return err
	}
	if err := o.all(carol, "serve adopt "+file); err != nil {
		return err
	}
	if err := o.start(carol, "serve"); err != nil {
		return err
	}
	for _, c := range []*computer{bob, carol} {
		if _, err := o.until(c, `"connection":"connected"`, "status", "--json"); err != nil {
			return err
		}
	}
	if err := o.all(bob, "send carol after-the-move"); err != nil {
		return err
	}
	history, err := o.until(carol, "after-the-move", "history", "bob", "--json")
	if err != nil {
		return err
	}
	at := 0
	for _, text := range []string{"before-the-move", "while-it-was-nowhere", "after-the-move"} {
		i := strings.Index(history[at:], text)
		if i < 0 || strings.Count(history, text) != 1 {
			return fmt.Errorf("carol reads %s", history)
		}
		at += i
	}
	if out, err := o.say(bob, "network", "discover", "--json"); err != nil || !strings.Contains(out, "192.168.77.13:") || !strings.Contains(out, `"joined":true`) {
		return errors.Join(fmt.Errorf("bob finds %s", out), err)
	}
	return nil
}
