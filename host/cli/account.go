package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
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
	return []*cobra.Command{c.setUp(), c.invite(), c.network(), echo, c.device(), c.recovery(), status, presence, reconnect}
}

func (c *command) setUp() *cobra.Command {
	var r controlv1.SetUpRequest
	var network, invite, server, found, restore string
	l := leaf("setup --user NAME [--name NAME] (--network local | --invite LINK | --server ADDRESS | --found NAME) | --device CODE --invite LINK | --device LINK | --recover LINK",
		"make the account, link this device, or restore the account", cobra.NoArgs, nil)
	l.Flags().StringVar(&r.User, "user", "", "the name in the address")
	l.Flags().StringVar(&r.Name, "name", "", "the name that others see")
	l.Flags().StringVar(&network, "network", "", "local: this computer carries the network")
	l.Flags().StringVar(&invite, "invite", "", "an invitation link")
	l.Flags().StringVar(&server, "server", "", "address of a server that was given")
	l.Flags().StringVar(&found, "found", "", "a network nearby, by name or link; its owner lets you in")
	l.Flags().StringVar(&r.DeviceCode, "device", "", "a code, or the link with the code, from another device of the account")
	l.Flags().StringVar(&restore, "recover", "", "a recovery code: the link that was shown when it was made")
	l.Flags().StringVar(&r.DeviceName, "device-name", "", "what this device is called")
	l.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := setUpMode(&r, network, invite, server, found, restore); err != nil {
			return err
		}
		return doing(func(cmd *cobra.Command, _ []string) error {
			limit, setUp := setUpTime, func(ctx context.Context, host *control.Client, r *controlv1.SetUpRequest) (*controlv1.StatusReply, error) {
				return host.SetUp(ctx, r)
			}
			switch {
			case r.Mode == "found":
				limit, setUp = foundTime, c.askFound
			case r.DeviceCode != "" || model.OpensAccount(r.Link):
				limit, setUp = foundTime, c.waitToBeLetIn
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
func setUpMode(r *controlv1.SetUpRequest, network, invite, server, found, restore string) error {
	device := ""
	if strings.Contains(r.DeviceCode, "://") { // the link of a code says where the network is
		device, r.DeviceCode = r.DeviceCode, ""
	}
	ways := 0
	for _, w := range []struct{ mode, value string }{{"local", network}, {"invite", invite}, {"server", server}, {"found", found},
		{"device", device}, {"recover", restore}} {
		if w.value != "" {
			ways++
			r.Mode, r.Link = w.mode, w.value
		}
	}
	switch {
	case ways == 0 && r.DeviceCode != "":
		return errors.New("a code needs the way to the network too: add --invite LINK, with a link that `switchboard invite` prints on the other device")
	case ways != 1:
		return errors.New("say one of --network local, --invite LINK, --server ADDRESS, --found NAME and --recover LINK")
	case (device != "" || restore != "") && !model.OpensAccount(r.Link):
		return errors.New("the link holds no code; give the whole link as it was shown, in quotes")
	case restore != "" && r.DeviceCode != "":
		return errors.New("say either --device or --recover")
	case network != "" && network != "local":
		return fmt.Errorf("--network is local, not %q", network)
	case r.DeviceCode != "" && network != "":
		return errors.New("--device goes with --invite LINK or --server ADDRESS")
	case r.DeviceCode == "" && r.User == "" && (network != "" || !model.OpensAccount(r.Link)):
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
	if s.UploadFault != "" {
		lines = append(lines, "a picture was not given to the network: "+s.UploadFault)
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
