package server

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"switchboard/plugins/nats/wire"
)

// Door is how a network that one computer carries is open to others.
type Door struct {
	// Addresses on which other computers may connect, host:port, besides the one
	// of this computer; none closes the door. Never an unspecified one.
	Addresses []string
	// Approval lets people nearby ask to be let in.
	Approval bool
}

// Bounds of connections from other computers.
const (
	maxRelayed     = 4096
	maxRelayedFrom = 256 // of one source
	firstByte      = 5 * time.Second
	tlsRecords     = 0x14 // to 0x17 are the types of TLS records
	recordFile     = "addresses.json"
)

// door holds the listeners that were opened at run time. What they accept is
// handed to the nats-server in memory, behind a line that says where it comes
// from; TLS is from end to end all the same.
type door struct {
	s        *Server
	approval atomic.Bool
	asks     *limits // requests to be let in, by source
	everyone *limits

	mu        sync.Mutex
	listeners map[string]*relay
	record    []byte
	seq       uint64
	closed    bool
}

func newDoor(s *Server) *door {
	return &door{s: s, asks: newLimits(1.0/20, 5), everyone: newLimits(1.0/3, 20), listeners: map[string]*relay{}}
}

func (d *door) approves() bool { return d.approval.Load() }

// SetDoor opens the network on exactly these addresses, and closes those that
// are not named; connections over them end. It returns the addresses that it
// listens on and why it does not on the others.
func (s *Server) SetDoor(o Door) ([]string, error) {
	d := s.door
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || s.ns == nil {
		return nil, errors.New("this server cannot be opened further")
	}
	d.approval.Store(o.Approval && len(o.Addresses) > 0)
	for a, r := range d.listeners {
		if !slices.Contains(o.Addresses, a) {
			r.close()
			delete(d.listeners, a)
		}
	}
	var errs []error
	var open []string
	for _, a := range o.Addresses {
		if d.listeners[a] == nil {
			r, err := d.open(a)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			d.listeners[a] = r
		}
		open = append(open, a)
	}
	if len(s.o.Advertise) == 0 {
		if len(open) > 0 {
			s.setAddresses(open)
		} else {
			s.setAddresses([]string{reachable(s.ns.Addr().String())})
		}
	}
	if len(open) > 0 {
		if err := d.publish(s.Addresses()); err != nil {
			errs = append(errs, err)
		}
	}
	return open, errors.Join(errs...)
}

func (d *door) open(address string) (*relay, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil || at.Addr().IsUnspecified() || at.Port() == 0 {
		return nil, fmt.Errorf("%q is not an address of one interface", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	r := &relay{d: d, l: l, open: map[net.Conn]netip.Addr{}, from: map[netip.Addr]int{}}
	r.done.Add(1)
	go r.accept()
	return r, nil
}

func (d *door) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, r := range d.listeners {
		r.close()
	}
	clear(d.listeners)
}

// Others is how many devices of other computers are connected now.
func (s *Server) Others() int { return s.conns.others() }

// begin takes up the record, and renews it when the operator names addresses.
func (d *door) begin() error {
	if err := d.loadRecord(); err != nil || len(d.s.o.Advertise) == 0 {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.publish(d.s.o.Advertise)
}

// loadRecord reads the record of addresses that was published last.
func (d *door) loadRecord() error {
	data, err := os.ReadFile(filepath.Join(d.s.o.Folder, recordFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the record of addresses: %w", err)
	}
	r, err := wire.OpenRecord(data, d.s.public)
	if err != nil {
		d.s.o.Log.Warn("the record of addresses is damaged and made anew", "error", err)
		return nil
	}
	d.mu.Lock()
	d.record, d.seq = data, r.Seq
	d.mu.Unlock()
	return nil
}

// publish signs where the network is, if that is new. The sequence rises with
// the clock too, so that a network that was restored does not fall behind what
// it said before.
func (d *door) publish(addresses []string) error {
	if d.s.key == nil {
		return nil // in a cluster the addresses stand in the configuration
	}
	if d.record != nil {
		if r, err := wire.OpenRecord(d.record, d.s.public); err == nil && slices.Equal(r.Addresses, addresses) {
			return nil
		}
	}
	record, seq, err := signAddresses(d.s.key, d.s.o.Network, d.seq, addresses, d.s.nowMS())
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(d.s.o.Folder, recordFile), record); err != nil {
		return fmt.Errorf("write the record of addresses: %w", err)
	}
	d.record, d.seq = record, seq
	return nil
}

func signAddresses(key ed25519.PrivateKey, network string, last uint64, addresses []string, nowMS int64) ([]byte, uint64, error) {
	seq := max(last+1, uint64(max(nowMS, 0)))
	record, err := wire.Record{Network: network, Seq: seq, Addresses: addresses[:min(len(addresses), 8)], TimeMS: nowMS}.Sign(key)
	return record, seq, err
}

// signedRecord is what clients are told; nil before there is one.
func (d *door) signedRecord() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.record
}

// relay is one listener and what came over it.
type relay struct {
	d *door
	l net.Listener

	mu    sync.Mutex
	open  map[net.Conn]netip.Addr
	from  map[netip.Addr]int
	ended bool
	done  sync.WaitGroup
}

func (r *relay) accept() {
	defer r.done.Done()
	for {
		conn, err := r.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many files, a connection that was reset
			r.d.s.o.Log.Debug("accept", "error", err)
			time.Sleep(10 * time.Millisecond)
			continue
		}
		from := netip.Addr{}
		if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
			from = a.AddrPort().Addr().Unmap()
		}
		if !r.enter(conn, from) {
			_ = conn.Close()
			continue
		}
		go func() {
			defer r.done.Done()
			r.serve(conn)
			r.leave(conn, from)
		}()
	}
}

func (r *relay) enter(conn net.Conn, from netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || len(r.open) >= maxRelayed || r.from[from] >= maxRelayedFrom {
		return false
	}
	r.open[conn] = from
	r.from[from]++
	r.done.Add(1)
	return true
}

func (r *relay) leave(conn net.Conn, from netip.Addr) {
	_ = conn.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, conn)
	if r.from[from]--; r.from[from] == 0 {
		delete(r.from, from)
	}
}

// serve hands a connection on, once it has begun TLS: the nats-server would
// greet one in memory that waits, and nothing is said here before TLS.
func (r *relay) serve(conn net.Conn) {
	first := make([]byte, 1024)
	if conn.SetReadDeadline(time.Now().Add(firstByte)) != nil {
		return
	}
	n, err := conn.Read(first)
	if err != nil || first[0] != 0x16 || conn.SetReadDeadline(time.Time{}) != nil {
		return
	}
	inner, err := r.d.s.ns.InProcessConn()
	if err != nil {
		return
	}
	defer inner.Close()
	if _, err := inner.Write(append([]byte(origin(conn)), first[:n]...)); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(inner, conn)
		_ = inner.Close()
	})
	both.Go(func() {
		defer conn.Close()
		n, err := inner.Read(first)
		if err != nil || first[0] < tlsRecords || first[0] > tlsRecords+3 {
			return
		}
		out := patient{conn, takes}
		if _, err := out.Write(first[:n]); err == nil {
			_, _ = io.Copy(out, inner)
		}
		_ = inner.Close()
	})
	both.Wait()
}

// patient gives up on a connection whose other end takes nothing: the nats-server
// has long let go of it then, and it would hold one of the places for ever.
type patient struct {
	conn   net.Conn
	within time.Duration
}

// takes is how long the other end may take nothing.
const takes = 15 * time.Second

// Write writes within a time.
func (p patient) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(p.within)); err != nil {
		return 0, err
	}
	return p.conn.Write(b)
}

// origin is the line by which the nats-server learns where a connection is from.
func origin(conn net.Conn) string {
	from, ok := conn.RemoteAddr().(*net.TCPAddr)
	to, ok2 := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !ok2 {
		return "PROXY UNKNOWN\r\n"
	}
	a, b := from.AddrPort(), to.AddrPort()
	family := "TCP6"
	if a.Addr().Unmap().Is4() {
		family = "TCP4"
	}
	plain := func(x netip.Addr) string { return strings.Split(x.Unmap().String(), "%")[0] }
	return fmt.Sprintf("PROXY %s %s %s %d %d\r\n", family, plain(a.Addr()), plain(b.Addr()), a.Port(), b.Port())
}

func (r *relay) close() {
	_ = r.l.Close()
	r.mu.Lock()
	r.ended = true
	for conn := range r.open {
		_ = conn.Close()
	}
	r.mu.Unlock()
	r.done.Wait()
}
