package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// transferTime bounds an export or import, whose length nobody knows.
const transferTime = 6 * time.Hour

// search looks for what was said, and takes conversations out and in.
func (c *command) search() []*cobra.Command {
	var in string
	var limit int
	find := c.listing("search QUERY...", "find messages: words, \"phrases\", from: in: before: after: has:picture has:link", cobra.MinimumNArgs(1), nil)
	find.Flags().StringVar(&in, "in", "", "only in this conversation")
	find.Flags().IntVar(&limit, "limit", 50, "at most so many; 0 is all")
	find.RunE = func(cmd *cobra.Command, args []string) error {
		if limit < 0 {
			return errors.New("--limit is not negative")
		}
		return c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			return c.find(ctx, host, strings.Join(args, " "), in, limit)
		})(cmd, args)
	}

	var format, out string
	export := leaf("export CONVERSATION", "write a conversation to standard output or into a new file", cobra.ExactArgs(1),
		c.lasting(func(ctx context.Context, host *control.Client, args []string) error {
			return c.export(ctx, host, args[0], format, out)
		}))
	export.Flags().StringVar(&format, "format", "text", "text, or json: one message a line, which import takes")
	export.Flags().StringVar(&out, "out", "", "a new file; standard output without it")

	imports := leaf("import CONVERSATION FILE", "add the messages of an export as json that are missing on this computer", cobra.ExactArgs(2),
		c.lasting(func(ctx context.Context, host *control.Client, args []string) error {
			path, err := wholePath(args[1])
			if err != nil {
				return err
			}
			reply, err := host.Import(ctx, &controlv1.ImportRequest{Conversation: args[0], Path: path})
			if err != nil {
				return err
			}
			return c.line(fmt.Sprintf("%d added", reply.Added))
		}))
	return []*cobra.Command{find, export, imports}
}

// lasting is asking for what may take long.
func (c *command) lasting(f func(ctx context.Context, host *control.Client, args []string) error) func(*cobra.Command, []string) error {
	return doing(func(cmd *cobra.Command, args []string) error {
		host, err := c.dial()
		if err != nil {
			return err
		}
		defer host.Close()
		ctx, cancel := context.WithTimeout(cmd.Context(), transferTime)
		defer cancel()
		return f(ctx, host, args)
	})
}

// foundHit is a line of search --json.
type foundHit struct {
	Conversation string      `json:"conversation"`
	Title        string      `json:"title"`
	Session      string      `json:"session"`
	Item         string      `json:"item"`
	From         string      `json:"from"`
	Name         string      `json:"name"`
	Time         string      `json:"time"`
	Text         string      `json:"text"`
	Marks        [][2]uint32 `json:"marks"` // bytes of text
	Picture      bool        `json:"picture"`
}

func (c *command) find(ctx context.Context, host *control.Client, query, in string, limit int) error {
	r := &controlv1.FindRequest{Query: query, Conversation: in}
	all, fault := []foundHit{}, ""
	for {
		r.Limit = 200
		if limit > 0 {
			r.Limit = uint32(min(limit-len(all), 200))
		}
		reply, err := host.Search(ctx, r)
		if err != nil {
			return err
		}
		for _, h := range reply.Hits {
			all = append(all, hitOf(h))
		}
		if reply.Fault != "" {
			fault = reply.Fault
		}
		if r.Cursor = reply.Cursor; r.Cursor == "" || limit > 0 && len(all) >= limit {
			break
		}
	}
	if c.json {
		if err := c.print(all); err != nil {
			return err
		}
	} else {
		for _, h := range all {
			if err := c.line(fmt.Sprintf("%s  %s  %s: %s", h.Time, h.Title, h.Name, h.Text)); err != nil {
				return err
			}
		}
	}
	if fault != "" {
		return errors.New(fault)
	}
	return nil
}

func hitOf(h *controlv1.FoundHit) foundHit {
	one := foundHit{Conversation: h.Conversation, Title: h.Title, Session: h.Session, Item: h.Item, From: h.From, Name: h.Name,
		Time: time.UnixMilli(h.TimeMs).UTC().Format(time.RFC3339), Text: h.Text, Marks: [][2]uint32{}, Picture: h.Picture}
	for _, m := range h.Marks {
		one.Marks = append(one.Marks, [2]uint32{m.Start, m.End})
	}
	return one
}

// export writes to standard output, or into a file that is there only when it is whole.
func (c *command) export(ctx context.Context, host *control.Client, conversation, format, out string) error {
	stream, err := host.Export(ctx, &controlv1.ExportRequest{Conversation: conversation, Format: format})
	if err != nil {
		return err
	}
	if out == "" {
		w := bufio.NewWriter(c.p.Out)
		if err := receive(stream, w); err != nil {
			return errors.Join(err, w.Flush())
		}
		return w.Flush()
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("%s is there already: name a new file", out)
	}
	part := out + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	err = receive(stream, f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Link(part, out) // fails where something is by now
	}
	return errors.Join(err, os.Remove(part))
}

func receive(stream interface {
	Recv() (*controlv1.ExportPart, error)
}, w io.Writer) error {
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(part.Data); err != nil {
			return err
		}
	}
}
