package server

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// conns knows which connections a device has: from the callout that admitted
// them, confirmed and ended by the server's own events.
type conns struct {
	s *Server

	mu      sync.Mutex
	open    map[uint64]*conn
	devices map[string]map[uint64]bool // by user and device
}

type conn struct {
	server    string
	user      string // empty: registering, then device is its key
	device    string
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
	return &conns{s: s, open: make(map[uint64]*conn), devices: make(map[string]map[uint64]bool)}
}

func (o *conn) name() string { return o.user + "." + o.device }

func (c *conns) note(id uint64, server, user, device string) {
	c.mu.Lock()
	o := &conn{server: server, user: user, device: device, noted: time.Now()}
	c.open[id] = o
	ids := c.devices[o.name()]
	if ids == nil {
		ids = make(map[uint64]bool)
		c.devices[o.name()] = ids
	}
	ids[id] = true
	oldest, n := id, len(ids)
	for i := range ids {
		oldest = min(oldest, i)
	}
	c.mu.Unlock()
	if n > maxConns {
		c.cut(oldest, server)
	}
}

// connected confirms a connection. One whose device was revoked while it was
// being admitted is cut here.
func (c *conns) connected(msg *nats.Msg) {
	var e server.ConnectEventMsg
	if json.Unmarshal(msg.Data, &e) != nil {
		return
	}
	c.mu.Lock()
	o := c.open[e.Client.ID]
	if o != nil {
		o.confirmed = true
	}
	c.mu.Unlock()
	if o == nil || o.user == "" {
		return
	}
	if d, ok := c.s.dir.device(o.user, o.device); !ok || d.RevokedMS != 0 {
		c.cut(e.Client.ID, o.server)
	}
}

func (c *conns) disconnected(msg *nats.Msg) {
	var e server.DisconnectEventMsg
	if json.Unmarshal(msg.Data, &e) != nil {
		return
	}
	c.gone(e.Client.ID)
}

func (c *conns) gone(id uint64) {
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

// has reports whether a device has a connection.
func (c *conns) has(user, device string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.devices[user+"."+device]) > 0
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
	ids := map[uint64]string{}
	for id := range c.devices[user+"."+device] {
		ids[id] = c.open[id].server
	}
	c.mu.Unlock()
	for id, srv := range ids {
		c.cut(id, srv)
	}
}

func (c *conns) cut(id uint64, srv string) {
	data, err := json.Marshal(server.KickClientReq{CID: id})
	if err == nil {
		// Without a reply subject the server ignores the request.
		err = c.s.sys.PublishRequest("$SYS.REQ.SERVER."+srv+".KICK", c.s.sys.NewInbox(), data)
	}
	if err != nil {
		c.s.o.Log.Warn("kick", "connection", id, "error", err)
	}
}

// reconcile compares with the server's own list: an event may be lost, and a
// client may vanish while it is being admitted.
func (c *conns) reconcile(ctx context.Context) {
	c.mu.Lock()
	n := len(c.open)
	c.mu.Unlock()
	if n == 0 {
		return
	}
	there := map[uint64]bool{}
	for offset := 0; ; {
		page, err := c.s.ns.Connz(&server.ConnzOptions{Account: accountUsers, Offset: offset, Limit: 1024})
		if err != nil || ctx.Err() != nil {
			return
		}
		for _, i := range page.Conns {
			there[i.Cid] = true
		}
		offset += len(page.Conns)
		if len(page.Conns) == 0 || offset >= page.Total {
			break
		}
	}
	var gone []uint64
	c.mu.Lock()
	for id, o := range c.open {
		if !there[id] && time.Since(o.noted) > unconfirmed {
			gone = append(gone, id)
		}
	}
	c.mu.Unlock()
	for _, id := range gone {
		c.gone(id)
	}
}
