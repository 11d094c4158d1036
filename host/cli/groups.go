package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

type groupRow struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Role    string   `json:"role"`
	Members []string `json:"members"` // addresses of those who are in
	State   string   `json:"state,omitempty"`
}

type groupMemberRow struct {
	Address string `json:"address"`
	Name    string `json:"name"`
	Role    string `json:"role"`
	State   string `json:"state"`
	Since   string `json:"since"`
	By      string `json:"by"`
}

// groups are the commands that make and change groups. A group is named by its
// id or by its name where that is unique.
func (c *command) groups() *cobra.Command {
	var earlier, open bool
	create := leaf("create NAME", "make a group; prints its id", cobra.ExactArgs(1),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			g, err := host.ChangeGroup(ctx, &controlv1.GroupRequest{Op: "create", Name: args[0], Earlier: earlier, Open: open})
			if err != nil {
				return err
			}
			return c.line(g.Id)
		}))
	create.Flags().BoolVar(&earlier, "earlier", false, "new members see earlier messages")
	create.Flags().BoolVar(&open, "open", false, "anybody on the network may ask to be let in")
	var all bool
	list := c.listing("list", "the groups I am in", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		return c.listGroups(ctx, host, all)
	}))
	list.Flags().BoolVar(&all, "all", false, "also those I am invited to, asked for, or have left")
	g := group("group", "make and change groups", create, list,
		c.listing("members GROUP", "who is in a group, invited to it, or asks", cobra.ExactArgs(1), c.asking(c.groupMembers)),
		leaf("rename GROUP NAME", "give a group another name", cobra.ExactArgs(2), c.changing(func(args []string) *controlv1.GroupRequest {
			return &controlv1.GroupRequest{Op: "rename", Name: args[1]}
		})),
		leaf("picture GROUP FILE|none", "give a group a picture, or take it away", cobra.ExactArgs(2), c.asking(c.groupPicture)),
		leaf("leave GROUP [NEXT-OWNER]", "leave a group; an owner hands it over", cobra.RangeArgs(1, 2), c.changing(func(args []string) *controlv1.GroupRequest {
			return &controlv1.GroupRequest{Op: "leave", Address: append(args, "")[1]}
		})),
		c.choosing("role GROUP ADDRESS owner|admin|member", "give somebody a role; owner hands the group over", []string{"owner", "admin", "member"},
			func(args []string) *controlv1.GroupRequest {
				return &controlv1.GroupRequest{Op: "role", Address: args[1], Role: args[2]}
			}))
	for _, op := range []struct{ name, short string }{
		{"invite", "bring a contact in, or ask them to come"}, {"remove", "take somebody out of a group"},
		{"admit", "let somebody in who asks"}, {"refuse", "do not let somebody in who asks"},
	} {
		g.AddCommand(leaf(op.name+" GROUP ADDRESS", op.short, cobra.ExactArgs(2), c.changing(func(args []string) *controlv1.GroupRequest {
			return &controlv1.GroupRequest{Op: op.name, Address: args[1]}
		})))
	}
	for _, op := range []struct{ name, short string }{
		{"request", "ask to be let into an open group"}, {"accept", "come into a group that I am invited to"}, {"decline", "do not come"},
	} {
		use := op.name + " GROUP"
		if op.name == "request" {
			use = "request ID"
		}
		g.AddCommand(leaf(use, op.short, cobra.ExactArgs(1), c.changing(func([]string) *controlv1.GroupRequest {
			return &controlv1.GroupRequest{Op: op.name}
		})))
	}
	for _, op := range []struct{ name, short string }{
		{"earlier", "whether new members see earlier messages"}, {"open", "whether anybody on the network may ask to be let in"},
	} {
		g.AddCommand(c.choosing(op.name+" GROUP on|off", op.short, []string{"on", "off"}, func(args []string) *controlv1.GroupRequest {
			return &controlv1.GroupRequest{Op: op.name, On: args[1] == "on"}
		}))
	}
	return g
}

// changing is a command whose first argument is the group.
func (c *command) changing(request func(args []string) *controlv1.GroupRequest) func(*cobra.Command, []string) error {
	return c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		r := request(args)
		r.Group = args[0]
		_, err := host.ChangeGroup(ctx, r)
		return err
	})
}

// choosing is changing with a last argument that is one of a few words.
func (c *command) choosing(use, short string, words []string, request func(args []string) *controlv1.GroupRequest) *cobra.Command {
	n := 2
	if len(words) > 2 {
		n = 3
	}
	l := leaf(use, short, cobra.ExactArgs(n), nil)
	l.RunE = func(cmd *cobra.Command, args []string) error {
		for _, w := range words {
			if args[n-1] == w {
				return c.changing(request)(cmd, args)
			}
		}
		return fmt.Errorf("%q is not one of the words of: %s", args[n-1], cmd.UseLine())
	}
	return l
}

func (c *command) listGroups(ctx context.Context, host *control.Client, all bool) error {
	reply, err := host.Groups(ctx, &controlv1.GroupsRequest{})
	if err != nil {
		return err
	}
	rows := []groupRow{}
	for _, g := range reply.Groups {
		if g.State != "in" && !all {
			continue
		}
		row := groupRow{ID: g.Id, Name: g.Name, Role: g.Role, Members: []string{}}
		if all {
			row.State = g.State
		}
		for _, m := range g.Members {
			if m.State == "in" {
				row.Members = append(row.Members, m.Address)
			}
		}
		rows = append(rows, row)
	}
	if c.json {
		return c.print(rows)
	}
	for _, r := range rows {
		if err := c.line(fmt.Sprintf("%-26s %-10s %4d  %s", r.ID, cmp.Or(r.Role, r.State), len(r.Members), r.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (c *command) groupMembers(ctx context.Context, host *control.Client, args []string) error {
	reply, err := host.Groups(ctx, &controlv1.GroupsRequest{Group: args[0]})
	if err != nil {
		return err
	}
	rows := []groupMemberRow{}
	for _, m := range reply.Groups[0].Members {
		rows = append(rows, groupMemberRow{m.Address, m.Name, m.Role, m.State, stamp(m.SinceMs), m.By})
	}
	if c.json {
		return c.print(rows)
	}
	for _, r := range rows {
		if err := c.line(fmt.Sprintf("%-32s %-8s %-10s %s", r.Address, r.Role, r.State, r.Name)); err != nil {
			return err
		}
	}
	return nil
}
