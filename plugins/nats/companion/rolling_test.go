package companion

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func (c *cluster) config(i int) string {
	return filepath.Join(c.dir, fmt.Sprintf("replica-%d", i), "serve.toml")
}

// TestRollingRestart restarts every server and every replica one by one, each
// server after it gave up the lead, while people write. Accounts are then
// administered at one replica and hold at the other.
func TestRollingRestart(t *testing.T) {
	c := newCluster(t, 2)
	alice := online(t, enter(t, c.owner, "alice"))
	bob := invited(t, alice, "bob")
	friends(t, alice, bob)
	speed := &pace{moved: make(chan struct{})}
	flows := []*flow{{p: alice, conv: "dm.alice.bob", n: 1 << 20}, {p: bob, conv: "dm.alice.bob", n: 1 << 20}}
	enough := make(chan struct{})
	errs := make(chan error, 2)
	for _, f := range flows {
		f.enough = enough
		go func() { errs <- f.pour(speed) }()
	}
	for _, p := range c.servers {
		speed.further(100, nil)
		speed.reset()
		said, err := command(t, c.config(1), "stepdown", "--server", p.name)
		if err != nil {
			t.Errorf("stepdown %s: %v", p.name, err)
		}
		speed.further(20, nil)
		t.Logf("%s: %s longest time without an acknowledgement: %v", p.name, strings.TrimSpace(said), speed.reset().Round(time.Millisecond))
		c.kill(p, syscall.SIGTERM)
		speed.further(100, nil)
		c.start(p)
		t.Logf("%s restarted: longest time without an acknowledgement: %v", p.name, speed.reset().Round(time.Millisecond))
		c.settled(p)
	}
	for _, p := range c.replicas {
		c.kill(p, syscall.SIGTERM)
		if !p.cmd.ProcessState.Success() {
			t.Errorf("%s ended with %v: %s", p.name, p.cmd.ProcessState, p.log)
		}
		speed.further(100, nil)
		c.ready(p, c.start(p))
		t.Logf("%s restarted: longest time without an acknowledgement: %v", p.name, speed.reset().Round(time.Millisecond))
	}
	close(enough)
	for range flows {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	want := len(flows[0].acked) + len(flows[1].acked)
	for _, p := range []*person{alice, bob} {
		p.until("all entries", func() bool { return len(p.entries["dm.alice.bob"]) >= want })
		checkStorm(t, p.a.User, p.all("dm.alice.bob"), flows)
	}
	c.administered(alice, bob)
	c.renewed()
	c.deserted(alice)
}

// settled waits until a server that came back has what it missed: the next one
// may be stopped only then.
func (c *cluster) settled(p *member) {
	c.t.Helper()
	end := time.Now().Add(patience)
	for {
		if text := asJSON[clusterState](c.t, c.config(1), "status"); len(text.Behind) == 0 && text.Servers == 3 {
			return
		} else if time.Now().After(end) {
			c.t.Fatalf("%s does not catch up: %+v", p.name, text)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// administered asks one replica and looks what the other does.
func (c *cluster) administered(alice, bob *person) {
	t := c.t
	t.Helper()
	from := bob.mark()
	began := time.Now()
	if _, err := command(t, c.config(2), "user", "disable", "bob"); err != nil {
		t.Fatal(err)
	}
	bob.after(from, "offline", func(e *contractv1.NetEvent) bool {
		return e.GetConnection().GetState() == contractv1.ConnectionChanged_OFFLINE
	})
	t.Logf("locked out after %v", time.Since(began).Round(time.Millisecond))
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("locked out after %v", took)
	}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // the other replica is told of it a moment later
		active := func(u server.UserInfo) bool { return u.User == "bob" && u.State != "disabled" }
		all := asJSON[[]server.UserInfo](t, c.config(1), "user", "list")
		if !slices.ContainsFunc(all, active) {
			break
		} else if time.Now().After(end) {
			t.Fatalf("the other replica has %+v", all)
		}
	}
	alice.wait("bob offline", func(e *contractv1.NetEvent) bool {
		return e.GetPresence().GetAddress() == "bob@office" && e.GetPresence().GetStatus() == contractv1.SetPresence_OFFLINE
	})
	back, seen := bob.mark(), alice.mark()
	if _, err := command(t, c.config(1), "user", "enable", "bob"); err != nil {
		t.Fatal(err)
	}
	bob.c.Poke()
	bob.after(back, "connected", func(e *contractv1.NetEvent) bool {
		return e.GetConnection().GetState() == contractv1.ConnectionChanged_CONNECTED
	})
	alice.after(seen, "bob here", func(e *contractv1.NetEvent) bool {
		return e.GetPresence().GetAddress() == "bob@office" && e.GetPresence().GetStatus() == contractv1.SetPresence_AVAILABLE
	})
}

// deserted kills the only server that somebody can reach: nobody says goodbye,
// and contacts see it all the same.
func (c *cluster) deserted(alice *person) {
	c.t.Helper()
	_, addresses := c.network()
	// A server that read its configuration again lets its people connect anew.
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if _, err := alice.c.Devices(within(c.t)); err == nil {
			break
		} else if time.Now().After(end) {
			c.t.Fatal(err)
		}
	}
	carol := invited(c.t, alice, "carol")
	friends(c.t, alice, carol)
	carol.leave()
	from := alice.mark()
	alone := *carol.a
	alone.Addresses = addresses[2:]
	online(c.t, &alone)
	carols := func(s contractv1.SetPresence_Status) func(e *contractv1.NetEvent) bool {
		return func(e *contractv1.NetEvent) bool {
			return e.GetPresence().GetAddress() == "carol@office" && e.GetPresence().GetStatus() == s
		}
	}
	alice.after(from, "carol here", carols(contractv1.SetPresence_AVAILABLE))
	gone := alice.mark()
	began := time.Now()
	c.kill(c.servers[2], syscall.SIGKILL)
	alice.after(gone, "carol gone", carols(contractv1.SetPresence_OFFLINE))
	c.t.Logf("whose only server was killed is seen offline after %v", time.Since(began).Round(time.Millisecond))
	if took := time.Since(began); took > 15*time.Second {
		c.t.Errorf("seen offline after %v", took)
	}
}

// renewed gives the servers new certificates while they run.
func (c *cluster) renewed() {
	c.t.Helper()
	key, addresses := c.network()
	before := serial(c.t, addresses[0], key)
	if err := initCluster(context.Background(), []string{c.dir, "--renew"}, &bytes.Buffer{}, hclog.NewNullLogger()); err != nil {
		c.t.Fatal(err)
	}
	if err := c.servers[0].cmd.Process.Signal(syscall.SIGHUP); err != nil {
		c.t.Fatal(err)
	}
	for end := time.Now().Add(patience); serial(c.t, addresses[0], key) == before; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatal("the certificate is the old one")
		}
	}
}

func (c *cluster) network() (wire.Link, []string) {
	l, err := wire.ParseLink(c.owner)
	if err != nil {
		c.t.Fatal(err)
	}
	return l, l.Addresses
}

// serial is that of the certificate that a server shows, which must be the network's.
func serial(t testing.TB, address string, l wire.Link) string {
	t.Helper()
	conn, err := tls.Dial("tcp", address, wire.ClientTLS(l.Key))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

func (p *person) mark() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.events)
}

func (p *person) after(from int, what string, is func(*contractv1.NetEvent) bool) {
	p.t.Helper()
	p.until(what, func() bool {
		for ; from < len(p.events); from++ {
			if is(p.events[from]) {
				return true
			}
		}
		return false
	})
}

// reset begins a new measurement and gives the longest time of the one before.
func (p *pace) reset() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	longest := p.longest
	p.longest = 0
	return longest
}
