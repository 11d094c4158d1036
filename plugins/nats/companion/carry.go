package companion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	"switchboard/sdk/network"
)

// carryName is the file that remembers how the network is open.
const carryName = "open.json"

// followEvery is how often the addresses of the interfaces are looked at while
// the network is open: an address that a router gives anew is followed.
const followEvery = 3 * time.Second

// Opening is how a companion's network is open to other computers.
type Opening struct {
	// Open lets other computers in; closed, all else is kept for the next time.
	Open bool `json:"open"`
	// Interfaces by name; none are all real ones.
	Interfaces []string `json:"interfaces,omitempty"`
	// Closed to people nearby: they may not ask to be let in.
	ByInvitation bool `json:"by_invitation,omitempty"`
	// Owner and Computer are what is announced.
	Owner    string `json:"owner,omitempty"`
	Computer string `json:"computer,omitempty"`
}

// CarryInterface is one interface as a person chooses among them.
type CarryInterface struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"` // the first private one
	Chosen  bool   `json:"chosen,omitempty"`  // the network is open there
	Private bool   `json:"private,omitempty"` // it has an address to be open on
	Kind    string `json:"kind"`              // network.InterfaceReal and others
}

// CarryReply tells how things stand.
type CarryReply struct {
	Open       bool             `json:"open"`
	Approval   bool             `json:"approval,omitempty"`  // people nearby may ask to be let in
	Addresses  []string         `json:"addresses,omitempty"` // host:port, where it is open now
	Interfaces []CarryInterface `json:"interfaces,omitempty"`
	Others     int              `json:"others,omitempty"`  // devices of other computers that are connected
	Port       int              `json:"port,omitempty"`    // the same on every address
	Trouble    string           `json:"trouble,omitempty"` // one sentence; empty when all is well
}

// carry opens and closes the network, follows its addresses and announces it.
type carry struct {
	folder string
	s      *server.Server
	log    hclog.Logger
	list   func() ([]network.Interface, error)

	mu        sync.Mutex
	now       Opening
	places    []place
	addresses []string
	trouble   string
	announcer *announcer
}

func newCarry(folder string, s *server.Server, log hclog.Logger) (*carry, error) {
	c := &carry{folder: folder, s: s, log: log, list: network.Interfaces}
	data, err := os.ReadFile(filepath.Join(folder, carryName))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &c.now)
	}
	if err != nil {
		return nil, fmt.Errorf("read how the network is open: %w", err)
	}
	return c, nil
}

// run follows the interfaces until ctx ends, and then closes the door.
func (c *carry) run(ctx context.Context) {
	t := time.NewTicker(followEvery)
	defer t.Stop()
	for {
		c.mu.Lock()
		if c.now.Open || len(c.addresses) > 0 {
			c.follow()
		}
		c.mu.Unlock()
		select {
		case <-t.C:
		case <-ctx.Done():
			c.mu.Lock()
			c.silence()
			c.mu.Unlock()
			return
		}
	}
}

// set changes how the network is open, and remembers it first.
func (c *carry) set(next Opening) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if next.Open {
		if err := c.check(next.Interfaces); err != nil {
			return err
		}
	}
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	path := filepath.Join(c.folder, carryName)
	if err := os.WriteFile(path+".part", data, 0o600); err != nil {
		return fmt.Errorf("remember how the network is open: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("remember how the network is open: %w", err)
	}
	c.now = next
	c.silence()
	c.places = nil
	c.follow()
	return nil
}

// check refuses interfaces that cannot be chosen, with a sentence.
func (c *carry) check(names []string) error {
	all, err := c.list()
	if err != nil {
		return err
	}
	for _, n := range names {
		i := slices.IndexFunc(all, func(i network.Interface) bool { return i.Name == n })
		if i < 0 {
			return fmt.Errorf("there is no interface %q", n)
		}
		if !choosable(all[i]) {
			return fmt.Errorf("%s leads to no computers nearby (%s); a network is not opened there", n, all[i].Kind)
		}
	}
	return nil
}

// choosable: a private network through the internet and those of containers are
// never opened, whoever asks.
func choosable(i network.Interface) bool {
	return i.Kind == network.InterfaceReal || i.Kind == network.InterfaceBridge
}

// wanted is where the network listens now; c.mu is held.
func (c *carry) wanted(all []network.Interface) []place {
	if !c.now.Open {
		return nil
	}
	port := c.port()
	var list []place
	for _, i := range all {
		if !i.Up || !choosable(i) {
			continue
		}
		if len(c.now.Interfaces) > 0 && !slices.Contains(c.now.Interfaces, i.Name) || len(c.now.Interfaces) == 0 && i.Kind != network.InterfaceReal {
			continue
		}
		for _, a := range i.Private {
			if len(list) < 8 {
				list = append(list, place{i.Index, i.Name, a, port})
			}
		}
	}
	return list
}

func (c *carry) port() uint16 {
	_, p, err := net.SplitHostPort(c.s.Listening())
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseUint(p, 10, 16)
	return uint16(n)
}

// follow brings listeners and announcement to where they belong; c.mu is held.
func (c *carry) follow() {
	all, err := c.list()
	if err != nil {
		c.trouble = err.Error()
		return
	}
	want := c.wanted(all)
	if slices.Equal(want, c.places) && c.trouble == "" {
		return
	}
	var addresses []string
	for _, p := range want {
		addresses = append(addresses, netip.AddrPortFrom(p.address, p.port).String())
	}
	c.trouble = ""
	open, err := c.s.SetDoor(server.Door{Addresses: addresses, Approval: !c.now.ByInvitation})
	if err != nil {
		c.trouble = err.Error()
		c.log.Warn("open the network", "error", err)
	}
	c.places, c.addresses = want, open
	c.silence()
	if len(open) == 0 || !slices.ContainsFunc(want, func(p place) bool { return p.address.Is4() }) {
		return
	}
	want = slices.DeleteFunc(slices.Clone(want), func(p place) bool { return !p.address.Is4() })
	notice := wire.Notice{Network: c.s.Network(), Key: c.s.Key(), Owner: c.now.Owner, Computer: c.now.Computer, Approval: !c.now.ByInvitation}
	if c.announcer, err = announce(notice, want, c.log); err != nil {
		c.trouble = err.Error()
		c.log.Warn("announce the network", "error", err)
	}
}

func (c *carry) silence() {
	if c.announcer != nil {
		c.announcer.stop()
		c.announcer = nil
	}
}

// status tells how things stand.
func (c *carry) status() (*CarryReply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, err := c.list()
	if err != nil {
		return nil, err
	}
	r := &CarryReply{Open: c.now.Open, Approval: c.now.Open && !c.now.ByInvitation, Addresses: c.addresses, Others: c.s.Others(),
		Port: int(c.port()), Trouble: c.trouble}
	chosen := map[string]bool{}
	for _, p := range c.places {
		chosen[p.name] = true
	}
	for _, i := range all[:min(len(all), 32)] {
		one := CarryInterface{Name: i.Name, Chosen: chosen[i.Name], Private: len(i.Private) > 0, Kind: string(i.Kind)}
		if len(i.Private) > 0 {
			one.Address = i.Private[0].String()
		}
		r.Interfaces = append(r.Interfaces, one)
	}
	return r, nil
}
