// Package cli is the command line: it finds the running host of a profile by its
// control socket and prints what it answers, or runs a host itself. Exit status
// is 0, 1 (refused or failed, one sentence on standard error) or 2 (usage). It
// knows no window: the one that main hands over is only called.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"switchboard/host/app"
	"switchboard/host/control"
)

// Exit statuses.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Times of calls; a call that takes longer has failed.
const (
	callTime  = 60 * time.Second
	setUpTime = 90 * time.Second
)

// Window is what the command line says about the window.
type Window struct {
	Conversation string  // to begin with; empty is the last one
	Scale        float32 // of everything drawn; 0 is the screen's own
	Theme        string  // light, dark, contrast-light or contrast-dark; empty is as set
	Background   bool    // begin without a window, in the tray
	Token        string  // what the desktop gave along, so that the window may take the focus
}

// Program is what Run needs of its surroundings.
type Program struct {
	Out, Err io.Writer
	In       io.Reader
	// Show runs the window of a host until it is closed and gives the exit
	// status; end closes the host and must be called before it returns.
	Show func(ctx context.Context, a *app.App, w Window, end func() error) int
}

// failure marks an error of doing, as opposed to one of usage.
type failure struct{ err error }

// Error is the sentence.
func (f failure) Error() string { return f.err.Error() }

// Unwrap gives the cause.
func (f failure) Unwrap() error { return f.err }

// exit is an exit status that needs no sentence.
type exit int

// Error is never printed.
func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Run carries out one command line and gives the exit status.
func Run(ctx context.Context, args []string, p Program) int {
	c := &command{p: p}
	root := c.root()
	root.SetArgs(args)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	cmd, err := root.ExecuteContextC(ctx)
	var code exit
	var failed failure
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &failed):
		fmt.Fprintln(p.Err, sentence(failed.err))
		return ExitFailed
	}
	fmt.Fprintf(p.Err, "%v (see: %s --help)\n", err, cmd.CommandPath())
	return ExitUsage
}

// sentence is what a person reads: the host's own words where it spoke.
func sentence(err error) string {
	var carried interface{ GRPCStatus() *status.Status } // status.FromError would add the words of what is around it
	if !errors.As(err, &carried) {
		return err.Error()
	}
	s := carried.GRPCStatus()
	switch s.Code() {
	case codes.Unavailable:
		return "Switchboard went away while it was asked"
	case codes.DeadlineExceeded:
		return "Switchboard did not answer in time: " + s.Message()
	}
	return s.Message()
}

// command holds what the flags of the root say.
type command struct {
	p       Program
	profile string
	policy  string
	json    bool
}

// doing makes a cobra function whose errors are failures, not usage.
func doing(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := f(cmd, args); err != nil {
			var code exit
			if errors.As(err, &code) {
				return err
			}
			return failure{err}
		}
		return nil
	}
}

// asking is doing with a connection to the running host.
func (c *command) asking(f func(ctx context.Context, host *control.Client, args []string) error) func(*cobra.Command, []string) error {
	return doing(func(cmd *cobra.Command, args []string) error {
		host, err := c.dial()
		if err != nil {
			return err
		}
		defer host.Close()
		ctx, cancel := context.WithTimeout(cmd.Context(), callTime)
		defer cancel()
		return f(ctx, host, args)
	})
}

func (c *command) dial() (*control.Client, error) {
	profile, err := app.NewProfile(c.profile)
	if err != nil {
		return nil, err
	}
	host, err := control.Dial(profile.Socket())
	if errors.Is(err, control.ErrNotRunning) {
		return nil, fmt.Errorf("%w (%s); start it with: switchboard --profile %s --headless", err, profile.Dir, profile.Dir)
	}
	return host, err
}

// print writes a value as one line of JSON.
func (c *command) print(value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("the answer cannot be written: %w", err)
	}
	return c.line(string(data))
}

func (c *command) line(text string) error {
	_, err := fmt.Fprintln(c.p.Out, text)
	return err
}

// group is a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return fmt.Errorf("%s needs one of its commands", cmd.CommandPath())
	}}
	g.AddCommand(commands...)
	return g
}

// leaf is a command that does something.
func leaf(use, short string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	counted := func(cmd *cobra.Command, given []string) error {
		if args(cmd, given) != nil { // it only counts
			return fmt.Errorf("usage: %s", cmd.UseLine())
		}
		return nil
	}
	return &cobra.Command{Use: use, Short: short, Args: counted, RunE: run, DisableFlagsInUseLine: true}
}

// listing is a leaf with --json.
func (c *command) listing(use, short string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	l := leaf(use, short, args, run)
	l.Flags().BoolVar(&c.json, "json", false, "print JSON")
	return l
}
