package companion

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// What an administrator asks a running server over its control socket: one JSON
// object a line with op and args, answered by one with data or error.

// adminArgs are the arguments of all operations; each reads its own.
type adminArgs struct {
	User  string   `json:"user,omitempty"`
	Name  string   `json:"name,omitempty"`
	After string   `json:"after,omitempty"`
	TTLs  int64    `json:"ttl_s,omitempty"`
	Uses  uint32   `json:"uses,omitempty"`
	Nets  []string `json:"nets,omitempty"`
	Note  string   `json:"note,omitempty"`
	ID    string   `json:"id,omitempty"`
}

// codeAnswer is a one-shot code and the way to the network that goes with it.
type codeAnswer struct {
	User      string `json:"user"`
	Code      string `json:"code"`
	ExpiresMS int64  `json:"expires_ms"`
	Link      string `json:"link"`
}

type adminOp func(ctx context.Context, s *server.Server, a adminArgs) (any, error)

var adminOps = map[string]adminOp{
	"user.list": func(_ context.Context, s *server.Server, a adminArgs) (any, error) { return s.Users(a.After), nil },
	"user.add": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		c, err := s.AddUser(ctx, a.User, a.Name, time.Duration(a.TTLs)*time.Second)
		return codeOf(s, a.User, c, err)
	},
	"user.reset": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		c, err := s.ResetUser(ctx, a.User, time.Duration(a.TTLs)*time.Second)
		return codeOf(s, a.User, c, err)
	},
	"user.disable": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		return nothing{}, s.DisableUser(ctx, a.User)
	},
	"user.enable": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		return nothing{}, s.EnableUser(ctx, a.User)
	},
	"user.remove": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		return nothing{}, s.RemoveUser(ctx, a.User)
	},
	"token.create": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		return s.MakeEnrolment(ctx, a.Uses, time.Duration(a.TTLs)*time.Second, a.Nets, a.Note)
	},
	"token.list": func(_ context.Context, s *server.Server, a adminArgs) (any, error) { return s.Enrolments(a.After), nil },
	"token.revoke": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		return nothing{}, s.RevokeEnrolment(ctx, a.ID)
	},
	"status": func(ctx context.Context, s *server.Server, _ adminArgs) (any, error) { return s.ClusterState(ctx) },
	"stepdown": func(ctx context.Context, s *server.Server, a adminArgs) (any, error) {
		n, err := s.StepDown(ctx, a.ID)
		return stepped{n}, err
	},
}

type nothing struct{}

// clusterState is what "serve status" tells of the nats-servers.
type clusterState = server.ClusterState

type stepped struct {
	Streams int `json:"streams"`
}

func codeOf(s *server.Server, user string, c *contractv1.DeviceCode, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return codeAnswer{User: user, Code: c.Code, ExpiresMS: c.ExpiresMs, Link: s.Link().String()}, nil
}

// admin answers an administrator's request; false means that it is none.
func (c *control) admin(ctx context.Context, r Request) (Reply, bool) {
	do := adminOps[r.Op]
	if do == nil {
		return Reply{}, false
	}
	var a adminArgs
	if len(r.Args) > 0 {
		if err := wire.Decode(r.Args, &a); err != nil {
			return Reply{Error: err.Error()}, true
		}
	}
	v, err := do(ctx, c.s, a)
	if err == nil {
		var data []byte
		if data, err = json.Marshal(v); err == nil {
			return Reply{Data: data}, true
		}
	}
	return Reply{Error: err.Error()}, true
}

// maxAdminReply bounds what an answer may hold.
const maxAdminReply = 1 << 20

// adminClient is the way to the control socket of a running server.
type adminClient struct{ path string }

// where reads the flags that name a server: its configuration or its folder.
type where struct{ config, folder string }

func (w *where) flags(f *flag.FlagSet) {
	f.StringVar(&w.config, "config", "", "")
	f.StringVar(&w.folder, "folder", "", "")
}

func (w *where) client() (*adminClient, error) {
	if w.folder != "" {
		return &adminClient{path: filepath.Join(w.folder, SocketName)}, nil
	}
	c, err := serveConfig(w.config)
	if err != nil {
		return nil, err
	}
	return &adminClient{path: filepath.Join(c.Folder, SocketName)}, nil
}

// ask puts one question and reads the answer's data.
func (c *adminClient) ask(ctx context.Context, op string, a adminArgs, into any) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", c.path)
	if err != nil {
		return fmt.Errorf("no server answers at %s (%w); say which with --config FILE or --folder DIR, as the user it runs as", c.path, err)
	}
	defer conn.Close()
	args, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	reply, err := exchange(conn, Request{Op: op, Args: args}, time.Now().Add(2*controlTimeout), maxAdminReply)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	if reply.Error != "" {
		return errors.New(reply.Error)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(reply.Data, into); err != nil {
		return fmt.Errorf("the server's answer is malformed: %w", err)
	}
	return nil
}
