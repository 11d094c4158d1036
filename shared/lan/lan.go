// Package lan tells which of this computer's network interfaces lead to other
// computers nearby, and which to somewhere else: a private network through the
// internet, containers, this computer itself. It only looks; it opens nothing
// and knows neither hosts nor networks.
package lan

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Kind is where an interface leads.
type Kind string

// The kinds.
const (
	Real      Kind = "lan"       // a cable or wireless, or a container's own end of one
	Bridge    Kind = "bridge"    // made here; it may hold a real one
	VPN       Kind = "vpn"       // a tunnel
	Container Kind = "container" // containers and virtual machines of this computer
	Loopback  Kind = "loopback"
)

// Interface is one of this computer's, at the moment it was looked at.
type Interface struct {
	Name      string // the system's
	Index     int    // the system's
	Kind      Kind
	Up        bool // it is switched on
	Multicast bool // it can carry questions to everybody nearby
	// Private are its addresses that no other network can reach: of the private
	// and the link-local ranges of IPv4, and the unique local ones of IPv6.
	Private []netip.Addr
}

// maxInterfaces bounds what is looked at; a computer with many containers has
// hundreds.
const maxInterfaces = 1024

// Interfaces lists all of them, in the system's order.
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("look at the network interfaces: %w", err)
	}
	made := madeOf()
	list := make([]Interface, 0, len(all))
	for _, i := range all[:min(len(all), maxInterfaces)] {
		one := Interface{Name: i.Name, Index: i.Index, Kind: kindOf(i.Name, i.Flags, made[i.Name]),
			Up: i.Flags&net.FlagUp != 0, Multicast: i.Flags&net.FlagMulticast != 0}
		addresses, err := i.Addrs()
		if err != nil {
			continue // it went away meanwhile
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && Private(p.Addr()) {
				one.Private = append(one.Private, p.Addr().Unmap())
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// Private tells whether only computers nearby can reach an address. Link-local
// ones of IPv6 are not meant: they need the name of an interface, which is
// another one on each computer.
func Private(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.Is4() && a.IsLinkLocalUnicast()
}

// Beginnings of names by which tunnels and what belongs to containers are known.
var (
	tunnels = []string{"tun", "tap", "wg", "ppp", "utun", "ipsec", "tailscale", "zt", "nordlynx", "proton", "cscotun",
		"gpd", "vpn", "sit", "gre", "gretap", "ip6tnl", "ip6gre", "vti", "xfrm", "teredo", "wwan", "rmnet"}
	containers = []string{"docker", "br-", "veth", "virbr", "vnet", "lxc", "lxd", "incus", "cni", "flannel", "cali", "cilium",
		"podman", "kube", "nerdctl", "vmnet", "vboxnet", "dummy", "ifb"}
)

// kindOf goes by the name, by what the system says, and by what it was made as.
func kindOf(name string, flags net.Flags, made string) Kind {
	begins := func(list []string) bool {
		for _, p := range list {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
		return false
	}
	switch made {
	case "tun", "wireguard", "ppp", "gre", "gretap", "ip6gre", "ipip", "ip6tnl", "sit", "vti", "vti6", "xfrm", "vxlan", "geneve":
		return VPN
	case "dummy", "ifb", "nlmon", "vcan":
		return Container
	}
	switch {
	case flags&net.FlagLoopback != 0:
		return Loopback
	case flags&net.FlagPointToPoint != 0 || begins(tunnels):
		return VPN
	case begins(containers):
		return Container
	case made == "bridge" || strings.HasPrefix(name, "br"):
		return Bridge
	}
	return Real
}
