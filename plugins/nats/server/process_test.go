package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// This program is also the processes that tests need: role says which, the rest
// says what it works with.
const (
	envRole   = "SWITCHBOARD_TEST_ROLE"
	envFolder = "SWITCHBOARD_TEST_FOLDER"
	envListen = "SWITCHBOARD_TEST_LISTEN"
	envLog    = "SWITCHBOARD_TEST_LOG" // a file
)

// roles never return; each ends when its standard input does, so that none
// outlives the tests.
var roles = map[string]func(){
	"server":   func() { serveRole(func(o server.Options) server.Options { return o }) },
	"unsynced": func() { serveRole(server.Unsafely) },
	"client":   clientRole,
}

func fail(err error) {
	fmt.Println("failed:", err)
	os.Exit(1)
}

// serveRole carries the network of a folder, open to whoever registers.
func serveRole(with func(server.Options) server.Options) {
	s, err := server.Start(with(server.Options{
		Folder: os.Getenv(envFolder), Listen: os.Getenv(envListen), OpenRegistration: true, Rate: 1e5, Burst: 1e5, RegisterRate: 1e4, RegisterBurst: 1e4}))
	if err != nil {
		fail(err)
	}
	fmt.Println("ready", s.Link())
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Close()
	os.Exit(0)
}

// clientRole is a device that is there and does nothing. How its connection is
// stands in its log, if it has one.
func clientRole() {
	a := &client.Account{}
	if err := json.NewDecoder(os.Stdin).Decode(a); err != nil {
		fail(err)
	}
	there := make(chan struct{}, 1)
	log := io.Discard
	if name := os.Getenv(envLog); name != "" {
		f, err := os.Create(name)
		if err != nil {
			fail(err)
		}
		log = f
	}
	_, err := client.SignIn(client.Options{Account: a, Dial: dial, Emit: func(_ context.Context, e *contractv1.NetEvent) error {
		if c := e.GetConnection(); c != nil {
			fmt.Fprintln(log, c.State)
		}
		if e.GetConnection().GetState() == contractv1.ConnectionChanged_CONNECTED {
			select {
			case there <- struct{}{}:
			default:
			}
		}
		return nil
	}}, nil, &contractv1.SetPresence{Status: contractv1.SetPresence_AVAILABLE})
	if err != nil {
		fail(err)
	}
	<-there
	fmt.Println("ready there")
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// child is a process in a role.
type child struct {
	t    testing.TB
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	done bool
}

// spawn starts a role; word is what its first line says behind "ready".
func spawn(t testing.TB, role string, env ...string) *child {
	t.Helper()
	c := &child{t: t, cmd: exec.Command(os.Args[0], "-test.run=^$")}
	c.cmd.Env = append(append(os.Environ(), envRole+"="+role), env...)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	t.Cleanup(c.kill)
	return c
}

func (c *child) start() {
	c.t.Helper()
	if err := c.cmd.Start(); err != nil {
		c.done = true
		c.t.Fatal(err)
	}
}

// ready waits for the line that begins so and gives the rest.
func (c *child) ready() string {
	c.t.Helper()
	line, err := c.line(time.Minute)
	word, ok := strings.CutPrefix(line, "ready ")
	if err != nil || !ok {
		c.t.Fatalf("%s says %q: %v", c.cmd.Args[0], line, err)
	}
	return word
}

// line is the next line that the process prints.
func (c *child) line(patience time.Duration) (string, error) {
	type said struct {
		line string
		err  error
	}
	heard := make(chan said, 1)
	go func() { // ends with the line, or with the process
		line, err := c.out.ReadString('\n')
		heard <- said{strings.TrimSpace(line), err}
	}()
	select {
	case s := <-heard:
		return s.line, s.err
	case <-time.After(patience):
		c.kill()
		<-heard
		return "", fmt.Errorf("nothing for %v", patience)
	}
}

// kill ends it with SIGKILL and waits until it is gone.
func (c *child) kill() {
	if c.done || c.cmd.Process == nil {
		return
	}
	c.done = true
	_ = c.cmd.Process.Kill() // it may be gone
	_ = c.cmd.Wait()
}

// end asks it to end and waits.
func (c *child) end() {
	c.t.Helper()
	c.done = true
	_ = c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		c.t.Errorf("%s: %v", c.cmd.Args[0], err)
	}
}

// serve starts a server process over a folder.
func serve(t testing.TB, folder, listen string) (*child, wire.Link) {
	t.Helper()
	c := spawn(t, "server", envFolder+"="+folder, envListen+"="+listen)
	c.start()
	return c, linkOf(t, c.ready())
}

func linkOf(t testing.TB, text string) wire.Link {
	t.Helper()
	l, err := wire.ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// enter registers where registration is open.
func enter(t testing.TB, l wire.Link, user string) *client.Account {
	t.Helper()
	a, err := register(t, l, wire.Register{Op: wire.RegisterNew, User: user, DeviceName: "first"})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
