// Command plugin is a plugin for the supervisor's tests; called with "companion"
// it is a companion. How it behaves is written in the file "mode" of its folder.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"switchboard/sdk"
)

type plugin struct {
	dir     string
	host    *sdk.Host
	hoarded *os.File
}

func mode(dir string) string {
	data, _ := os.ReadFile(filepath.Join(dir, "mode"))
	return strings.TrimSpace(string(data))
}

func (p *plugin) Start(_ context.Context, h *sdk.Host) error {
	p.dir, p.host = h.DataDir(), h
	h.Log().Info("hello from the plugin")
	switch mode(p.dir) {
	case "refuse":
		return errors.New("the database is broken")
	case "hang":
		time.Sleep(time.Hour)
	}
	return nil
}

func (p *plugin) Stop(context.Context) error {
	if mode(p.dir) == "stubborn" {
		time.Sleep(time.Hour)
	}
	return nil
}

func (p *plugin) Command(_ context.Context, c sdk.Command) (any, error) {
	switch c.Name {
	case "exit":
		p.host.Log().Error("no \x1b[1mcamera", "error", "unplugged")
		os.Exit(7)
	case "hoard":
		if err := p.hoard(3 << 20); err != nil {
			return nil, err
		}
	case "outside":
		return nil, os.WriteFile("/tmp/switchboard-was-here", nil, 0o600)
	}
	return map[string]any{"pid": os.Getpid(), "name": os.Args[0]}, nil
}

// hoard keeps a deleted file open until the end.
func (p *plugin) hoard(size int) error {
	f, err := os.Create(filepath.Join(p.dir, "hoard"))
	if err != nil {
		return err
	}
	p.hoarded = f
	if _, err := f.Write(make([]byte, size)); err != nil {
		return err
	}
	return os.Remove(f.Name())
}

func (p *plugin) Run(ctx context.Context, s *sdk.Session) error {
	for range s.Events() {
	}
	return ctx.Err()
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "companion" {
		if err := companion(os.Getenv("SWITCHBOARD_COMPANION_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	sdk.Main(&plugin{})
}

// companion answers every connection with its process id.
func companion(dir string) error {
	if mode(dir) == "broken" {
		return errors.New("the disk of the server is full")
	}
	l, err := net.Listen("unix", filepath.Join(dir, "companion.sock"))
	if err != nil {
		return err
	}
	if mode(dir) == "hidden" { // from everybody who looks at what it has open, and at its lock
		if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
			return err
		}
		_ = syscall.Close(3)
	}
	fmt.Println("ready")
	end := make(chan os.Signal, 1)
	if mode(dir) != "stubborn" {
		signal.Notify(end, syscall.SIGTERM)
	} else {
		signal.Ignore(syscall.SIGTERM)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(c, os.Getpid())
			_ = c.Close()
		}
	}()
	<-end
	return l.Close()
}
