package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// answerTime is how long a device that asks may have to wait for the answer.
const answerTime = 11 * time.Minute

// device is what concerns the devices of my account.
func (c *command) device() *cobra.Command {
	var ask bool
	link := leaf("link [--ask]", "print a code for a further device", cobra.NoArgs, doing(func(cmd *cobra.Command, _ []string) error {
		host, err := c.dial()
		if err != nil {
			return err
		}
		defer host.Close()
		if ask {
			return c.askLink(cmd.Context(), host)
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), callTime)
		defer cancel()
		reply, err := host.LinkDevice(ctx, nothing)
		if err != nil {
			return err
		}
		return c.line(reply.Code)
	}))
	link.Flags().BoolVar(&ask, "ask", false, "the new device waits until it is let in here; prints code, link and who asks")
	rename := leaf("rename ID NAME", "give a device another name", cobra.ExactArgs(2), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.RenameDevice(ctx, &controlv1.RenameDeviceRequest{Id: args[0], Name: args[1]})
		return err
	}))
	revoke := leaf("revoke ID", "lock a device out for good", cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.RevokeDevice(ctx, &controlv1.RevokeRequest{Id: args[0]})
		return err
	}))
	return group("device", "my devices", c.listing("list", "my devices", cobra.NoArgs, c.asking(c.devices)), link, c.linkRequests(), rename, revoke)
}

func (c *command) devices(ctx context.Context, host *control.Client, _ []string) error {
	reply, err := host.Devices(ctx, nothing)
	if err != nil {
		return err
	}
	rows := make([]deviceRow, 0, len(reply.Devices))
	for _, d := range reply.Devices {
		rows = append(rows, deviceRow{d.Id, d.Name, stamp(d.LinkedMs), stamp(d.SeenMs), d.This, d.Online})
	}
	if c.json {
		return c.print(rows)
	}
	for _, d := range rows {
		if err := c.line(fmt.Sprintf("%s  %s%s%s", d.ID, d.Name, mark(d.This, "  (this one)"), mark(d.Online, "  online"))); err != nil {
			return err
		}
	}
	return nil
}

// askLink prints a code and a link, then who asks with them, until that device
// has got its answer.
func (c *command) askLink(ctx context.Context, host *control.Client) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := host.Watch(ctx, nothing)
	if err != nil {
		return err
	}
	if _, err := events.Recv(); err != nil { // watching from here on
		return err
	}
	reply, err := host.AskLink(ctx, nothing)
	if err != nil {
		return err
	}
	if err := errors.Join(c.line(reply.Code), c.line(reply.Link)); err != nil {
		return err
	}
	late := time.AfterFunc(time.Until(time.UnixMilli(reply.ExpiresMs))+answerTime, cancel)
	defer late.Stop()
	asked := map[string]bool{}
	for {
		e, err := events.Recv()
		switch {
		case err != nil && ctx.Err() != nil && len(asked) == 0:
			return errors.New("no device used the code in time; make a new one")
		case err != nil:
			return err
		case e.Type == "link" && e.State == "asks":
			asked[e.Id] = true
			line := fmt.Sprintf("%s shows %s; let it in with: switchboard device requests admit %s", e.Device, e.Text, e.Id)
			if err := c.line(line); err != nil {
				return err
			}
		case e.Type == "link" && asked[e.Id]:
			return nil
		}
	}
}

// linkRequests lists the devices that ask, and answers them.
func (c *command) linkRequests() *cobra.Command {
	requests := c.listing("requests [--json] | admit ID | refuse ID", "devices that ask to be let into my account", cobra.NoArgs,
		c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
			reply, err := host.Status(ctx, nothing)
			if err != nil {
				return err
			}
			rows := []linkRow{}
			for _, r := range reply.LinkRequests {
				rows = append(rows, linkRow{r.Id, r.Computer, r.Digits, stamp(r.TimeMs)})
			}
			if c.json {
				return c.print(rows)
			}
			for _, r := range rows {
				if err := c.line(fmt.Sprintf("%s  %s, digits %s", r.ID, r.Computer, r.Digits)); err != nil {
					return err
				}
			}
			return nil
		}))
	for _, op := range []struct {
		name, short string
		allow       bool
	}{{"admit", "let a device in: its digits must be the same as there", true}, {"refuse", "do not let a device in", false}} {
		requests.AddCommand(leaf(op.name+" ID", op.short, cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.AnswerLink(ctx, &controlv1.JoinAnswerRequest{Id: args[0], Allow: op.allow})
			return err
		})))
	}
	return requests
}

// recovery makes the code that restores an account on an empty disk.
func (c *command) recovery() *cobra.Command {
	create := leaf("create", "make a recovery code, which replaces an older one; prints its link", cobra.NoArgs,
		c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
			reply, err := host.CreateRecovery(ctx, nothing)
			if err != nil {
				return err
			}
			return errors.Join(c.line("Keep this link where only you find it. It is shown once and restores the account once: switchboard setup --recover LINK"),
				c.line(reply.Link))
		}))
	status := c.listing("status", "whether there is a recovery code", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		reply, err := host.Status(ctx, nothing)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(recoveryRow{Exists: reply.Recovery, Offered: reply.RecoveryOffer})
		}
		if reply.Recovery {
			return c.line("there is a recovery code")
		}
		return c.line("there is no recovery code; make one with: switchboard recovery create")
	}))
	dismiss := leaf("dismiss", "do not offer a recovery code any more", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		_, err := host.DismissRecovery(ctx, nothing)
		return err
	}))
	return group("recovery", "the code that restores the account on an empty disk", create, status, dismiss)
}
