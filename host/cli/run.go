package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"

	"switchboard/host/app"
	"switchboard/host/control"
)

// Times of ending, from the signal on: everything in order within endTime, or
// the rest is left to the guards that every plugin has against a host that is
// gone. What starting or the window took of it is made up for, down to endLeast.
const (
	endTime  = 2700 * time.Millisecond
	endLimit = 2900 * time.Millisecond
	endLeast = 200 * time.Millisecond
)

// EndLimit is when a program with a window that does not go away ends without
// it, counted from the signal.
const EndLimit = 2950 * time.Millisecond

// running are the flags of the root command itself.
type running struct {
	headless, tether, verbose bool
	setup                     string
	named, link               string // to show; a conversation as a person calls it
	window                    Window
}

func (c *command) root() *cobra.Command {
	var r running
	root := &cobra.Command{
		Use: "switchboard", Short: "Switchboard, the program that people talk with", Args: linkOnly,
		SilenceUsage: true, SilenceErrors: true, CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: doing(func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				r.wish(args[0])
			}
			return c.run(cmd.Context(), r)
		}),
	}
	root.PersistentFlags().StringVar(&c.profile, "profile", "", "folder that holds everything of one user")
	root.PersistentFlags().StringVar(&c.policy, "policy", "", "a policy file that may only tighten the administrator's")
	root.Flags().BoolVar(&r.headless, "headless", false, "run without a window; prints ready when usable")
	root.Flags().BoolVar(&r.window.Background, "background", false, "begin in the tray, without a window")
	root.Flags().BoolVar(&r.verbose, "verbose", false, "write the log to standard error")
	root.Flags().BoolVar(&r.tether, "tether", false, "end when standard input ends")
	root.Flags().StringVar(&r.window.Conversation, "conversation", "", "open this conversation")
	root.Flags().Float32Var(&r.window.Scale, "scale", 0, "size of everything in the window, 1 to 3")
	root.Flags().StringVar(&r.window.Theme, "theme", "", "light, dark, contrast-light or contrast-dark")
	root.Flags().StringVar(&r.setup, "setup", cmp.Or(os.Getenv(app.EnvSetup), app.SetupFile), "the administrator's answers to the first run")
	if err := root.Flags().MarkHidden("tether"); err != nil {
		panic(err) // the flag is defined above
	}
	root.AddCommand(c.account()...)
	root.AddCommand(c.people()...)
	root.AddCommand(c.talk()...)
	root.AddCommand(c.search()...)
	root.AddCommand(c.pictures()...)
	root.AddCommand(c.sessions()...)
	root.AddCommand(c.groups(), c.plugins(), c.settings())
	root.AddCommand(c.tools()...)
	root.AddCommand(c.open(), c.manual())
	return root
}

// run runs a host with or without a window.
func (c *command) run(ctx context.Context, r running) error {
	o := app.Options{Profile: c.profile, Policy: c.policy, Headless: r.headless, Setup: r.setup}
	if r.tether {
		o.Setup = "" // it belongs to another host, which sets it up
	}
	if r.verbose {
		o.Log = hclog.New(&hclog.LoggerOptions{Name: "switchboard", Output: c.p.Err, Level: hclog.Debug})
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	asked := endOf(ctx)
	a, err := c.start(ctx, o, &r)
	if err != nil || a == nil {
		return err
	}
	if !r.headless {
		c.show(ctx, &r)
		if code := c.p.Show(ctx, a, r.window, func() error { return end(a, asked()) }); code != ExitOK {
			return exit(code)
		}
		return nil
	}
	if s := a.Snapshot(); s != nil && s.PolicyFault != "" {
		fmt.Fprintln(c.p.Err, s.PolicyFault) // no window will say it
	}
	if err := c.line("ready"); err != nil {
		return errors.Join(err, end(a, asked()))
	}
	debug.FreeOSMemory() // what starting needed
	select {
	case <-ctx.Done():
	case <-a.Done():
	case <-tethered(r.tether, c.p.In):
	}
	stop() // a second signal ends at once
	return end(a, asked())
}

// tethered is closed when in ends; it never is without a tether.
func tethered(on bool, in io.Reader) <-chan struct{} {
	if !on {
		return nil
	}
	over := make(chan struct{})
	go func() { // ends with the process at the latest, which is what it is for
		defer close(over)
		_, _ = io.Copy(io.Discard, in)
	}()
	return over
}

// endOf tells when ctx ended, or that it is now.
func endOf(ctx context.Context) func() time.Time {
	var at atomic.Pointer[time.Time]
	context.AfterFunc(ctx, func() {
		now := time.Now()
		at.Store(&now)
	})
	return func() time.Time {
		if t := at.Load(); t != nil {
			return *t
		}
		return time.Now()
	}
}

// end closes a host within the promised time after the end was asked for.
func end(a *app.App, asked time.Time) error {
	late := min(time.Since(asked), endTime-endLeast)
	ctx, cancel := context.WithTimeout(context.Background(), endTime-late)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- a.Close(ctx) }()
	select {
	case err := <-closed:
		return err
	case <-time.After(endLimit - late):
		return errors.New("some parts did not end in time and were left; nothing that was acknowledged is lost")
	}
}

// withHost connects to the running host, or to one that it starts for the time
// of f in this process.
func (c *command) withHost(ctx context.Context, f func(host *control.Client) error) error {
	host, err := c.dial()
	if err == nil {
		defer host.Close()
		return f(host)
	}
	if !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	a, err := app.New(ctx, app.Options{Profile: c.profile, Policy: c.policy, Headless: true})
	if err != nil {
		return err
	}
	host, err = control.Dial(a.Profile().Socket())
	if err == nil {
		err = f(host)
		host.Close()
	}
	return errors.Join(err, end(a, time.Now()))
}

// program is this program's file, whatever link it was called by.
func program() (string, error) {
	exe, err := os.Executable()
	if err == nil {
		exe, err = filepath.EvalSymlinks(exe)
	}
	if err != nil {
		return "", fmt.Errorf("the program cannot find itself: %w", err)
	}
	return exe, nil
}
