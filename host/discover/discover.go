// Package discover asks the local network, by multicast DNS, which services of
// a type are there. It is part of what leaves this computer, so the host owns it
// and not a plugin. Everything it finds is what anybody nearby claims; it bounds
// sizes and counts and proves nothing.
package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"

	"switchboard/shared/lan"
)

// Bounds of one look.
const (
	MaxWait      = 5 * time.Second
	DefaultWait  = 1500 * time.Millisecond
	MaxServices  = 64
	MaxAddresses = 8
	MaxText      = 16
	maxPacket    = 9000
	maxPackets   = 2000
	askEvery     = 400 * time.Millisecond
)

// Service is one that was found.
type Service struct {
	Instance  string   // ≤ 63 bytes, as its owner calls it
	Addresses []string // host:port, the host being a number
	Text      []string // ≤ 255 bytes each
}

// group is where multicast DNS is spoken.
var group = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}

var servicePattern = regexp.MustCompile(`^_[a-z0-9-]{1,15}\._(tcp|udp)$`)

// ErrNowhere: no interface leads to computers nearby.
var ErrNowhere = errors.New("this computer is in no local network at the moment")

// Browse asks on every real interface with a private address and collects
// answers until wait is over. Services are in the order in which they answered.
func Browse(ctx context.Context, service string, wait time.Duration) ([]Service, error) {
	if !servicePattern.MatchString(service) {
		return nil, fmt.Errorf("%.40q is not a type of service", service)
	}
	if wait <= 0 {
		wait = DefaultWait
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, MaxWait))
	defer cancel()
	all, err := lan.Interfaces()
	if err != nil {
		return nil, err
	}
	c := &collector{name: service + ".local.", found: map[string]*Service{}}
	query, err := question(c.name)
	if err != nil {
		return nil, err
	}
	var asking sync.WaitGroup
	asked := 0
	for _, i := range all {
		if !Usable(i) {
			continue
		}
		asked++
		asking.Go(func() { c.ask(ctx, i, query) })
	}
	asking.Wait()
	if asked == 0 {
		return nil, ErrNowhere
	}
	return c.list(), nil
}

// Usable tells whether other computers nearby can be asked over an interface.
func Usable(i lan.Interface) bool {
	if !i.Up || !i.Multicast || i.Kind != lan.Real && i.Kind != lan.Bridge {
		return false
	}
	return source(i).IsValid()
}

// source is the address that is asked from.
func source(i lan.Interface) netip.Addr {
	for _, a := range i.Private {
		if a.Is4() {
			return a
		}
	}
	return netip.Addr{}
}

// question is the packet that asks for all services of a type.
func question(name string) ([]byte, error) {
	m := new(dns.Msg)
	m.SetQuestion(name, dns.TypePTR)
	m.RecursionDesired = false
	data, err := m.Pack()
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", name, err)
	}
	return data, nil
}

// collector gathers answers of all interfaces. It is safe for concurrent use.
type collector struct {
	name string

	mu      sync.Mutex
	found   map[string]*Service
	order   []string
	packets int
}

// ask asks on one interface from a port of its own, to which the answers come.
// What cannot be asked has nothing to answer.
func (c *collector) ask(ctx context.Context, i lan.Interface, query []byte) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: source(i).AsSlice()})
	if err != nil {
		return
	}
	defer conn.Close()
	p := ipv4.NewPacketConn(conn)
	if p.SetMulticastInterface(&net.Interface{Index: i.Index, Name: i.Name}) != nil || p.SetMulticastTTL(255) != nil {
		return
	}
	_ = p.SetMulticastLoopback(true) // a network on this computer is one nearby too
	end, _ := ctx.Deadline()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now()) })
	defer stop()
	buf := make([]byte, maxPacket)
	for ctx.Err() == nil && time.Now().Before(end) {
		if _, err := conn.WriteToUDP(query, group); err != nil {
			return
		}
		next := time.Now().Add(askEvery) // one packet may be lost
		if next.After(end) {
			next = end
		}
		if conn.SetReadDeadline(next) != nil {
			return
		}
		for ctx.Err() == nil {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				break
			}
			if lan.Private(from.Addr()) {
				c.take(buf[:n])
			}
		}
	}
}

// take reads one answer. Only what belongs to the type asked for counts.
func (c *collector) take(packet []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.packets++; c.packets > maxPackets {
		return
	}
	m := new(dns.Msg)
	if m.Unpack(packet) != nil || !m.Response {
		return
	}
	for _, s := range read(m, c.name) {
		if have := c.found[s.Instance]; have != nil {
			for _, a := range s.Addresses {
				have.add(a)
			}
			continue
		}
		if len(c.found) >= MaxServices {
			return
		}
		c.found[s.Instance] = &s
		c.order = append(c.order, s.Instance)
	}
}

func (s *Service) add(address string) {
	for _, a := range s.Addresses {
		if a == address {
			return
		}
	}
	if len(s.Addresses) < MaxAddresses {
		s.Addresses = append(s.Addresses, address)
	}
}

func (c *collector) list() []Service {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Service, 0, len(c.order))
	for _, name := range c.order {
		list = append(list, *c.found[name])
	}
	return list
}

// read takes the complete services out of a packet: with a port, an address and
// a text.
func read(m *dns.Msg, name string) []Service {
	records := append(append([]dns.RR{}, m.Answer...), m.Extra...)
	var list []Service
	for _, r := range records {
		ptr, ok := r.(*dns.PTR)
		if !ok || !strings.EqualFold(ptr.Hdr.Name, name) {
			continue
		}
		instance, ok := strings.CutSuffix(ptr.Ptr, "."+name)
		if !ok || instance == "" || len(instance) > 63 || len(list) >= MaxServices {
			continue
		}
		if s := complete(records, ptr.Ptr, instance); s != nil {
			list = append(list, *s)
		}
	}
	return list
}

func complete(records []dns.RR, full, instance string) *Service {
	s := &Service{Instance: instance}
	var at *dns.SRV
	for _, r := range records {
		switch v := r.(type) {
		case *dns.SRV:
			if v.Hdr.Name == full {
				at = v
			}
		case *dns.TXT:
			if v.Hdr.Name == full && len(v.Txt) <= MaxText {
				s.Text = v.Txt
			}
		}
	}
	if at == nil || at.Port == 0 || s.Text == nil {
		return nil
	}
	for _, r := range records {
		var ip net.IP
		switch v := r.(type) {
		case *dns.A:
			ip = v.A
		case *dns.AAAA:
			ip = v.AAAA
		}
		a, ok := netip.AddrFromSlice(ip)
		if ok && r.Header().Name == at.Target && lan.Private(a) {
			s.add(netip.AddrPortFrom(a.Unmap(), at.Port).String())
		}
	}
	if len(s.Addresses) == 0 {
		return nil
	}
	return s
}
