package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"switchboard/host/app"
	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// Times of a second start: the first may be starting itself, or ending.
const (
	secondTime  = 8 * time.Second
	secondAgain = 100 * time.Millisecond
)

// linkOnly lets the program itself take one link, as a desktop hands it over.
func linkOnly(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0, len(args) == 1 && strings.HasPrefix(args[0], control.LinkScheme):
		return nil
	case strings.HasPrefix(args[0], control.LinkScheme):
		return errors.New("one link at a time")
	}
	return fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
}

// open is the command that brings the window up, and starts it where there is none.
func (c *command) open() *cobra.Command {
	return leaf("open [CONVERSATION|LINK]", "show the window, with a conversation or for a switchboard:// link", cobra.MaximumNArgs(1),
		doing(func(cmd *cobra.Command, args []string) error {
			var r running
			if len(args) == 1 {
				r.wish(args[0])
			}
			return c.run(cmd.Context(), r)
		}))
}

// wish is what is to be shown.
func (r *running) wish(what string) {
	if strings.HasPrefix(what, control.LinkScheme) {
		r.link = what
	} else {
		r.named = what
	}
}

// start makes the host, or hands what was asked for to the one that has the
// profile; then there is neither host nor error. The first may just be ending:
// then this one takes its place.
func (c *command) start(ctx context.Context, o app.Options, r *running) (*app.App, error) {
	r.window.Token = cmp.Or(os.Getenv("XDG_ACTIVATION_TOKEN"), os.Getenv("DESKTOP_STARTUP_ID"))
	for end := time.Now().Add(secondTime); ; {
		a, err := app.New(ctx, o)
		if err == nil || r.headless || !errors.Is(err, app.ErrHeld) {
			return a, err
		}
		if r.window.Background {
			return nil, nil // it runs already
		}
		gone := c.raise(ctx, r)
		if !errors.Is(gone, control.ErrNotRunning) {
			return nil, gone
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("%w, and does not answer; wait a little, or end it", err)
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(secondAgain):
		}
	}
}

// raise asks the host that has the profile for its window.
func (c *command) raise(ctx context.Context, r *running) error {
	profile, err := app.NewProfile(c.profile)
	if err != nil {
		return err
	}
	host, err := control.Dial(profile.Socket())
	if err != nil {
		return err
	}
	defer host.Close()
	ctx, cancel := context.WithTimeout(ctx, secondTime)
	defer cancel()
	_, err = host.Open(ctx, &controlv1.OpenRequest{Conversation: cmp.Or(r.named, r.window.Conversation), Link: r.link, Token: r.window.Token})
	return err
}

// show asks the host of this process for what was named; what it does not know
// is said, and the window shows all the same.
func (c *command) show(ctx context.Context, r *running) {
	if r.named == "" && r.link == "" {
		return
	}
	if err := c.raise(ctx, r); err != nil {
		fmt.Fprintln(c.p.Err, sentence(err))
	}
}
