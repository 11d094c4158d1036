package companion

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
)

const (
	userUsage   = "list|add NAME [--name TEXT] [--ttl 24h]|disable NAME|enable NAME|reset NAME [--ttl 24h]|remove NAME [--json] [--config FILE|--folder DIR]"
	tokenUsage  = "create [--uses 1] [--days 30] [--net CIDR,…] [--note TEXT]|list|revoke ID [--json] [--config FILE|--folder DIR]"
	statusUsage = "[--json] [--config FILE|--folder DIR]"
	stepUsage   = "[--server NAME] [--config FILE|--folder DIR]"
)

// adminFlags are those of all commands that ask a running server.
type adminFlags struct {
	where
	json bool
	set  *flag.FlagSet
}

func newAdminFlags() *adminFlags {
	f := &adminFlags{set: flag.NewFlagSet("serve", flag.ContinueOnError)}
	f.set.SetOutput(io.Discard)
	f.where.flags(f.set)
	f.set.BoolVar(&f.json, "json", false, "")
	return f
}

// parse reads flags wherever they stand and gives the rest.
func (f *adminFlags) parse(args []string) ([]string, error) {
	var plain []string
	for len(args) > 0 {
		if err := f.set.Parse(args); err != nil {
			return nil, usage("")
		}
		if args = f.set.Args(); len(args) > 0 {
			plain, args = append(plain, args[0]), args[1:]
		}
	}
	return plain, nil
}

// alone reads the flags of a command that takes nothing else, and finds the server.
func (f *adminFlags) alone(args []string) (*adminClient, error) {
	plain, err := f.parse(args)
	if err != nil || len(plain) > 0 {
		return nil, usage("")
	}
	return f.client()
}

func (f *adminFlags) print(out io.Writer, v any, text string) error {
	if f.json {
		data, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("the answer cannot be written: %w", err)
		}
		text = string(data) + "\n"
	}
	_, err := io.WriteString(out, text)
	return err
}

func stamp(ms int64) string { return time.UnixMilli(ms).Format("2006-01-02 15:04") }

// serveUser is "serve user …".
func serveUser(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	f := newAdminFlags()
	name := f.set.String("name", "", "")
	ttl := f.set.Duration("ttl", 0, "")
	plain, err := f.parse(args)
	if err != nil {
		return err
	}
	c, err := f.client()
	if err != nil {
		return err
	}
	if len(plain) == 1 && plain[0] == "list" {
		return listUsers(ctx, c, f, out)
	}
	if len(plain) != 2 {
		return usage("")
	}
	a := adminArgs{User: plain[1], Name: *name, TTLs: int64(*ttl / time.Second)}
	switch plain[0] {
	case "add", "reset":
		var code codeAnswer
		if err := c.ask(ctx, "user."+plain[0], a, &code); err != nil {
			return err
		}
		return f.print(out, code, fmt.Sprintf("The code for the next device of %s, good once and until %s:\n%s\nOn that device: switchboard setup --device %s --server '%s'\n",
			code.User, stamp(code.ExpiresMS), code.Code, code.Code, code.Link))
	case "disable", "enable", "remove":
		if err := c.ask(ctx, "user."+plain[0], a, nil); err != nil {
			return err
		}
		return f.print(out, nothing{}, "")
	}
	return usage("")
}

func listUsers(ctx context.Context, c *adminClient, f *adminFlags, out io.Writer) error {
	all := []server.UserInfo{}
	for {
		var page []server.UserInfo
		a := adminArgs{}
		if len(all) > 0 {
			a.After = all[len(all)-1].User
		}
		if err := c.ask(ctx, "user.list", a, &page); err != nil {
			return err
		}
		all = append(all, page...)
		if len(page) < server.MaxUsersPage {
			break
		}
	}
	var b strings.Builder
	for _, u := range all {
		owner := ""
		if u.Owner {
			owner = "  owner"
		}
		fmt.Fprintf(&b, "%-32s  %-8s  %2d devices, %d online  %s%s\n", u.User, u.State, u.Devices, u.Online, u.Name, owner)
	}
	return f.print(out, all, b.String())
}

// serveToken is "serve token …".
func serveToken(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	f := newAdminFlags()
	uses := f.set.Uint("uses", 1, "")
	days := f.set.Int("days", 30, "")
	nets := f.set.String("net", "", "")
	note := f.set.String("note", "", "")
	plain, err := f.parse(args)
	if err != nil {
		return err
	}
	c, err := f.client()
	if err != nil {
		return err
	}
	switch {
	case len(plain) == 1 && plain[0] == "create":
		if *uses > 1<<31 || *days < 1 || *days > 36500 {
			return usage("")
		}
		a := adminArgs{Uses: uint32(*uses), TTLs: int64(*days) * 86400, Note: *note}
		if *nets != "" {
			a.Nets = strings.Split(*nets, ",")
		}
		var e server.Enrolment
		if err := c.ask(ctx, "token.create", a, &e); err != nil {
			return err
		}
		return f.print(out, e, e.Token+"\n")
	case len(plain) == 1 && plain[0] == "list":
		all, err := listTokens(ctx, c)
		if err != nil {
			return err
		}
		var b strings.Builder
		for _, e := range all {
			fmt.Fprintf(&b, "%s  %d left, %d used, until %s  %s  %s\n", e.ID, e.Uses, e.Used, stamp(e.ExpiresMS), strings.Join(e.Nets, ","), e.Note)
		}
		return f.print(out, all, b.String())
	case len(plain) == 2 && plain[0] == "revoke":
		if err := c.ask(ctx, "token.revoke", adminArgs{ID: plain[1]}, nil); err != nil {
			return err
		}
		return f.print(out, nothing{}, "")
	}
	return usage("")
}

// listTokens asks for all tokens, page by page; the oldest comes first.
func listTokens(ctx context.Context, c *adminClient) ([]server.Enrolment, error) {
	all, a := []server.Enrolment{}, adminArgs{}
	for {
		var page []server.Enrolment
		if err := c.ask(ctx, "token.list", a, &page); err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < server.MaxTokensPage {
			break
		}
		a.After = page[len(page)-1].ID
	}
	slices.SortStableFunc(all, func(x, y server.Enrolment) int { return cmp.Compare(x.CreatedMS, y.CreatedMS) })
	return all, nil
}

// serveStepDown is "serve stepdown …".
func serveStepDown(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	f := newAdminFlags()
	name := f.set.String("server", "", "")
	c, err := f.alone(args)
	if err != nil {
		return err
	}
	var n stepped
	if err := c.ask(ctx, "stepdown", adminArgs{ID: *name}, &n); err != nil {
		return err
	}
	return f.print(out, n, strconv.Itoa(n.Streams)+" streams are led by another server now.\n")
}

// serveStatus is "serve status": may the next server be stopped?
func serveStatus(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	f := newAdminFlags()
	c, err := f.alone(args)
	if err != nil {
		return err
	}
	var s clusterState
	if err := c.ask(ctx, "status", adminArgs{}, &s); err != nil {
		return err
	}
	text := fmt.Sprintf("%d servers answer, the store is led by %s, and all copies are whole.\n", s.Servers, s.Leader)
	if len(s.Behind) > 0 {
		text = fmt.Sprintf("%d servers answer, the store is led by %s; wait for: %s\n", s.Servers, s.Leader, strings.Join(s.Behind, ", "))
	}
	return f.print(out, s, text)
}
