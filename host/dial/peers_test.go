package dial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestPeers talks through proxies that others wrote, one of each kind and each
// protocol it speaks.
func TestPeers(t *testing.T) {
	_, port, err := net.SplitHostPort(echoes(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		start    func(t *testing.T) (address string)
		kinds    []Kind
		user, pw string
	}{
		{"dante", dante, []Kind{SOCKS4, SOCKS5}, "", ""},
		{"microsocks", microsocks, []Kind{SOCKS5}, "me", "pass:word"},
		{"ssh", ssh, []Kind{SOCKS4, SOCKS4a, SOCKS5}, "", ""},
		{"tinyproxy", tinyproxy, []Kind{HTTP}, "me", "password"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := c.start(t)
			for _, kind := range c.kinds {
				sayHello(t, dialled(t, Way{Kind: kind, Proxy: at, User: c.user, Password: c.pw}, "localhost:"+port))
			}
			d := New()
			if c.user != "" {
				d.SetWay(Way{Kind: c.kinds[0], Proxy: at, User: c.user, Password: "wrong"})
				if _, err := d.Dial(t.Context(), "tcp", "localhost:"+port, 5*time.Second); !errors.Is(err, ErrLogin) {
					t.Errorf("with a wrong password: %v", err)
				}
			}
			other := Way{Kind: HTTP, Proxy: at}
			if c.kinds[0] == HTTP {
				other.Kind = SOCKS4a
			}
			d.SetWay(other)
			_, err := d.Dial(t.Context(), "tcp", "localhost:"+port, time.Second) // an HTTP proxy waits for the end of a line
			if err == nil || !strings.Contains(err.Error(), "check the proxy's type") {
				t.Errorf("spoken to as another kind: %v", err)
			}
			d.SetWay(Way{Kind: c.kinds[len(c.kinds)-1], Proxy: at, User: c.user, Password: c.pw})
			if _, err := d.Dial(t.Context(), "tcp", "localhost:1", 5*time.Second); err == nil {
				t.Error("a connection to nobody")
			}
		})
	}
}

// echoes serves until the test ends.
func echoes(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				_, _ = io.Copy(c, c)
			})
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().String()
}

// peer finds a program that .ci/deps unpacked, or one that is installed.
func peer(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"../../out/peers/usr/sbin", "../../out/peers/usr/bin"} {
		if path, err := filepath.Abs(filepath.Join(dir, name)); err == nil {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: run .ci/deps test", name)
	}
	return path
}

// free is a port of this computer that nobody listened at a moment ago.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// run starts a proxy, waits until it listens at the port, and ends it and what
// it started with the test.
func run(t *testing.T, port string, cmd *exec.Cmd) (address string) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		if cmd.SysProcAttr.Cloneflags != 0 && errors.Is(err, syscall.EPERM) {
			t.Fatalf("user namespaces cannot be created here, and sshd needs one to run without rights: %v", err)
		}
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { defer close(exited); _ = cmd.Wait() }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(3 * time.Second):
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // who is left of its group
		<-exited
	})
	address = net.JoinHostPort("127.0.0.1", port)
	for end := time.Now().Add(20 * time.Second); ; {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		select {
		case <-exited:
			t.Fatalf("%s: %s", cmd.Path, &said)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not listen", cmd.Path)
		}
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// me is the name of who runs the tests.
func me(t *testing.T) string {
	t.Helper()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

func dante(t *testing.T) string {
	port, dir := free(t), t.TempDir()
	config := write(t, filepath.Join(dir, "danted.conf"), fmt.Sprintf(`logoutput: stderr
internal: 127.0.0.1 port = %s
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.unprivileged: %s
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 command: connect }
`, port, me(t)))
	at := run(t, port, exec.Command(peer(t, "danted"), "-N", "1", "-f", config, "-p", filepath.Join(dir, "pid")))
	// It listens before the processes that answer are there, and hangs up until then.
	for end := time.Now().Add(20 * time.Second); !greets(at); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("danted listens and does not answer")
		}
	}
	return at
}

// greets tells whether a SOCKS 5 proxy answers a greeting.
func greets(at string) bool {
	c, err := net.DialTimeout("tcp", at, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	answer := make([]byte, 2)
	if _, err := c.Write([]byte{5, 1, 0}); err != nil {
		return false
	}
	_, err = io.ReadFull(c, answer)
	return err == nil && answer[0] == 5
}

func microsocks(t *testing.T) string {
	port := free(t)
	return run(t, port, exec.Command(peer(t, "microsocks"), "-i", "127.0.0.1", "-p", port, "-u", "me", "-P", "pass:word"))
}

func tinyproxy(t *testing.T) string {
	port, dir := free(t), t.TempDir()
	config := write(t, filepath.Join(dir, "tinyproxy.conf"), fmt.Sprintf("Port %s\nListen 127.0.0.1\nTimeout 20\nMaxClients 10\nLogLevel Critical\nLogFile %q\nPidFile %q\nBasicAuth me password\n",
		port, filepath.Join(dir, "log"), filepath.Join(dir, "pid")))
	return run(t, port, exec.Command(peer(t, "tinyproxy"), "-d", "-c", config))
}

// ssh is ssh -D with an sshd of its own, which listens nowhere: the two speak
// over a pipe. An sshd without rights lets in who runs it; where that is root, it
// runs as nobody in a user namespace, since sshd as root wants to be installed.
func ssh(t *testing.T) string {
	port, dir := free(t), t.TempDir()
	key := filepath.Join(dir, "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v: %s", err, out)
	}
	config := write(t, filepath.Join(dir, "sshd_config"), fmt.Sprintf("HostKey %s\nAuthorizedKeysFile %s.pub\nStrictModes no\nUsePAM yes\nPidFile none\nPasswordAuthentication no\n", key, key))
	name := me(t)
	var attr *syscall.SysProcAttr
	if os.Getuid() == 0 {
		nobody, err := user.Lookup("nobody")
		if err != nil {
			t.Fatal(err)
		}
		name = nobody.Username
		attr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: number(t, nobody.Uid), HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: number(t, nobody.Gid), HostID: os.Getgid(), Size: 1}}}
	}
	cmd := exec.Command("ssh", "-F", "none", "-N", "-D", "127.0.0.1:"+port, "-i", key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
		"-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "ExitOnForwardFailure=yes",
		"-o", fmt.Sprintf("ProxyCommand='%s' -i -e -f '%s'", peer(t, "sshd"), config), name+"@here")
	cmd.SysProcAttr = attr
	return run(t, port, cmd)
}

func number(t *testing.T, s string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
