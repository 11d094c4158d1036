package companion

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
)

// Request is one line from the plugin to its companion.
type Request struct {
	// Op is info, owner, invite, carry, open, backup, move or stop, or an
	// administrator's operation, such as user.list.
	Op string `json:"op"`
	// Opening belongs to open, To to move.
	Opening *Opening `json:"opening,omitempty"`
	To      []string `json:"to,omitempty"`

	// Uses and TTLs, in seconds, belong to invite; zero is one use, and the
	// network's usual time.
	Uses uint32 `json:"uses,omitempty"`
	TTLs uint32 `json:"ttl_s,omitempty"`
	// Args belong to an administrator's operation.
	Args json.RawMessage `json:"args,omitempty"`
}

// Reply is the line that answers it.
type Reply struct {
	// Error is one sentence; nothing else is set then.
	Error string `json:"error,omitempty"`
	// Link is the network's address; with an invitation where one was asked for.
	Link string `json:"link,omitempty"`
	// HasOwner: somebody owns the network already.
	HasOwner bool `json:"has_owner,omitempty"`
	// Local is where the network is reached on this computer.
	Local string `json:"local,omitempty"`
	// File is what was written into the network's folder: a name there.
	File string `json:"file,omitempty"`
	// Moved: the network has left this computer.
	Moved bool `json:"moved,omitempty"`
	// Carry answers carry and open.
	Carry *CarryReply `json:"carry,omitempty"`
	// Data answers an administrator's operation.
	Data json.RawMessage `json:"data,omitempty"`
}

const (
	controlTimeout = 10 * time.Second
	maxLine        = 4 << 10
	maxReply       = 64 << 10
	maxClients     = 32
)

// control serves the socket. Whoever may open it owns the network: its mode is
// 0600 and its folder is the profile's.
type control struct {
	l    *net.UnixListener
	s    *server.Server
	stop func()
	log  hclog.Logger
	uid  int // whose processes may ask

	config Config
	carry  *carry        // nil where the operator decides about addresses
	moved  *server.Moved // the network is elsewhere; s is nil

	keeping sync.Mutex // one backup at a time

	mu    sync.Mutex
	open  map[net.Conn]bool
	ended bool
	done  sync.WaitGroup
}

func serveControl(l *net.UnixListener, uid int, s *server.Server, stop func(), log hclog.Logger) *control {
	return serveSocket(&control{l: l, s: s, stop: stop, log: log, uid: uid})
}

// serveSocket serves what c says.
func serveSocket(c *control) *control {
	c.open = make(map[net.Conn]bool)
	c.done.Add(1)
	go c.accept()
	return c
}

func (c *control) accept() {
	defer c.done.Done()
	for {
		conn, err := c.l.Accept()
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				c.log.Error("the control socket failed", "error", err)
				c.stop()
			}
			return
		}
		c.mu.Lock()
		if c.ended || len(c.open) >= maxClients || !ofUser(conn, c.uid) {
			c.mu.Unlock()
			_ = conn.Close()
			continue
		}
		c.open[conn] = true
		c.done.Add(1)
		c.mu.Unlock()
		go func() {
			defer c.done.Done()
			c.serve(conn)
			c.mu.Lock()
			delete(c.open, conn)
			c.mu.Unlock()
			_ = conn.Close()
		}()
	}
}

func (c *control) serve(conn net.Conn) {
	lines := bufio.NewReaderSize(conn, maxLine)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return
		}
		reply := c.answer(line)
		data, err := json.Marshal(reply)
		if err != nil {
			return
		}
		if conn.SetWriteDeadline(time.Now().Add(controlTimeout)) != nil {
			return
		}
		if _, err := conn.Write(append(data, '\n')); err != nil {
			return
		}
	}
}

func (c *control) answer(line []byte) Reply {
	ctx, cancel := context.WithTimeout(context.Background(), controlTimeout)
	defer cancel()
	var r Request
	if err := wire.Decode(line, &r); err != nil {
		return Reply{Error: err.Error()}
	}
	if c.moved != nil {
		return c.away(r)
	}
	if reply, ok := c.admin(ctx, r); ok {
		return reply
	}
	link, err := c.s.Link(), error(nil)
	switch r.Op {
	case "info":
	case "backup", "move":
		file, err := c.keep(r)
		if err != nil {
			return Reply{Error: err.Error()}
		}
		return Reply{Link: link.String(), File: file, Moved: r.Op == "move"}
	case "carry", "open":
		return c.carried(r)
	case "owner":
		link, err = c.s.Invite(ctx, 1, time.Hour, true)
	case "invite":
		link, err = c.s.Invite(ctx, r.Uses, time.Duration(r.TTLs)*time.Second, false)
	case "stop":
		c.stop()
	default:
		err = fmt.Errorf("the companion does not know %q", r.Op)
	}
	if err != nil {
		return Reply{Error: err.Error()}
	}
	return Reply{Link: link.String(), HasOwner: c.s.HasOwner(), Local: c.s.Listening()}
}

// carried answers how the network is open, and changes it.
func (c *control) carried(r Request) Reply {
	if c.carry == nil {
		return Reply{Error: "the addresses of this network stand in its configuration"}
	}
	if r.Op == "open" {
		if r.Opening == nil {
			return Reply{Error: "the request is malformed"}
		}
		if err := c.carry.set(*r.Opening); err != nil {
			return Reply{Error: err.Error()}
		}
	}
	s, err := c.carry.status()
	if err != nil {
		return Reply{Error: err.Error()}
	}
	return Reply{Carry: s, Local: c.s.Listening()}
}

// away answers where the network is, after it has left.
func (c *control) away(r Request) Reply {
	link := wire.Link{Addresses: c.moved.Old, Network: c.moved.Network, Key: c.moved.Key}
	if record, err := wire.OpenRecord(c.moved.Record, c.moved.Key); err == nil {
		link.Addresses = record.Addresses
	}
	switch r.Op {
	case "stop":
		c.stop()
	case "info":
	default:
		return Reply{Error: server.ErrMoved.Error()}
	}
	reply := Reply{Moved: true, HasOwner: true}
	if len(link.Addresses) > 0 {
		reply.Link = link.String()
	}
	return reply
}

func (c *control) close() {
	_ = c.l.Close()
	c.mu.Lock()
	c.ended = true
	for conn := range c.open {
		_ = conn.SetReadDeadline(time.Now()) // an answer under way still goes out
	}
	c.mu.Unlock()
	c.done.Wait()
}

// Ask sends one request over a connection to a control socket, and waits until
// ctx's deadline, or ten seconds without one. What the companion refuses is an
// error with its sentence.
func Ask(ctx context.Context, conn net.Conn, r Request) (Reply, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(controlTimeout)
	}
	reply, err := exchange(conn, r, deadline, maxReply)
	if err != nil {
		return Reply{}, fmt.Errorf("ask the companion: %w", err)
	}
	if reply.Error != "" {
		return Reply{}, fmt.Errorf("the companion on this computer: %s", reply.Error)
	}
	return reply, nil
}

// exchange sends a line and reads the one that answers it, of at most so many
// bytes. What the server says in it, an error too, is the caller's to judge.
func exchange(conn net.Conn, r Request, deadline time.Time, most int64) (Reply, error) {
	if err := conn.SetDeadline(deadline); err != nil {
		return Reply{}, err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return Reply{}, err
	}
	if len(data) >= maxLine {
		return Reply{}, errors.New("that is too much for one request")
	}
	if _, err := conn.Write(append(data, '\n')); err != nil {
		return Reply{}, err
	}
	line, err := bufio.NewReader(io.LimitReader(conn, most)).ReadBytes('\n')
	if err != nil {
		return Reply{}, err
	}
	var reply Reply
	if err := json.Unmarshal(line, &reply); err != nil {
		return Reply{}, fmt.Errorf("the answer is malformed: %w", err)
	}
	return reply, nil
}
