package discover

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"switchboard/shared/lan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const kind = "_switchboard._tcp.local."

// answer is what a network says of itself.
func answer(instance string, port uint16, ips ...string) *dns.Msg {
	full := instance + "." + kind
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Response: true}}
	head := func(name string, t uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: 120}
	}
	m.Answer = []dns.RR{
		&dns.PTR{Hdr: head(kind, dns.TypePTR), Ptr: full},
		&dns.SRV{Hdr: head(full, dns.TypeSRV), Port: port, Target: "pc.local."},
		&dns.TXT{Hdr: head(full, dns.TypeTXT), Txt: []string{"n=lab"}},
	}
	for _, ip := range ips {
		m.Extra = append(m.Extra, &dns.A{Hdr: head("pc.local.", dns.TypeA), A: net.ParseIP(ip)})
	}
	return m
}

func packed(t testing.TB, m *dns.Msg) []byte {
	t.Helper()
	data, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAnswers(t *testing.T) {
	c := &collector{name: kind, found: map[string]*Service{}}
	c.take(packed(t, answer("lab", 4430, "192.168.1.5", "8.8.8.8", "192.168.1.5")))
	c.take(packed(t, answer("lab", 4430, "10.0.0.5")))
	for name, bad := range map[string]*dns.Msg{
		"no address": answer("a", 4430), "public address": answer("b", 4430, "8.8.8.8"), "no port": answer("c", 0, "10.0.0.1"),
		"another type": func() *dns.Msg {
			m := answer("d", 1, "10.0.0.1")
			m.Answer[0].(*dns.PTR).Hdr.Name = "_ipp._tcp.local."
			return m
		}(),
		"a question": func() *dns.Msg {
			m := answer("e", 1, "10.0.0.1")
			m.Response = false
			return m
		}(),
	} {
		c.take(packed(t, bad))
		if n := len(c.list()); n != 1 {
			t.Fatalf("%s: %d services", name, n)
		}
	}
	got := c.list()[0]
	if got.Instance != "lab" || len(got.Addresses) != 2 || got.Addresses[0] != "192.168.1.5:4430" || got.Text[0] != "n=lab" {
		t.Fatalf("%+v", got)
	}
}

func TestBounds(t *testing.T) {
	c := &collector{name: kind, found: map[string]*Service{}}
	for n := range 3 * MaxServices {
		c.take(packed(t, answer(fmt.Sprintf("n%d", n), 1, "10.0.0.1")))
	}
	if n := len(c.list()); n != MaxServices {
		t.Errorf("%d services, not %d", n, MaxServices)
	}
	for n := range 3 * MaxAddresses {
		c.take(packed(t, answer("n0", 1, fmt.Sprintf("10.0.1.%d", n))))
	}
	if n := len(c.list()[0].Addresses); n != MaxAddresses {
		t.Errorf("%d addresses, not %d", n, MaxAddresses)
	}
	c.packets = maxPackets
	c.found, c.order = map[string]*Service{}, nil
	c.take(packed(t, answer("late", 1, "10.0.0.1")))
	if len(c.list()) != 0 {
		t.Error("a flood is read for ever")
	}
	if _, err := Browse(context.Background(), "switchboard", time.Second); err == nil || !strings.Contains(err.Error(), "type of service") {
		t.Error(err)
	}
}

func TestUsable(t *testing.T) {
	all, err := lan.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if Usable(i) && (i.Kind == lan.Loopback || i.Kind == lan.VPN || i.Kind == lan.Container) {
			t.Errorf("%+v is asked", i)
		}
	}
}

func FuzzTake(f *testing.F) {
	f.Add(packed(f, answer("lab", 4430, "192.168.1.5")))
	f.Add([]byte{0, 0, 0x84, 0, 0, 0, 255, 255, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, packet []byte) {
		c := &collector{name: kind, found: map[string]*Service{}}
		c.take(packet)
		for _, s := range c.list() {
			if s.Instance == "" || len(s.Instance) > 63 || len(s.Addresses) == 0 || len(s.Addresses) > MaxAddresses || len(s.Text) > MaxText {
				t.Errorf("%+v", s)
			}
		}
	})
}
