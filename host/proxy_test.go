package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// insideBin is the environment variable by which this test program, started
// again in a namespace, knows that it is and where the program lies.
const insideBin = "SWITCHBOARD_TEST_INSIDE"

func init() { actInside(insideBin, inside) }

// TestNothingPassesTheProxy puts two hosts where the only way out is a proxy's
// address, without a route to anywhere else. They sign in to a server whose name
// only the proxy can look up, talk, and go on talking through another proxy of
// another kind when the setting changes. Not one question for a name is asked.
func TestNothingPassesTheProxy(t *testing.T) {
	t.Parallel()
	runInside(t, insideBin, "that nothing passes the proxy")
}

// The addresses inside: the hosts' end and the proxies' end of the one cable, and
// where the server is, to which the hosts have no route.
const (
	hostsAt   = "10.8.0.2"
	proxiesAt = "10.8.0.1"
	serverAt  = "10.9.0.1"
	serverIs  = "server.test" // the hosts' computer does not know it
)

// inside is the test within its namespaces; what it finds wrong is its error.
func inside(real string) (err error) {
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin") // ip is there, where not everybody looks
	dir, err := os.MkdirTemp("/tmp", "sbp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin = real
	in := &island{world: &world{dir: dir, hosts: map[string]*hostProcess{}}}
	defer in.close()
	if err := in.build(); err != nil {
		return fmt.Errorf("the namespaces cannot be prepared: %w", err)
	}
	begin := time.Now()
	if err := in.play(); err != nil {
		return err
	}
	fmt.Printf("two hosts talked through two proxies, no name was asked for: %v\n", time.Since(begin).Round(time.Millisecond))
	return nil
}

// island is the world of this test: the server and the proxies in the network
// namespace of this process, the hosts in another one.
type island struct {
	*world
	asked  atomic.Int64 // questions for names that left the hosts' namespace
	holder *exec.Cmd    // keeps the hosts' namespace
	names  net.PacketConn
	ends   []func()
}

func (in *island) close() {
	in.world.close()
	for _, end := range in.ends {
		end()
	}
	if in.names != nil {
		in.names.Close()
	}
	if in.holder != nil {
		_ = in.holder.Process.Kill()
		_ = in.holder.Wait()
	}
}

func (in *island) file(name, text string) string {
	path := filepath.Join(in.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		panic(err) // the folder is ours
	}
	return path
}

// build lays the one cable and takes the hosts' knowledge of names.
func (in *island) build() error {
	in.holder = exec.Command("sleep", "1000")
	in.holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := in.holder.Start(); err != nil {
		in.holder = nil
		return err
	}
	pid := strconv.Itoa(in.holder.Process.Pid)
	hostsHere := in.file("hosts.here", "127.0.0.1 localhost\n"+serverAt+" "+serverIs+"\n")
	script := "set -e\nip link set lo up\nip addr add " + serverAt + "/32 dev lo\n" +
		"ip link add cable0 type veth peer name cable1\nip link set cable1 netns " + pid + "\n" +
		"ip addr add " + proxiesAt + "/32 dev cable0\nip link set cable0 up\nip route add " + hostsAt + "/32 dev cable0\n" +
		"mount --bind " + hostsHere + " /etc/hosts\n"
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	script = "set -e\nip link set lo up\nip addr add " + hostsAt + "/32 dev cable1\nip link set cable1 up\nip route add " + proxiesAt + "/32 dev cable1\n" +
		"mount --bind " + in.file("hosts", "127.0.0.1 localhost\n") + " /etc/hosts\n" +
		"mount --bind " + in.file("resolv.conf", "nameserver "+proxiesAt+"\noptions timeout:1 attempts:1\n") + " /etc/resolv.conf\n" +
		"[ ! -e /etc/nsswitch.conf ] || mount --bind " + in.file("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n") + " /etc/nsswitch.conf\n" +
		"ip route\nip -6 route show default\n"
	out, err := in.there("sh", "-c", script).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if routes := strings.TrimSpace(string(out)); routes != proxiesAt+" dev cable1 scope link" {
		return fmt.Errorf("the hosts have other routes than the one to the proxy: %q", routes)
	}
	return in.countNames()
}

// there is a command in the hosts' namespaces.
func (in *island) there(name string, args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", strconv.Itoa(in.holder.Process.Pid), "-n", "-m", "--", name}, args...)...)
}

// countNames is the one name server that the hosts can reach: it counts, and
// knows nothing.
func (in *island) countNames() (err error) {
	if in.names, err = net.ListenPacket("udp", proxiesAt+":53"); err != nil {
		return err
	}
	go func() { // ends when close takes its socket
		for buf := make([]byte, 1024); ; {
			n, from, err := in.names.ReadFrom(buf)
			if err != nil {
				return
			}
			in.asked.Add(1)
			if n >= 12 {
				buf[2], buf[3] = buf[2]|0x80, 3 // an answer: no such name
				_, _ = in.names.WriteTo(buf[:n], from)
			}
		}
	}()
	return nil
}

// proxy starts a proxy that .ci/deps unpacked, and waits for it.
func (in *island) proxy(port, name string, args ...string) (end func(), err error) {
	for _, path := range []string{"../out/peers/usr/bin/" + name, "../out/peers/usr/sbin/" + name} {
		if abs, err := filepath.Abs(path); err == nil && exec.Command("test", "-x", abs).Run() == nil {
			name = abs
		}
	}
	var said bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s is missing, run .ci/deps test: %w", name, err)
	}
	end = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // a second time does no harm
	}
	in.ends = append(in.ends, end)
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", proxiesAt+":"+port); err == nil {
			return end, c.Close()
		}
	}
	return nil, fmt.Errorf("%s does not listen: %s", name, &said)
}

// say is one command line that must succeed; its last line is the answer.
func (in *island) say(name string, args ...string) (string, error) {
	stdout, stderr, err := in.run(name, args...)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w: %s", name, strings.Join(args, " "), err, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	return lines[len(lines)-1], nil
}

// all is say for several commands of one host.
func (in *island) all(name string, commands ...string) error {
	for _, c := range commands {
		if _, err := in.say(name, strings.Fields(c)...); err != nil {
			return err
		}
	}
	return nil
}

func (in *island) until(name, pattern string, args ...string) error {
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		stdout, stderr, err := in.run(name, args...)
		if err == nil && re.MatchString(stdout) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: %s never matched %s (%v): %s%s", name, strings.Join(args, " "), pattern, err, stdout, stderr)
		}
	}
}

func (in *island) play() error {
	links, err := in.startServer(in.file("office.toml", fmt.Sprintf("name = \"office\"\nfolder = %q\nlisten = \"%s:4430\"\nregistration = \"open\"\n",
		in.profile("office"), serverAt)))
	if err != nil {
		return err
	}
	network := strings.Replace(links[0], serverAt+":", serverIs+":", 1)
	if !strings.Contains(network, serverIs) {
		return fmt.Errorf("the server is not at %s: %s", serverAt, network)
	}
	endFirst, err := in.proxy("1080", "microsocks", "-i", proxiesAt, "-p", "1080", "-u", "me", "-P", "pw")
	if err != nil {
		return err
	}
	if _, err := in.proxy("8080", "tinyproxy", "-d", "-c", in.file("tinyproxy.conf", "Port 8080\nListen "+proxiesAt+"\nTimeout 60\nMaxClients 20\nLogLevel Critical\nLogFile \""+
		filepath.Join(in.dir, "tiny.log")+"\"\nPidFile \""+filepath.Join(in.dir, "tiny.pid")+"\"\n")); err != nil {
		return err
	}
	// From here on everything of the program runs where the hosts are.
	wrapped := filepath.Join(in.dir, "there")
	if err := os.Mkdir(wrapped, 0o755); err != nil {
		return err
	}
	in.file("there/switchboard", fmt.Sprintf("#!/bin/sh\nexec nsenter -t %d -n -m -- %s/switchboard \"$@\"\n", in.holder.Process.Pid, bin))
	bin = wrapped
	for _, name := range []string{"alice", "bob"} {
		if err := in.start(name); err != nil {
			return err
		}
	}
	// That the counter counts, and that there is no way past the proxy:
	if _, _, err := in.run("alice", "setup", "--user", "alice", "--name", "Alice", "--server", network); err == nil {
		return errors.New("the server was reached without a proxy")
	}
	if in.asked.Swap(0) == 0 {
		return errors.New("without a proxy no name was asked for: the count of questions says nothing")
	}
	if err := in.meet(network); err != nil {
		return err
	}
	// The proxy changes while they talk, and the old one ends.
	for _, name := range []string{"alice", "bob"} {
		if err := in.all(name, "settings set network.proxy_port 8080", "settings set network.proxy_type http"); err != nil {
			return err
		}
	}
	if err := in.left(1080, 8080); err != nil {
		return err
	}
	endFirst()
	if err := in.exchange("three", "four"); err != nil {
		return err
	}
	if n := in.asked.Load(); n != 0 {
		return fmt.Errorf("%d questions for names left the hosts' computer", n)
	}
	return nil
}

// left waits until no host is connected to the old port of the proxies and both
// are to the new one: the change alone must bring that about.
func (in *island) left(old, now int) error {
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", in.holder.Process.Pid))
		if err != nil {
			return err
		}
		count := func(port int) int { // 0100080A is proxiesAt as the kernel prints it, 01 is established
			return len(regexp.MustCompile(fmt.Sprintf(` 0100080A:%04X 01 `, port)).FindAll(table, -1))
		}
		if count(old) == 0 && count(now) >= 2 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("after the change the hosts are still connected the old way:\n%s", table)
		}
	}
}

// meet signs both in through the first proxy and makes them friends.
func (in *island) meet(network string) error {
	for _, name := range []string{"alice", "bob"} {
		if err := in.all(name, "settings set network.proxy_address "+proxiesAt, "settings set network.proxy_type socks5", "settings set network.proxy_user me",
			"settings set network.proxy_password pw", "settings set network.use_proxy on", "setup --user "+name+" --name "+name+" --server "+network); err != nil {
			return err
		}
	}
	if err := in.all("bob", "contact add alice@office"); err != nil {
		return err
	}
	if err := in.until("alice", `"address":"bob@office".*"state":"request"`, "contacts", "--json"); err != nil {
		return err
	}
	if err := in.all("alice", "contact accept bob@office"); err != nil {
		return err
	}
	if err := in.until("bob", `"state":"friend"`, "contacts", "--json"); err != nil {
		return err
	}
	return in.exchange("one", "two")
}

// exchange sends a message each way and waits until both have arrived.
func (in *island) exchange(first, second string) error {
	return errors.Join(
		in.all("alice", "send bob "+first), in.until("bob", `"text":"`+first+`"`, "history", "alice", "--json"),
		in.all("bob", "send alice "+second), in.until("alice", `"text":"`+second+`"`, "history", "bob", "--json"))
}
