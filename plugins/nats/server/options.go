package server

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/wire"
)

// DefaultRetention is how long entries are kept unless the operator says otherwise.
const DefaultRetention = 365 * 24 * time.Hour

// Options say what network a server carries.
type Options struct {
	// Folder holds everything of the network: its key and its store.
	Folder string
	// Network is the network's name, the part of an address behind the @.
	Network string
	// Cluster makes the server a replica beside nats-servers that others run;
	// nil runs one in this process. Listen and MaxStore are theirs then.
	Cluster *Cluster
	// Listen is host:port; port 0 lets the system choose. Empty is a free port
	// of this computer alone.
	Listen string
	// Advertise are the addresses that invitations name; empty is Listen.
	Advertise []string
	// quiet opens the store for nobody: to back it up.
	quiet bool
	// sync is when the store brings to the disk what was written; empty is at once.
	// Nothing else is safe: tests show what it would lose.
	sync string
	// Door lets the network be opened on further addresses while it runs: SetDoor.
	// Listen must be an address of this computer alone then: whoever connects there
	// is believed where it comes from.
	Door bool
	// OpenRegistration lets people register without an invitation.
	OpenRegistration bool
	// OwnersInvite lets only owners make invitations.
	OwnersInvite bool
	// Retention of entries; zero is DefaultRetention.
	Retention time.Duration
	// MaxStore bounds the store in bytes; zero leaves the bound to the disk.
	MaxStore int64
	// MinFree is how much of the disk stays free; posts wait below it. Zero is 64 MiB.
	MinFree int64
	// Rate and Burst bound the entries of one user, per second and at once.
	Rate  float64
	Burst int
	// Daily bounds the bytes of entries that one user may have stored in a day
	// (UTC); zero is DefaultDaily.
	Daily int64
	// Stored bounds the bytes of entries that the store keeps of one user; zero is
	// no bound but that of Retention and Daily.
	Stored int64
	// BlobQuota bounds the bytes of blobs that one person keeps; zero is DefaultBlobQuota.
	BlobQuota int64
	// RegisterRate and RegisterBurst bound the registering connections of one
	// source, per second and at once; zero is 50 and 2,000.
	RegisterRate  float64
	RegisterBurst int
	// Devices and Contacts bound what one person has; zero is the most there can
	// be: wire.MaxDevices, wire.MaxContacts.
	Devices, Contacts int
	// Groups bounds how many groups one person is in, invited to or waits for; zero
	// is the most there can be: wire.MaxGroups.
	Groups int
	// GroupsADay bounds how many groups one person makes in a day (UTC); zero is
	// wire.MaxGroupsADay.
	GroupsADay int
	// Authenticate makes the one that is asked for every connection; nil is the
	// network's own, which knows devices by their keys.
	Authenticate func(own Authenticator) Authenticator
	// CertFile and CertKeyFile are a certificate of a company's authority, in PEM,
	// shown to whoever asks for the server by another name than Switchboard's own
	// programs do. Those pin the network's key and never look at it.
	CertFile, CertKeyFile string
	// Free tells the bytes free on the disk of Folder; nil asks the system.
	Free func() (int64, error)
	// Now is the server's clock; nil is the system's.
	Now func() time.Time
	// Log receives what an operator should know; nil discards it.
	Log hclog.Logger
}

func (o *Options) complete() error {
	if o.Folder == "" {
		return fmt.Errorf("the network needs a folder")
	}
	if o.Network == "" {
		o.Network = "local"
	}
	if !wire.ValidName(o.Network) {
		return fmt.Errorf("%q is not a network's name: use small letters, digits, - and _, at most 32", o.Network)
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Retention <= 0 {
		o.Retention = DefaultRetention
	}
	if o.Retention < time.Hour {
		return fmt.Errorf("a retention of %v is too short: at least an hour", o.Retention)
	}
	o.bounds()
	if o.Free == nil {
		folder := o.Folder
		o.Free = func() (int64, error) { return freeBytes(folder) }
	}
	if o.sync == "" {
		o.sync = "always"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	return nil
}

// bounds fills in what the operator did not say.
func (o *Options) bounds() {
	if o.MinFree <= 0 {
		o.MinFree = 64 << 20
	}
	if o.Rate <= 0 {
		o.Rate = 500
	}
	if o.Burst <= 0 {
		o.Burst = 2000
	}
	if o.Daily <= 0 {
		o.Daily = DefaultDaily
	}
	if o.BlobQuota <= 0 {
		o.BlobQuota = DefaultBlobQuota
	}
	if o.RegisterRate <= 0 {
		o.RegisterRate = 50
	}
	if o.RegisterBurst <= 0 {
		o.RegisterBurst = 2000
	}
	if o.Devices <= 0 || o.Devices > wire.MaxDevices {
		o.Devices = wire.MaxDevices
	}
	if o.Contacts <= 0 || o.Contacts > wire.MaxContacts {
		o.Contacts = wire.MaxContacts
	}
	if o.Groups <= 0 || o.Groups > wire.MaxGroups {
		o.Groups = wire.MaxGroups
	}
	if o.GroupsADay <= 0 {
		o.GroupsADay = wire.MaxGroupsADay
	}
}

func (o *Options) hostPort() (string, int, error) {
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return "", 0, fmt.Errorf("listen address %q: %w", o.Listen, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 0 || n > 65535 {
		return "", 0, fmt.Errorf("listen address %q: the port is not a number", o.Listen)
	}
	if n == 0 {
		n = -1 // the library's word for "any"
	}
	if ip := net.ParseIP(host); o.Door && (ip == nil || !ip.IsLoopback()) {
		return "", 0, fmt.Errorf("listen address %q: a network that is opened by its door listens on this computer alone; "+
			"say 127.0.0.1, or take away `listen`", o.Listen)
	}
	return host, n, nil
}
