package companion

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"

	"switchboard/plugins/nats/wire"
)

// announcer answers questions of multicast DNS, on the interfaces that it was
// given and no others: a question that came in anywhere else is not heard, even
// where the system hands it over because another program listens there.
type announcer struct {
	conn   *net.UDPConn
	p      *ipv4.PacketConn
	zones  map[int]mdns.Zone // by interface
	done   sync.WaitGroup
	ctx    context.Context
	cancel context.CancelFunc
}

// Bounds of answering: a flood of questions costs little.
const (
	mdnsPort      = 5353
	maxQuestion   = 1500
	answersEvery  = 5 * time.Millisecond
	instanceBytes = 8 // of the key, in the name
)

var mdnsGroup = net.IPv4(224, 0, 0, 251)

// place is where an announced network listens.
type place struct {
	index   int
	name    string
	address netip.Addr
	port    uint16
}

// announce begins to answer. It ends with stop.
func announce(n wire.Notice, places []place, log hclog.Logger) (*announcer, error) {
	conn, err := net.ListenMulticastUDP("udp4", &net.Interface{Index: places[0].index, Name: places[0].name}, &net.UDPAddr{IP: mdnsGroup, Port: mdnsPort})
	if err != nil {
		return nil, fmt.Errorf("listen to multicast DNS: %w", err)
	}
	a := &announcer{conn: conn, p: ipv4.NewPacketConn(conn), zones: map[int]mdns.Zone{}}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	if err := a.p.SetControlMessage(ipv4.FlagInterface, true); err != nil {
		conn.Close()
		return nil, fmt.Errorf("listen to multicast DNS: %w", err)
	}
	instance := n.Network + "-" + wire.PrintKey(n.Key)[:instanceBytes]
	for i, p := range places {
		if !p.address.Is4() {
			continue
		}
		if i > 0 {
			_ = a.p.JoinGroup(&net.Interface{Index: p.index, Name: p.name}, &net.UDPAddr{IP: mdnsGroup}) // twice on one interface is an error that does no harm
		}
		zone, err := mdns.NewMDNSService(instance, wire.ServiceType, "local.", instance+".local.", int(p.port), []net.IP{p.address.AsSlice()}, n.Text())
		if err != nil {
			conn.Close()
			return nil, fmt.Errorf("announce the network: %w", err)
		}
		a.zones[p.index] = zone
	}
	a.done.Go(func() { a.serve(log) })
	return a, nil
}

func (a *announcer) serve(log hclog.Logger) {
	buf := make([]byte, maxQuestion)
	for {
		n, control, from, err := a.p.ReadFrom(buf)
		if a.ctx.Err() != nil {
			return
		}
		if err != nil {
			log.Debug("multicast DNS", "error", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if control == nil || a.zones[control.IfIndex] == nil {
			continue
		}
		if answer := respond(a.zones[control.IfIndex], buf[:n]); answer != nil {
			to := from
			if u, ok := from.(*net.UDPAddr); ok && u.Port == mdnsPort {
				to = &net.UDPAddr{IP: mdnsGroup, Port: mdnsPort} // a full querier hears it there
			}
			if _, err := a.p.WriteTo(answer, &ipv4.ControlMessage{IfIndex: control.IfIndex}, to); err != nil {
				log.Debug("multicast DNS", "error", err)
			}
			time.Sleep(answersEvery)
		}
	}
}

// respond makes the answer to a question, nil when it is not for us.
func respond(zone mdns.Zone, packet []byte) []byte {
	q := new(dns.Msg)
	if q.Unpack(packet) != nil || q.Response || q.Opcode != dns.OpcodeQuery || q.Truncated || len(q.Question) == 0 || len(q.Question) > 8 {
		return nil
	}
	m := &dns.Msg{MsgHdr: dns.MsgHdr{Id: q.Id, Response: true, Authoritative: true}, Compress: true}
	for _, one := range q.Question {
		m.Answer = append(m.Answer, zone.Records(one)...)
	}
	if len(m.Answer) == 0 {
		return nil
	}
	data, err := m.Pack()
	if err != nil || len(data) > maxQuestion {
		return nil
	}
	return data
}

func (a *announcer) stop() {
	a.cancel()
	_ = a.conn.Close()
	a.done.Wait()
}
