package companion

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"

	"switchboard/plugins/nats/wire"
	"switchboard/sdk/network"
)

// keepCommand runs one of the commands behind serve for the network of a folder.
func keepCommand(t *testing.T, folder string, args ...string) (string, error) {
	t.Helper()
	t.Setenv(EnvFolder, folder)
	t.Setenv("XDG_DATA_HOME", filepath.Join(folder, "data"))
	var out bytes.Buffer
	err := runServe(context.Background(), args, &out, hclog.NewNullLogger())
	return out.String(), err
}

// TestKeeping backs a network up while it runs and while it does not, restores
// it, and moves it away while it runs.
func TestKeeping(t *testing.T) {
	folder, files := t.TempDir(), t.TempDir()
	file := func(name string) string { return filepath.Join(files, name) }
	stop := run(t, folder)
	key := query(t, folder, Request{Op: "info"}).Link
	if _, err := keepCommand(t, folder, "backup", file("running")); err != nil {
		t.Fatal(err)
	}
	if _, err := keepCommand(t, folder, "backup", file("running")); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("over a file that is there: %v", err)
	}
	stop()
	if _, err := keepCommand(t, folder, "backup", file("idle")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"running", "idle"} {
		if info, err := os.Stat(file(name)); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := keepCommand(t, folder, "restore", file("running")); err != nil {
		t.Fatal(err)
	}
	if _, err := keepCommand(t, folder, "adopt", file("idle")); err == nil {
		t.Error("a backup is adopted")
	}
	stop = run(t, folder)
	if again := query(t, folder, Request{Op: "info"}).Link; again != key {
		t.Errorf("restored as %s, it was %s", again, key)
	}
	if _, err := keepCommand(t, folder, "move", file("moved"), "--to", "192.168.1.9:4430"); err != nil {
		t.Fatal(err)
	}
	stop()
	stop = run(t, folder)
	away := query(t, folder, Request{Op: "info"})
	if !away.Moved || !strings.Contains(away.Link, "192.168.1.9:4430") {
		t.Errorf("the old place says %+v", away)
	}
	stop()
	if _, err := keepCommand(t, folder, "backup", file("again")); err == nil {
		t.Error("a network that is away is backed up")
	}
	if _, err := os.Stat(file("again")); err == nil {
		t.Error("a backup that failed leaves a file")
	}
	other := t.TempDir()
	if _, err := keepCommand(t, other, "adopt", file("moved")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]string{{"backup"}, {"backup", "a", "b"}, {"move", "--to"}, {"restore", "x", "--to", "y"}, {"adopt", "x", "--more", "y"}} {
		if _, err := keepCommand(t, folder, bad...); exitStatus(err) != 2 {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestTheServiceIsWrittenAndRemoved(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("PATH", home) // no systemctl
	t.Setenv(EnvProgram, "/opt/a b/100%/switchboard")
	out, err := keepCommand(t, t.TempDir(), "install")
	if err != nil || !strings.Contains(out, "systemctl --user enable --now") {
		t.Fatalf("%q, %v", out, err)
	}
	unit := filepath.Join(home, "systemd", "user", unitName)
	data, err := os.ReadFile(unit)
	if err != nil || !strings.Contains(string(data), `ExecStart="/opt/a b/100%%/switchboard" serve`+"\n") {
		t.Fatalf("%s, %v", data, err)
	}
	if _, err := keepCommand(t, t.TempDir(), "install", "--config", "/nonexistent"); err == nil {
		t.Error("a configuration that is not there is installed")
	}
	if _, err := keepCommand(t, t.TempDir(), "uninstall"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(unit); err == nil {
		t.Error("the service is still there")
	}
	if _, err := keepCommand(t, t.TempDir(), "uninstall"); err == nil {
		t.Error("what is not there is removed")
	}
}

func TestWhereItListens(t *testing.T) {
	at := func(name string, kind network.Interface, addresses ...string) network.Interface {
		kind.Name, kind.Up, kind.Index = name, true, len(name)
		for _, a := range addresses {
			kind.Private = append(kind.Private, netip.MustParseAddr(a))
		}
		return kind
	}
	all := []network.Interface{
		at("lo", network.Interface{Kind: "loopback"}), at("eth0", network.Interface{Kind: network.InterfaceReal}, "192.168.1.2"),
		at("wlan0", network.Interface{Kind: network.InterfaceReal}, "10.0.0.2", "fd00::2"), at("br0", network.Interface{Kind: network.InterfaceBridge}, "10.1.0.1"),
		at("wg0", network.Interface{Kind: "vpn"}, "10.66.0.1"), at("docker0", network.Interface{Kind: "container"}, "172.17.0.1"),
		at("ppp", network.Interface{Kind: network.InterfaceReal}),
	}
	folder := t.TempDir()
	stop := run(t, folder)
	defer stop()
	s, err := startLocal(Config{Folder: t.TempDir()}, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := &carry{folder: folder, s: s, list: func() ([]network.Interface, error) { return all, nil }}
	for names, want := range map[string]string{"": "eth0 wlan0 wlan0", "br0": "br0", "eth0": "eth0", "wg0": "", "docker0": "", "lo": ""} {
		c.now = Opening{Open: true}
		if names != "" {
			c.now.Interfaces = []string{names}
		}
		var got []string
		for _, p := range c.wanted(all) {
			got = append(got, p.name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", names, got, want)
		}
		if err := c.check(c.now.Interfaces); (err == nil) != (want != "") {
			t.Errorf("%q: %v", names, err)
		}
	}
	if c.now.Open = false; len(c.wanted(all)) != 0 {
		t.Error("a closed network listens")
	}
}

func FuzzRespond(f *testing.F) {
	zone, err := mdns.NewMDNSService("lab-key", wire.ServiceType, "local.", "lab-key.local.", 4430, []net.IP{net.IPv4(192, 168, 1, 2)}, []string{"v=1"})
	if err != nil {
		f.Fatal(err)
	}
	q := new(dns.Msg)
	q.SetQuestion(wire.ServiceType+".local.", dns.TypePTR)
	ask, err := q.Pack()
	if err != nil {
		f.Fatal(err)
	}
	if respond(zone, ask) == nil {
		f.Fatal("the question is not answered")
	}
	f.Add(ask)
	f.Add([]byte{0, 0, 0, 0, 255, 255})
	f.Fuzz(func(t *testing.T, packet []byte) {
		if answer := respond(zone, packet); len(answer) > maxQuestion {
			t.Errorf("an answer of %d bytes", len(answer))
		}
	})
}
