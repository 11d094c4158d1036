// Command switchboard is the host: the one process with the window. This file
// joins the parts and does nothing else.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"switchboard/host/app"
	"switchboard/host/cli"
	"switchboard/shared/model"
	"switchboard/ui"
)

func main() {
	os.Exit(cli.Run(context.Background(), os.Args[1:], cli.Program{Out: os.Stdout, Err: os.Stderr, In: os.Stdin, Show: show}))
}

// backend is the app as the window sees it.
type backend struct{ *app.App }

// SetUp passes the first run's answers on.
func (b backend) SetUp(ctx context.Context, s ui.SetUp) error { return b.App.SetUp(ctx, app.SetUp(s)) }

// Act takes what the person did without waiting for the disk.
func (b backend) Act(key model.SessionKey, a model.Action) error { return b.ActSoon(key, a) }

// Quit ends the host and what it started, and waits until that has begun.
func (b backend) Quit(ctx context.Context) error {
	b.App.Quit()
	select {
	case <-b.Done():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// show gives the main thread to the window system, which never gives it back.
// A signal ends ctx, Quit the host; a window that does not go away then is left
// behind.
func show(ctx context.Context, a *app.App, w cli.Window, end func() error) int {
	cli.LeaveWindow(ctx, cli.EndLimit, os.Stderr, os.Exit)
	ui.Main(func() int {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		quitting, quit := context.WithCancel(context.Background())
		defer quit()
		closed := cli.LeaveWindow(quitting, cli.EndLimit, os.Stderr, func(code int) {
			time.AfterFunc(cli.EndLimit, func() { os.Exit(code) })
			_ = end() // what is left of it has been told already
			os.Exit(code)
		})
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			select {
			case <-a.Done():
				quit()
				cancel()
			case <-ctx.Done():
			}
		}()
		err := ui.Live(ctx, backend{a}, ui.Options{StartConversation: w.Conversation, Scale: w.Scale, Theme: w.Theme, Shown: a.Shown},
			ui.Life{Raises: a.Raises(), Stays: a.Background, Tray: a.TrayShown, Gone: a.WindowGone, Hidden: w.Background, Token: w.Token})
		closed()
		cancel()
		<-asked
		for _, err := range []error{err, end()} {
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return cli.ExitFailed
			}
		}
		return cli.ExitOK
	})
	return cli.ExitOK
}
