package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// historyPage is how many messages one question asks for.
const historyPage = 200

// talk is what plugins contribute, and watching.
func (c *command) talk() []*cobra.Command {
	var replyTo, file string
	send := leaf("send CONVERSATION TEXT", "send a message; prints its id when it is safely stored",
		func(cmd *cobra.Command, args []string) error {
			if file != "" { // a picture may stand alone
				return cobra.RangeArgs(1, 2)(cmd, args)
			}
			return cobra.ExactArgs(2)(cmd, args)
		},
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			return c.send(ctx, host, args, replyTo, file)
		}))
	send.Flags().StringVar(&file, "picture", "", "a PNG, JPEG or GIF to send, above the text if there is one")
	send.Flags().StringVar(&replyTo, "reply-to", "", "id of the message that this answers")

	var limit int
	history := c.listing("history CONVERSATION", "messages, oldest first", cobra.ExactArgs(1), nil)
	history.Flags().IntVar(&limit, "limit", 0, "only the newest N")
	history.RunE = func(cmd *cobra.Command, args []string) error {
		if limit < 0 {
			return errors.New("--limit is not negative")
		}
		return c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			return c.history(ctx, host, args[0], limit)
		})(cmd, args)
	}

	var in, plugin string
	run := leaf("command NAME [JSON]", "run a command that a plugin contributes", cobra.RangeArgs(1, 2),
		c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			r := &controlv1.CommandRequest{Conversation: in, Plugin: plugin, Name: args[0]}
			if len(args) == 2 {
				r.Args = []byte(args[1])
			}
			reply, err := host.Command(ctx, r)
			if err != nil {
				return err
			}
			return c.line(string(reply.Result))
		}))
	run.Flags().StringVar(&in, "in", "", "conversation, for commands of a session")
	run.Flags().StringVar(&plugin, "plugin", "", "id of the plugin that contributes the command")

	watch := c.listing("watch [ADDRESS once|always|never]", "print what happens, one event a line; or be told when a contact comes online",
		watchArgs, doing(c.watch))
	return []*cobra.Command{send, history, run, watch}
}

func (c *command) send(ctx context.Context, host *control.Client, args []string, replyTo, file string) error {
	words := map[string]string{"text": strings.Join(args[1:], "")}
	if file != "" {
		path, err := wholePath(file)
		if err != nil {
			return err
		}
		shared, err := host.SharePicture(ctx, &controlv1.PictureRequest{Path: path})
		if err != nil {
			return err
		}
		words["picture"] = shared.Picture
	}
	if replyTo != "" {
		words["reply_to"] = replyTo
	}
	data, err := json.Marshal(words)
	if err != nil {
		return err
	}
	reply, err := host.Command(ctx, &controlv1.CommandRequest{Conversation: args[0], Name: "send", Args: data})
	if err != nil {
		return err
	}
	var sent struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(reply.Result, &sent); err != nil || sent.ID == "" {
		return fmt.Errorf("the plugin answered without a message id: %.100q", reply.Result)
	}
	return c.line(sent.ID)
}

// history asks page by page, newest first, and prints oldest first.
func (c *command) history(ctx context.Context, host *control.Client, conversation string, limit int) error {
	var pages [][]json.RawMessage
	before, count := "", 0
	for limit == 0 || count < limit {
		n := historyPage
		if limit > 0 {
			n = min(n, limit-count)
		}
		words := map[string]any{"limit": n}
		if before != "" {
			words["before"] = before
		}
		data, err := json.Marshal(words)
		if err != nil {
			return err
		}
		reply, err := host.Command(ctx, &controlv1.CommandRequest{Conversation: conversation, Name: "history", Args: data})
		if err != nil {
			return err
		}
		var page []json.RawMessage
		if err := json.Unmarshal(reply.Result, &page); err != nil {
			return fmt.Errorf("the plugin's answer cannot be understood: %w", err)
		}
		if len(page) == 0 {
			break
		}
		var oldest struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(page[0], &oldest); err != nil || oldest.ID == "" || oldest.ID == before {
			return errors.New("the plugin's answer names no message")
		}
		pages, before, count = append(pages, page), oldest.ID, count+len(page)
	}
	slices.Reverse(pages)
	all := slices.Concat(pages...)
	if c.json {
		if all == nil {
			all = []json.RawMessage{}
		}
		return c.print(all)
	}
	return c.printMessages(all)
}

func (c *command) printMessages(all []json.RawMessage) error {
	for _, raw := range all {
		var m struct {
			From, Text, Time, State string
			Picture                 *struct{ Hash string }
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return err
		}
		text := strings.ReplaceAll(m.Text, "\n", "\n    ")
		if m.Picture != nil { // as `switchboard picture` takes it
			text = strings.TrimSpace(text + "\n    (picture " + m.Picture.Hash + ")")
		}
		if err := c.line(fmt.Sprintf("%s  %s: %s  [%s]", m.Time, m.From, text, m.State)); err != nil {
			return err
		}
	}
	return nil
}

// watchArgs takes nothing, or a contact and a mode.
func watchArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if len(args) != 2 {
		return errors.New("name a contact and one of once, always and never, or nothing")
	}
	return nil
}

func (c *command) watch(cmd *cobra.Command, args []string) error {
	host, err := c.dial()
	if err != nil {
		return err
	}
	defer host.Close()
	if len(args) == 2 {
		_, err := host.Contact(cmd.Context(), &controlv1.ContactRequest{Op: "watch", Address: args[0], Text: args[1]})
		return err
	}
	stream, err := host.Watch(cmd.Context(), nothing)
	if err != nil {
		return err
	}
	for {
		e, err := stream.Recv()
		if errors.Is(err, io.EOF) || cmd.Context().Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.print(newEvent(e)); err != nil {
			return nil // who read has gone
		}
	}
}
