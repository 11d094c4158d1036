package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

var nothing = &controlv1.Empty{}

// account is what concerns me and my devices.
func (c *command) account() []*cobra.Command {
	presence := group("presence", "what others see of me", leaf("set available|away|busy|invisible [TEXT]", "set presence and its text",
		cobra.RangeArgs(1, 2), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.SetPresence(ctx, &controlv1.PresenceRequest{Status: args[0], Text: strings.Join(args[1:], " ")})
			return err
		})))
	status := c.listing("status", "how things stand", cobra.NoArgs, c.asking(c.status))
	reconnect := leaf("reconnect", "try to reach the network now", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		_, err := host.Reconnect(ctx, nothing)
		return err
	}))
	echo := leaf("echo", "start somebody to talk to; prints the conversation", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		reply, err := host.Echo(ctx, nothing)
		if err != nil {
			return err
		}
		return c.line(reply.Conversation)
	}))
	return []*cobra.Command{c.setUp(), c.invite(), c.network(), echo, c.device(), status, presence, reconnect}
}

func (c *command) setUp() *cobra.Command {
	var r controlv1.SetUpRequest
	var network, invite, server, found string
	l := leaf("setup --user NAME [--name NAME] (--network local | --invite LINK | --server ADDRESS | --found NAME) | --device CODE --invite LINK",
		"make the account, or link this device", cobra.NoArgs, nil)
	l.Flags().StringVar(&r.User, "user", "", "the name in the address")
	l.Flags().StringVar(&r.Name, "name", "", "the name that others see")
	l.Flags().StringVar(&network, "network", "", "local: this computer carries the network")
	l.Flags().StringVar(&invite, "invite", "", "an invitation link")
	l.Flags().StringVar(&server, "server", "", "address of a server that was given")
	l.Flags().StringVar(&found, "found", "", "a network nearby, by name or link; its owner lets you in")
	l.Flags().StringVar(&r.DeviceCode, "device", "", "a code from another device of the account")
	l.Flags().StringVar(&r.DeviceName, "device-name", "", "what this device is called")
	l.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := setUpMode(&r, network, invite, server, found); err != nil {
			return err
		}
		return doing(func(cmd *cobra.Command, _ []string) error {
			limit, setUp := setUpTime, func(ctx context.Context, host *control.Client, r *controlv1.SetUpRequest) (*controlv1.StatusReply, error) {
				return host.SetUp(ctx, r)
			}
			if r.Mode == "found" {
				limit, setUp = foundTime, c.askFound
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), limit)
			defer cancel()
			return c.withHost(ctx, func(host *control.Client) error {
				reply, err := setUp(ctx, host, &r)
				if err != nil {
					return err
				}
				return c.line(reply.Account.GetAddress())
			})
		})(cmd, nil)
	}
	return l
}

// setUpMode reads which of the ways was asked for.
func setUpMode(r *controlv1.SetUpRequest, network, invite, server, found string) error {
	ways := 0
	for _, w := range []struct{ mode, value string }{{"local", network}, {"invite", invite}, {"server", server}, {"found", found}} {
		if w.value != "" {
			ways++
			r.Mode, r.Link = w.mode, w.value
		}
	}
	switch {
	case ways == 0 && r.DeviceCode != "":
		return errors.New("a code needs the way to the network too: add --invite LINK, with a link that `switchboard invite` prints on the other device")
	case ways != 1:
		return errors.New("say one of --network local, --invite LINK, --server ADDRESS and --found NAME")
	case network != "" && network != "local":
		return fmt.Errorf("--network is local, not %q", network)
	case r.DeviceCode != "" && network != "":
		return errors.New("--device goes with --invite LINK or --server ADDRESS")
	case r.DeviceCode == "" && r.User == "":
		return errors.New("--user is missing")
	}
	if network != "" {
		r.Link = ""
	}
	if r.DeviceCode != "" && r.Mode == "invite" {
		r.Mode = "device"
	}
	return nil
}

func (c *command) device() *cobra.Command {
	list := c.listing("list", "my devices", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
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
	}))
	link := leaf("link", "print a code for a further device", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		reply, err := host.LinkDevice(ctx, nothing)
		if err != nil {
			return err
		}
		return c.line(reply.Code)
	}))
	revoke := leaf("revoke ID", "lock a device out for good", cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.RevokeDevice(ctx, &controlv1.RevokeRequest{Id: args[0]})
		return err
	}))
	return group("device", "my devices", list, link, revoke)
}

func (c *command) status(ctx context.Context, host *control.Client, _ []string) error {
	s, err := host.Status(ctx, nothing)
	if err != nil {
		return err
	}
	if c.json {
		return c.print(newStatus(s))
	}
	lines := []string{"no account yet; `switchboard setup --help` says how to make one"}
	if s.Account != nil {
		lines = []string{fmt.Sprintf("%s (%s), device %s", s.Account.Address, s.Account.Name, s.Account.Device),
			s.Connection.State + mark(s.Connection.Detail != "", ": "+s.Connection.Detail),
			"presence: " + s.Presence.Status + mark(s.Presence.Text != "", ", \""+s.Presence.Text+"\"")}
	}
	if s.PolicyFault != "" {
		lines = append(lines, s.PolicyFault)
	}
	switch {
	case s.Queued == 1:
		lines = append(lines, "1 update waits to be sent")
	case s.Queued > 1:
		lines = append(lines, fmt.Sprintf("%d updates wait to be sent", s.Queued))
	}
	_, fault, _ := strings.Cut(strings.TrimSuffix(s.PolicyFault, ")."), "(")
	for _, p := range s.Plugins {
		if fault != "" && strings.Contains(p.Reason, fault) { // said above
			p.Reason = "the administrator's rules cannot be read"
		}
		lines = append(lines, pluginLine(p))
	}
	return c.line(strings.Join(lines, "\n"))
}

func mark(on bool, text string) string {
	if on {
		return text
	}
	return ""
}
