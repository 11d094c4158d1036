package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// Rows of what is printed as JSON.
type (
	foundRow struct {
		Name     string `json:"name"`
		Link     string `json:"link"`
		Computer string `json:"computer"`
		Owner    string `json:"owner"`
		Joined   bool   `json:"joined"`
	}
	inviteRow struct {
		ID      string `json:"id"`
		By      string `json:"by,omitempty"`
		Created string `json:"created,omitempty"`
		Expires string `json:"expires"`
		Uses    uint32 `json:"uses"`
		Used    uint32 `json:"used"`
	}
	joinRow struct {
		ID       string `json:"id"`
		User     string `json:"user"`
		Name     string `json:"name"`
		Computer string `json:"computer"`
		Digits   string `json:"digits"`
		Time     string `json:"time"`
	}
	carryRow struct {
		Here       bool                `json:"here"`
		Open       bool                `json:"open"`
		Approval   bool                `json:"approval"`
		Addresses  []string            `json:"addresses"`
		Interfaces []carryInterfaceRow `json:"interfaces"`
		Firewall   string              `json:"firewall,omitempty"`
		Others     uint32              `json:"others"`
		Moved      bool                `json:"moved,omitempty"`
	}
	carryInterfaceRow struct {
		Name    string `json:"name"`
		Address string `json:"address,omitempty"`
		Chosen  bool   `json:"chosen"`
		Private bool   `json:"private"`
		Kind    string `json:"kind"`
	}
)

// network is what concerns the network that this computer carries, or that are
// nearby.
func (c *command) network() *cobra.Command {
	discover := c.listing("discover", "networks near this computer; joins none", cobra.NoArgs, doing(func(cmd *cobra.Command, _ []string) error {
		ctx, cancel := context.WithTimeout(cmd.Context(), callTime)
		defer cancel()
		return c.withHost(ctx, func(host *control.Client) error { return c.discovered(ctx, host) })
	}))
	status := c.listing("status", "how this computer carries its network", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		return c.carried(host.Carry(ctx, &controlv1.CarryRequest{}))
	}))
	var interfaces []string
	var invitation bool
	open := leaf("open [--interface NAME]… [--invitation-only]", "let other computers connect", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		approval := !invitation
		return c.carried(host.Carry(ctx, &controlv1.CarryRequest{Change: true, Open: true, Interfaces: interfaces, Approval: &approval}))
	}))
	open.Flags().StringArrayVar(&interfaces, "interface", nil, "only here; else on all real ones with a private address")
	open.Flags().BoolVar(&invitation, "invitation-only", false, "people nearby may not ask to be let in")
	shut := leaf("close", "this computer alone", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		_, err := host.Carry(ctx, &controlv1.CarryRequest{Change: true})
		return err
	}))
	requests := c.listing("requests", "who asks to be let in", cobra.NoArgs, c.asking(c.joins))
	answer := func(allow bool) func(*cobra.Command, []string) error {
		return c.asking(func(ctx context.Context, host *control.Client, args []string) error {
			_, err := host.AnswerJoin(ctx, &controlv1.JoinAnswerRequest{Id: args[0], Allow: allow})
			return err
		})
	}
	return group("network", "the network on this computer, and those nearby", discover, status, open, shut, requests,
		leaf("admit ID", "let somebody in: the digits must be the same as there", cobra.ExactArgs(1), answer(true)), leaf("refuse ID", "do not let somebody in", cobra.ExactArgs(1), answer(false)))
}

func (c *command) discovered(ctx context.Context, host *control.Client) error {
	reply, err := host.Discover(ctx, nothing)
	if err != nil {
		return err
	}
	rows := make([]foundRow, 0, len(reply.Networks))
	for _, n := range reply.Networks {
		rows = append(rows, foundRow{n.Name, n.Link, n.Computer, n.Owner, n.Joined})
	}
	if c.json {
		return c.print(rows)
	}
	if len(rows) == 0 {
		return c.line("no network is nearby; where one is carried it is opened with: switchboard network open")
	}
	for _, n := range rows {
		if err := c.line(fmt.Sprintf("%s  of %s on %s%s\n  %s", n.Name, n.Owner, n.Computer, mark(n.Joined, "  (mine)"), n.Link)); err != nil {
			return err
		}
	}
	return nil
}

func (c *command) carried(r *controlv1.CarryReply, err error) error {
	if err != nil {
		return err
	}
	row := carryRow{Here: r.Here, Open: r.Open, Approval: r.Approval, Addresses: append([]string{}, r.Addresses...), Firewall: r.Firewall, Others: r.Others, Moved: r.Moved,
		Interfaces: []carryInterfaceRow{}}
	for _, i := range r.Interfaces {
		row.Interfaces = append(row.Interfaces, carryInterfaceRow{i.Name, i.Address, i.Chosen, i.Private, i.Kind})
	}
	if c.json {
		return c.print(row)
	}
	switch {
	case r.Moved:
		return c.line("the network has moved to another computer; this one carries it no longer and tells others where it is")
	case !r.Here:
		return c.line("this computer carries no network")
	case !r.Open:
		return c.line("the network is closed: this computer alone; open it with: switchboard network open")
	case len(r.Addresses) == 0:
		return c.line("the network is open, but no interface leads to computers nearby at the moment")
	}
	lines := []string{"open at " + strings.Join(r.Addresses, ", ") + mark(r.Approval, "; people nearby may ask to be let in"),
		fmt.Sprintf("devices of other computers: %d", r.Others)}
	if r.Firewall != "" {
		lines = append(lines, "firewall: "+r.Firewall)
	}
	return c.line(strings.Join(lines, "\n"))
}

func (c *command) joins(ctx context.Context, host *control.Client, _ []string) error {
	reply, err := host.Joins(ctx, nothing)
	if err != nil {
		return err
	}
	rows := make([]joinRow, 0, len(reply.Joins))
	for _, j := range reply.Joins {
		rows = append(rows, joinRow{j.Id, j.User, j.Name, j.Computer, j.Digits, stamp(j.TimeMs)})
	}
	if c.json {
		return c.print(rows)
	}
	if len(rows) == 0 {
		return c.line("nobody asks to be let in")
	}
	for _, j := range rows {
		if err := c.line(fmt.Sprintf("%s  %s (%s) on %s, digits %s", j.ID, j.User, j.Name, j.Computer, j.Digits)); err != nil {
			return err
		}
	}
	return nil
}

// invite makes, lists and revokes invitations.
func (c *command) invite() *cobra.Command {
	var uses, days uint32
	make1 := leaf("invite [--uses N] [--days D] | list | revoke ID", "print an invitation link, for one person and seven days", cobra.NoArgs,
		c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
			reply, err := host.InviteFor(ctx, &controlv1.InviteRequest{Uses: uses, Days: days})
			if err != nil {
				return err
			}
			return c.line(reply.Link)
		}))
	make1.Flags().Uint32Var(&uses, "uses", 0, "how many people it lets in (else 1)")
	make1.Flags().Uint32Var(&days, "days", 0, "how many days it is good (else 7)")
	list := c.listing("list", "open invitations", cobra.NoArgs, c.asking(func(ctx context.Context, host *control.Client, _ []string) error {
		reply, err := host.Invites(ctx, nothing)
		if err != nil {
			return err
		}
		rows := make([]inviteRow, 0, len(reply.Invites))
		for _, i := range reply.Invites {
			rows = append(rows, inviteRow{i.Id, i.By, stamp(i.CreatedMs), stamp(i.ExpiresMs), i.Uses, i.Used})
		}
		if c.json {
			return c.print(rows)
		}
		for _, i := range rows {
			if err := c.line(fmt.Sprintf("%s  %d of %d used, until %s%s", i.ID, i.Used, i.Uses, i.Expires, mark(i.By != "", ", by "+i.By))); err != nil {
				return err
			}
		}
		return nil
	}))
	revoke := leaf("revoke ID", "make an invitation open nothing any more", cobra.ExactArgs(1), c.asking(func(ctx context.Context, host *control.Client, args []string) error {
		_, err := host.RevokeInvite(ctx, &controlv1.RevokeRequest{Id: args[0]})
		return err
	}))
	make1.AddCommand(list, revoke)
	return make1
}

// foundTime bounds setting up where somebody must answer.
const foundTime = 13 * time.Minute

// askFound sets up on a network nearby.
func (c *command) askFound(ctx context.Context, host *control.Client, r *controlv1.SetUpRequest) (*controlv1.StatusReply, error) {
	if !strings.Contains(r.Link, "://") {
		reply, err := host.Discover(ctx, nothing)
		if err != nil {
			return nil, err
		}
		var links []string
		for _, n := range reply.Networks {
			if n.Name == r.Link {
				links = append(links, n.Link)
			}
		}
		switch len(links) {
		case 0:
			return nil, fmt.Errorf("no network %s is nearby; `switchboard network discover` shows those that are, and an invitation needs none", r.Link)
		case 1:
			r.Link = links[0]
		default:
			return nil, fmt.Errorf("%d networks nearby are called %s; give the link that `switchboard network discover` prints", len(links), r.Link)
		}
	}
	return c.waitToBeLetIn(ctx, host, r)
}

// waitToBeLetIn sets up where somebody elsewhere may have to let this device in,
// and prints the digits that both screens show until they have.
func (c *command) waitToBeLetIn(ctx context.Context, host *control.Client, r *controlv1.SetUpRequest) (*controlv1.StatusReply, error) {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	events, err := host.Watch(watching, nothing)
	if err != nil {
		return nil, err
	}
	if _, err := events.Recv(); err != nil { // watching from here on
		return nil, err
	}
	shown := make(chan error, 1)
	go func() {
		for {
			e, err := events.Recv()
			if err != nil {
				shown <- nil // the end of setting up, or what it will say itself
				return
			}
			if e.Type == "sign-up" && e.Text != "" {
				if err := c.line(e.Text + "  " + e.Reason); err != nil {
					shown <- err
					return
				}
			}
		}
	}()
	reply, err := host.SetUp(ctx, r)
	stop()
	return reply, errors.Join(err, <-shown)
}
