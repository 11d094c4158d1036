package companion

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// cluster is three nats-servers and replicas beside them, each a process of its
// own, set up by init-cluster.
type cluster struct {
	t        testing.TB
	dir      string
	nats     string // the program
	servers  []*member
	replicas []*member
	owner    string // the first owner's invitation
}

type member struct {
	name string
	make func() *exec.Cmd
	cmd  *exec.Cmd
	done chan struct{}
	log  *bytes.Buffer
}

var natsBinary struct {
	once sync.Once
	path string
	err  error
}

// natsServer builds the nats-server of the module itself: what the embedded one
// is made of, as the program that an administrator runs.
func natsServer(t testing.TB) string {
	t.Helper()
	natsBinary.once.Do(func() {
		if natsBinary.path = os.Getenv("NATS_SERVER_BUILT"); natsBinary.path != "" {
			return
		}
		dir, err := os.MkdirTemp("", "nats-server")
		if err != nil {
			natsBinary.err = err
			return
		}
		natsBinary.path = filepath.Join(dir, "nats-server")
		out, err := exec.Command("go", "build", "-o", natsBinary.path, "github.com/nats-io/nats-server/v2").CombinedOutput()
		if err != nil {
			natsBinary.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if natsBinary.err != nil {
		t.Fatal(natsBinary.err)
	}
	return natsBinary.path
}

func freePorts(t testing.TB, host string, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// newCluster starts everything and waits until it is ready.
func newCluster(t testing.TB, replicas int) *cluster {
	t.Helper()
	ports := freePorts(t, "127.0.0.1", 6)
	var hosts []string
	for i := range 3 {
		hosts = append(hosts, fmt.Sprintf("127.0.0.1:%d/%d", ports[2*i], ports[2*i+1]))
	}
	return clusterAt(t, replicas, hosts, func(_ int, name string, args ...string) *exec.Cmd { return exec.Command(name, args...) })
}

// clusterAt starts the servers where command puts them.
func clusterAt(t testing.TB, replicas int, hosts []string, command func(server int, name string, args ...string) *exec.Cmd) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: filepath.Join(t.TempDir(), "office"), nats: natsServer(t)}
	args := []string{c.dir, "--name", "office", "--servers", strings.Join(hosts, ","), "--replicas", strconv.Itoa(replicas)}
	if err := initCluster(context.Background(), args, &bytes.Buffer{}, hclog.NewNullLogger()); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		conf := filepath.Join(c.dir, fmt.Sprintf("n%d", i+1), "nats.conf")
		c.servers = append(c.servers, &member{name: fmt.Sprintf("n%d", i+1), make: func() *exec.Cmd { return command(i, c.nats, "-c", conf) }})
	}
	for i := range replicas {
		file := filepath.Join(c.dir, fmt.Sprintf("replica-%d", i+1), "serve.toml")
		c.edit(file)
		c.replicas = append(c.replicas, &member{name: fmt.Sprintf("replica-%d", i+1), make: func() *exec.Cmd {
			cmd := exec.Command(os.Args[0], "serve", "--config", file)
			cmd.Env = append(os.Environ(), "COMPANION_TEST=1")
			return cmd
		}})
	}
	t.Cleanup(c.stop)
	for _, p := range c.servers {
		c.start(p)
	}
	for _, p := range c.replicas {
		c.ready(p, c.start(p))
	}
	return c
}

// edit makes a generated configuration fit for a test: no port of its own.
func (c *cluster) edit(file string) {
	c.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("metrics = \"127.0.0.1:9430\"\n"), []byte("rate = 100000.0\nburst = 100000\n"), 1)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) start(p *member) *bufio.Reader {
	c.t.Helper()
	p.cmd, p.done, p.log = p.make(), make(chan struct{}), &bytes.Buffer{}
	out, in, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = in, p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	_ = in.Close()
	c.t.Cleanup(func() { _ = out.Close() })
	go func(cmd *exec.Cmd, done chan struct{}) {
		defer close(done)
		_ = cmd.Wait() // killed on purpose
	}(p.cmd, p.done)
	return bufio.NewReader(out)
}

// ready reads what a replica prints until it says so.
func (c *cluster) ready(p *member, out *bufio.Reader) {
	c.t.Helper()
	said := make(chan string, 1)
	go func() {
		owner := ""
		for {
			line, err := out.ReadString('\n')
			if strings.Contains(line, "&i=") {
				owner = strings.TrimSpace(line)
			}
			if err != nil || line == "ready\n" {
				if err != nil {
					owner = "!" + err.Error()
				}
				said <- owner
				return
			}
		}
	}()
	select {
	case owner := <-said:
		if strings.HasPrefix(owner, "!") {
			<-p.done
			c.t.Fatalf("%s: %s: %s", p.name, owner, p.log)
		}
		if owner != "" {
			c.owner = owner
		}
	case <-time.After(70 * time.Second):
		c.t.Fatalf("%s is not ready", p.name)
	}
}

func (c *cluster) kill(p *member, sig syscall.Signal) {
	c.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		c.t.Fatalf("%s: %v", p.name, err)
	}
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		c.t.Fatalf("%s does not end", p.name)
	}
}

func (c *cluster) stop() {
	for _, p := range append(append([]*member{}, c.replicas...), c.servers...) {
		if p.cmd != nil {
			_ = p.cmd.Process.Kill() // it may be gone
			<-p.done
		}
		if c.t.Failed() && p.log != nil {
			text := p.log.String()
			c.t.Logf("%s said last:\n%s", p.name, text[max(0, len(text)-3000):])
		}
	}
}

// person is a signed-in device and all that it was told.
type person struct {
	t testing.TB
	a *client.Account
	c *client.Client

	mu      sync.Mutex
	entries map[string][]*contractv1.Envelope
	events  []*contractv1.NetEvent
	changed chan struct{}
}

func dialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// patience is what anything may take beside a storm.
const patience = 40 * time.Second

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func enter(t testing.TB, link, user string) *client.Account {
	t.Helper()
	return admitted(t, link, wire.Register{Op: wire.RegisterNew, User: user})
}

// admitted registers a new device with a link, and what the link holds.
func admitted(t testing.TB, link string, r wire.Register) *client.Account {
	t.Helper()
	l, err := wire.ParseLink(link)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	r.Token = l.Token
	a, err := client.Register(within(t), dialTCP, l, seed, r)
	if err != nil {
		t.Fatalf("%s%s: %v", r.User, r.Code, err)
	}
	return a
}

func online(t testing.TB, a *client.Account) *person {
	t.Helper()
	p := &person{t: t, a: a, entries: map[string][]*contractv1.Envelope{}, changed: make(chan struct{})}
	var err error
	p.c, err = client.SignIn(client.Options{Account: a, Dial: dialTCP, Emit: p.emit}, nil,
		&contractv1.SetPresence{Status: contractv1.SetPresence_AVAILABLE})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.leave)
	p.wait("connected", func(e *contractv1.NetEvent) bool {
		return e.GetConnection().GetState() == contractv1.ConnectionChanged_CONNECTED
	})
	return p
}

func (p *person) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	p.c.SignOut(ctx)
}

func (p *person) emit(_ context.Context, e *contractv1.NetEvent) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v := e.GetEnvelopes(); v != nil {
		p.entries[v.Conversation] = append(p.entries[v.Conversation], v.Envelopes...)
	} else {
		p.events = append(p.events, e)
	}
	close(p.changed)
	p.changed = make(chan struct{})
	return nil
}

func (p *person) wait(what string, is func(*contractv1.NetEvent) bool) {
	p.t.Helper()
	from := 0
	p.until(what, func() bool {
		for ; from < len(p.events); from++ {
			if is(p.events[from]) {
				return true
			}
		}
		return false
	})
}

// until waits for something that is looked at under the lock.
func (p *person) until(what string, done func() bool) {
	p.t.Helper()
	end := time.After(patience)
	for {
		p.mu.Lock()
		ok, changed := done(), p.changed
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-end:
			p.t.Fatalf("%s: no %s", p.a.User, what)
		}
	}
}

func (p *person) all(conv string) []*contractv1.Envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*contractv1.Envelope{}, p.entries[conv]...)
}

// friends makes two people contacts; the second asks the first.
func friends(t testing.TB, a, b *person) {
	t.Helper()
	for _, v := range []struct {
		who *person
		r   *contractv1.RosterChange
	}{
		{a, &contractv1.RosterChange{Op: contractv1.RosterChange_REQUEST, Address: b.a.Address()}},
		{b, &contractv1.RosterChange{Op: contractv1.RosterChange_ACCEPT, Address: a.a.Address()}},
	} {
		if err := v.who.c.Roster(within(t), v.r); err != nil {
			t.Fatal(err)
		}
	}
}

// invited makes an account by an invitation of somebody who is there.
func invited(t testing.TB, by *person, user string) *person {
	t.Helper()
	inv, err := by.c.Invite(within(t), &contractv1.InviteCreate{Uses: 1})
	if err != nil {
		t.Fatal(err)
	}
	return online(t, enter(t, inv.Link, user))
}
