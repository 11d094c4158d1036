package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// sessions are offers and views.
func (c *command) sessions() []*cobra.Command {
	var follow bool
	view := c.listing("view SESSION", "a session's tree as drawn, list items merged in", cobra.ExactArgs(1), doing(func(cmd *cobra.Command, args []string) error {
		if follow {
			return c.attend(cmd.Context(), args[0])
		}
		return c.asking(c.view)(cmd, args)
	}))
	view.Flags().BoolVar(&follow, "follow", false, "keep looking, and print the tree after every change")
	act := leaf("act SESSION NODE [VALUE]", "press, submit or change a node of a view", cobra.RangeArgs(2, 3), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.Act(ctx, actRequest(args))
		return err
	}))
	edit := leaf("edit SESSION NODE [TEXT]", "type into an editor without submitting", cobra.RangeArgs(2, 3), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.Edit(ctx, actRequest(args))
		return err
	}))
	see := leaf("see SESSION LIST ITEM", "mark an item, and all before it, as seen", cobra.ExactArgs(3), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.See(ctx, &controlv1.SeeRequest{Session: args[0], List: args[1], Item: args[2]})
		return err
	}))
	return []*cobra.Command{c.session(), view, act, edit, see}
}

// session are the commands about offers and what became of them.
func (c *command) session() *cobra.Command {
	list := c.listing("list", "sessions that are not long over", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		reply, err := host.Sessions(ctx, nothing)
		if err != nil {
			return err
		}
		rows := make([]sessionRow, 0, len(reply.Sessions))
		for _, s := range reply.Sessions {
			rows = append(rows, newSession(s))
		}
		if c.json {
			return c.print(rows)
		}
		for _, r := range rows {
			if err := c.line(fmt.Sprintf("%-48s %-10s %s", r.Session, r.State, r.Title)); err != nil {
				return err
			}
		}
		return nil
	}))
	offer := leaf("offer CONVERSATION PLUGIN [ACTION]", "offer a session; prints its name", cobra.RangeArgs(2, 3),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			r := &controlv1.SessionRequest{Op: "offer", Conversation: args[0], Plugin: args[1]}
			if len(args) == 3 {
				r.Action = args[2]
			}
			reply, err := host.Session(ctx, r)
			if err != nil {
				return err
			}
			return c.line(reply.Session.Conversation + "/" + reply.Session.Id)
		}))
	session := group("session", "offers and running sessions", list, offer)
	for _, op := range []struct{ name, short string }{
		{"accept", "accept an offer on this device"}, {"decline", "decline an offer"}, {"cancel", "take my offer back"},
		{"leave", "leave a session"}, {"end", "end a session for everybody"},
	} {
		session.AddCommand(leaf(op.name+" SESSION", op.short, cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.Session(ctx, &controlv1.SessionRequest{Op: op.name, Session: args[0]})
			return err
		})))
	}
	return session
}

func actRequest(args []string) *controlv1.ActRequest {
	r := &controlv1.ActRequest{Session: args[0], Node: args[1]}
	if len(args) == 3 {
		r.Value = args[2]
	}
	return r
}

func (c *command) view(ctx context.Context, host *control.Client, args []string) error {
	reply, err := host.View(ctx, &controlv1.ViewRequest{Session: args[0]})
	if err != nil {
		return err
	}
	return c.line(string(reply.Json))
}

func (c *command) attend(ctx context.Context, session string) error {
	host, err := c.dial()
	if err != nil {
		return err
	}
	defer host.Close()
	stream, err := host.Attend(ctx, &controlv1.ViewRequest{Session: session})
	if err != nil {
		return err
	}
	for {
		reply, err := stream.Recv()
		if err == io.EOF || ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.line(string(reply.Json)); err != nil {
			return nil // who read has gone
		}
	}
}
