package lan

import (
	"net"
	"net/netip"
	"testing"
)

func TestKinds(t *testing.T) {
	up := net.FlagUp | net.FlagMulticast
	for _, c := range []struct {
		name  string
		flags net.Flags
		made  string
		want  Kind
	}{
		{"lo", net.FlagLoopback, "", Loopback}, {"eth0", up, "", Real}, {"wlp3s0", up, "", Real}, {"eth0", up, "veth", Real},
		{"bond0", up, "bond", Real}, {"eno1.5", up, "vlan", Real},
		{"tun0", up, "", VPN}, {"office", up, "wireguard", VPN}, {"corp", up | net.FlagPointToPoint, "", VPN}, {"mytap", up, "tun", VPN},
		{"docker0", up, "bridge", Container}, {"br-1a2b3c", up, "bridge", Container}, {"veth12ab", up, "veth", Container},
		{"virbr0", up, "bridge", Container}, {"anything", up, "dummy", Container},
		{"br0", up, "bridge", Bridge}, {"home", up, "bridge", Bridge},
	} {
		if got := kindOf(c.name, c.flags, c.made); got != c.want {
			t.Errorf("%s (%s): %s, want %s", c.name, c.made, got, c.want)
		}
	}
}

func TestPrivate(t *testing.T) {
	for a, want := range map[string]bool{"10.1.2.3": true, "172.16.0.1": true, "172.32.0.1": false, "192.168.1.1": true, "169.254.3.4": true,
		"100.64.0.1": false, "8.8.8.8": false, "127.0.0.1": false, "fd00::1": true, "fe80::1": false, "2001:db8::1": false, "::ffff:192.168.1.1": true,
		"0.0.0.0": false, "::": false} {
		if got := Private(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
}

func TestInterfaces(t *testing.T) {
	all, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, i := range all {
		found = found || i.Kind == Loopback && i.Name == "lo" && len(i.Private) == 0
	}
	if !found {
		t.Errorf("no loopback among %v", all)
	}
}

func FuzzKindIn(f *testing.F) {
	f.Add([]byte{9, 0, 1, 0, 'v', 'e', 't', 'h', 0})
	f.Add([]byte{4, 0, 2, 0, 8, 0, 1, 0, 't', 'u', 'n', 0})
	f.Add([]byte{255, 255, 1, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if k := kindIn(b); len(k) > len(b) {
			t.Errorf("%q out of %d bytes", k, len(b))
		}
	})
}
