package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// people is the roster and the list of conversations.
func (c *command) people() []*cobra.Command {
	contact := group("contact", "change the roster")
	var greeting string
	for _, op := range []struct{ name, short string }{
		{"add", "ask somebody to be a contact"}, {"accept", "accept a request"}, {"remove", "remove a contact, or decline a request"},
		{"block", "let somebody reach me no more"}, {"unblock", "take a block back"},
	} {
		l := leaf(op.name+" ADDRESS", op.short, cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.Contact(ctx, &controlv1.ContactRequest{Op: op.name, Address: args[0], Text: greeting})
			return err
		}))
		if op.name == "add" {
			l.Flags().StringVar(&greeting, "text", "", "a line that goes with the request")
		}
		contact.AddCommand(l)
	}
	contact.AddCommand(leaf("rename ADDRESS NAME", "give somebody a name of mine", cobra.MinimumNArgs(2),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.Contact(ctx, &controlv1.ContactRequest{Op: "rename", Address: args[0], Text: strings.Join(args[1:], " ")})
			return err
		})))
	row := leaf("row pin|unpin|mute-1h|mute-8h|mute|unmute|archive|unarchive CONVERSATION", "change a row of the list", cobra.ExactArgs(2),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.Row(ctx, &controlv1.RowRequest{Op: args[0], Conversation: args[1]})
			return err
		}))
	return []*cobra.Command{contact, row,
		c.listing("contacts", "whom I know", cobra.NoArgs, c.asking(c.contacts)),
		c.listing("conversations", "the list of conversations", cobra.NoArgs, c.asking(c.conversations))}
}

func (c *command) contacts(ctx context.Context, host *control.Client, _ []string) error {
	reply, err := host.Contacts(ctx, nothing)
	if err != nil {
		return err
	}
	rows := make([]contactRow, 0, len(reply.Contacts))
	for _, one := range reply.Contacts {
		rows = append(rows, contactRow{one.Address, one.Name, one.GetPresence().GetStatus(), one.GetPresence().GetText(),
			list(one.GetPresence().GetCapabilities()), one.State, one.Greeting, one.Conversation, stamp(one.NewKeysMs), one.Avatar, one.Watch})
	}
	if c.json {
		return c.print(rows)
	}
	for _, r := range rows {
		if err := c.line(fmt.Sprintf("%-32s %-10s %-10s %s%s", r.Address, r.State, r.Presence, r.Name,
			mark(r.NewKeys != "", "  (signs in with new keys since "+r.NewKeys+")"))); err != nil {
			return err
		}
	}
	return nil
}

func (c *command) conversations(ctx context.Context, host *control.Client, _ []string) error {
	reply, err := host.Conversations(ctx, nothing)
	if err != nil {
		return err
	}
	rows := make([]conversationRow, 0, len(reply.Conversations))
	for _, one := range reply.Conversations {
		rows = append(rows, conversationRow{one.Id, one.Kind, one.Title, one.Peer, one.Summary, one.From, stamp(one.TimeMs), one.Unread,
			one.Mentions, one.Draft, one.Pinned, one.Archived, stamp(one.MutedUntilMs), one.Members, one.ReadOnly})
	}
	if c.json {
		return c.print(rows)
	}
	for _, r := range rows {
		if err := c.line(fmt.Sprintf("%-28s %3d  %s: %s", r.ID, r.Unread, r.Title, r.Summary)); err != nil {
			return err
		}
	}
	return nil
}
