package server

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"switchboard/plugins/nats/wire"
)

// conns knows which connections a device has: from the callout that admitted
// them, confirmed and ended by the servers' own events. Every replica hears all
// of these events and so knows all connections.
type conns struct {
	s *Server

	mu      sync.Mutex
	open    map[connID]*conn
	devices map[string]map[connID]bool // by user and device
}

// connID names a connection; a server counts its own.
type connID struct {
	server string
	id     uint64
}

type conn struct {
	user      string // empty: registering, then device is its key
	device    string
	host      string // where it comes from
	noted     time.Time
	confirmed bool
	failures  int
}

// unconfirmed connections are forgotten after this: their client went away
// while it was being admitted.
const unconfirmed = 20 * time.Second

// maxConns bounds the connections of one device; the oldest is cut.
const maxConns = 4

func newConns(s *Server) *conns {
	return &conns{s: s, open: make(map[connID]*conn), devices: make(map[string]map[connID]bool)}
}

func (o *conn) name() string { return o.user + "." + o.device }

func (c *conns) note(id connID, user, device, host string) {
	c.mu.Lock()
	oldest, over := c.add(id, &conn{user: user, device: device, host: host, noted: time.Now()})
	c.mu.Unlock()
	if over {
		c.cut(oldest)
	}
}

// add takes up a connection and tells which one is too many; c.mu is held.
func (c *conns) add(id connID, o *conn) (oldest connID, over bool) {
	if c.open[id] != nil {
		return id, false
	}
	c.open[id] = o
	ids := c.devices[o.name()]
	if ids == nil {
		ids = make(map[connID]bool)
		c.devices[o.name()] = ids
	}
	ids[id] = true
	oldest = id
	for i := range ids {
		if a, b := c.open[i], c.open[oldest]; a.noted.Before(b.noted) || a.noted.Equal(b.noted) && i.id < oldest.id {
			oldest = i
		}
	}
	return oldest, len(ids) > maxConns
}

// splitUser reads the name that the callout gave a connection.
func splitUser(name string) (user, device string, ok bool) {
	user, device, _ = strings.Cut(name, ".")
	if user == wire.RegisterUser && nkeys.IsValidPublicUserKey(device) {
		return "", device, true
	}
	return user, device, wire.ValidName(user) && wire.ValidDevice(device)
}

// connected confirms a connection. One whose device was locked out while it was
// being admitted is cut here.
func (c *conns) connected(msg *nats.Msg) {
	var e server.ConnectEventMsg
	if json.Unmarshal(msg.Data, &e) != nil {
		return
	}
	user, device, ok := splitUser(e.Client.User)
	if !ok {
		return // a service
	}
	id := connID{e.Server.ID, e.Client.ID}
	c.note(id, user, device, e.Client.Host)
	c.mu.Lock()
	if o := c.open[id]; o != nil {
		o.confirmed = true
	}
	c.mu.Unlock()
	if user != "" && c.s.dir.lockedOut(user, device) {
		c.cut(id)
	}
}

func (c *conns) disconnected(msg *nats.Msg) {
	var e server.DisconnectEventMsg
	if json.Unmarshal(msg.Data, &e) != nil {
		return
	}
	c.gone(connID{e.Server.ID, e.Client.ID})
}

func (c *conns) gone(id connID) {
	c.mu.Lock()
	o := c.open[id]
	delete(c.open, id)
	left := 0
	if o != nil {
		ids := c.devices[o.name()]
		delete(ids, id)
		if left = len(ids); left == 0 {
			delete(c.devices, o.name())
		}
	}
	c.mu.Unlock()
	if o != nil && o.user != "" && left == 0 {
		c.s.pres.left(o.user, o.device)
	}
}

// goneWith forgets all connections of a server that died: it cannot say so.
func (c *conns) goneWith(srv string) {
	var all []connID
	c.mu.Lock()
	for id := range c.open {
		if id.server == srv {
			all = append(all, id)
		}
	}
	c.mu.Unlock()
	for _, id := range all {
		c.gone(id)
	}
}

// has reports whether a device has a connection.
func (c *conns) has(user, device string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.devices[user+"."+device]) > 0
}

// host tells from where a registering key is connected, "" if it is not.
func (c *conns) host(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.devices["."+key] {
		return c.open[id].host
	}
	return ""
}

// counts tells how many connections and devices there are.
func (c *conns) counts() (open, devices int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open), len(c.devices)
}

// failed counts a wrong guess on the connections of a registering key.
func (c *conns) failed(key string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	most := 0
	for id := range c.devices["."+key] {
		o := c.open[id]
		o.failures++
		most = max(most, o.failures)
	}
	return most
}

// kick cuts every connection of a device.
func (c *conns) kick(user, device string) {
	c.mu.Lock()
	ids := make([]connID, 0, maxConns)
	for id := range c.devices[user+"."+device] {
		ids = append(ids, id)
	}
	c.mu.Unlock()
	for _, id := range ids {
		c.cut(id)
	}
}

func (c *conns) cut(id connID) {
	data, err := json.Marshal(server.KickClientReq{CID: id.id})
	if err == nil {
		// Without a reply subject the server ignores the request.
		err = c.s.sys.PublishRequest("$SYS.REQ.SERVER."+id.server+".KICK", c.s.sys.NewInbox(), data)
	}
	if err != nil {
		c.s.o.Log.Warn("kick", "connection", id.id, "error", err)
	}
}

// reconcile compares with the servers' own lists: an event may be lost, and a
// client may vanish while it is being admitted. At the start it is how a
// replica learns who is connected.
func (c *conns) reconcile(ctx context.Context) {
	there, heard, err := c.s.connections(ctx)
	if err != nil {
		c.s.o.Log.Debug("ask the servers who is connected", "error", err)
		return
	}
	var gone []connID
	c.mu.Lock()
	for id, o := range c.open {
		if _, ok := there[id]; !ok && heard[id.server] && time.Since(o.noted) > unconfirmed {
			gone = append(gone, id)
		}
	}
	for id, o := range there {
		c.add(id, o)
	}
	c.mu.Unlock()
	for _, id := range gone {
		c.gone(id)
	}
	for id, o := range there {
		switch {
		case o.user == "":
		case c.s.dir.lockedOut(o.user, o.device):
			c.cut(id) // it was not known when its device was locked out
		default:
			c.s.pres.here(o.user, o.device)
		}
	}
}

// connections asks for all connections of people, and tells which servers
// answered.
func (s *Server) connections(ctx context.Context) (map[connID]*conn, map[string]bool, error) {
	all, heard := map[connID]*conn{}, map[string]bool{}
	if s.ns != nil {
		heard[s.ns.ID()] = true
		return all, heard, pages(all, s.ns.ID(), func(offset int) (*server.Connz, error) {
			return s.ns.Connz(&server.ConnzOptions{Account: accountUsers, Offset: offset, Limit: 1024, Username: true})
		})
	}
	for _, srv := range s.alive.servers() {
		err := pages(all, srv, func(offset int) (*server.Connz, error) {
			q := map[string]any{"acc": accountUsers, "auth": true, "offset": offset, "limit": 1024}
			var answer struct {
				Data *server.Connz `json:"data"`
			}
			if err := s.askServer(ctx, srv, "CONNZ", q, &answer); err != nil {
				return nil, err
			}
			if answer.Data == nil {
				return &server.Connz{}, nil
			}
			return answer.Data, nil
		})
		if err != nil {
			s.o.Log.Debug("ask a server who is connected", "server", srv, "error", err)
			continue
		}
		heard[srv] = true
	}
	return all, heard, nil
}

func pages(all map[connID]*conn, srv string, ask func(offset int) (*server.Connz, error)) error {
	for offset := 0; ; {
		page, err := ask(offset)
		if err != nil {
			return err
		}
		for _, i := range page.Conns {
			if user, device, ok := splitUser(i.AuthorizedUser); ok {
				all[connID{srv, i.Cid}] = &conn{user: user, device: device, host: i.IP, noted: i.Start, confirmed: true}
			}
		}
		offset += len(page.Conns)
		if len(page.Conns) == 0 || offset >= page.Total {
			return nil
		}
	}
}
