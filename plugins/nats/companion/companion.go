// Package companion runs a network server as a process of its own: as the
// companion of a plugin, in its folder and told what to do over a unix socket,
// or by itself from a configuration file. It owns the process around package
// server and knows no host.
package companion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
	"switchboard/sdk"
)

// Names in a companion's folder.
const (
	SocketName = "companion.sock"
	ConfigName = "network.toml"
	portName   = "listen"
	lockName   = "network.lock"
)

// EnvFolder names the companion's folder.
const EnvFolder = "SWITCHBOARD_COMPANION_DIR"

// Main runs "companion" or "serve …" and returns the exit status.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// The host may be gone before its companion: writing to its pipe must not end us.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP)
	log := hclog.New(&hclog.LoggerOptions{Name: "nats", Output: os.Stderr, Level: hclog.Info})
	var err error
	switch {
	case len(args) == 1 && args[0] == "companion":
		err = Run(ctx, os.Getenv(EnvFolder), os.Stdout, log)
	case len(args) >= 1 && args[0] == "serve":
		err = runServe(ctx, args[1:], os.Stdout, log)
	default:
		fmt.Fprintln(os.Stderr, "usage: nats companion | nats serve …")
		return 2
	}
	return exitStatus(err)
}

func configFlag(args []string) (string, error) {
	switch {
	case len(args) == 0:
		return "", nil
	case len(args) == 2 && (args[0] == "--config" || args[0] == "-config"):
		return args[1], nil
	case len(args) == 1 && strings.HasPrefix(args[0], "--config="):
		return strings.TrimPrefix(args[0], "--config="), nil
	}
	return "", errors.New("usage: nats serve [--config FILE]")
}

// Run carries the network of a folder until ctx ends or the control socket says
// stop. It prints "ready" when both the network and the socket are usable.
func Run(ctx context.Context, folder string, out io.Writer, log hclog.Logger) error {
	if folder == "" || !filepath.IsAbs(folder) {
		return fmt.Errorf("%s does not name the companion's folder", EnvFolder)
	}
	unlock, err := lock(folder)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := folderConfig(folder)
	if err != nil {
		return err
	}
	moved, err := server.LoadMoved(folder)
	if err != nil {
		return err
	}
	// Before the server starts its goroutines: the socket's mode is made with
	// the process's mask. Who connects early waits.
	l, err := listenUnix(filepath.Join(folder, SocketName))
	if err != nil {
		return err
	}
	defer l.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	control := &control{l: l, stop: stop, log: log, uid: os.Geteuid(), config: c, moved: moved}
	var watching sync.WaitGroup
	if moved != nil {
		watching.Go(func() { tellMoved(ctx, moved, folder, log) })
	} else {
		if control.s, err = startLocal(c, log); err != nil {
			return err
		}
		defer control.s.Close()
		if c.Listen == "" {
			if control.carry, err = newCarry(folder, control.s, log); err != nil {
				return err
			}
			watching.Go(func() { control.carry.run(ctx) })
		}
	}
	serveSocket(control)
	defer control.close()
	watching.Go(func() {
		watch(ctx, filepath.Join(folder, SocketName), watchEvery, func() {
			log.Warn("the folder or its socket is gone: ending", "folder", folder)
			stop()
		})
	})
	watching.Go(func() { sdk.Rest(ctx) })
	defer watching.Wait()
	defer stop()
	fmt.Fprintln(out, "ready")
	<-ctx.Done()
	return nil
}

// tellMoved says where the network has gone, at the places where it was.
func tellMoved(ctx context.Context, m *server.Moved, folder string, log hclog.Logger) {
	if m.Record == nil {
		<-ctx.Done()
		return
	}
	at := slices.Clone(m.Old)
	if data, err := os.ReadFile(filepath.Join(folder, portName)); err == nil {
		at = append(at, strings.TrimSpace(string(data)))
	}
	m.Tell(ctx, at, log)
}

// startLocal starts on the address it had the last time, so that invitations
// and accounts stay good, and on a free port when somebody took it.
func startLocal(c Config, log hclog.Logger) (*server.Server, error) {
	o, err := c.options(log)
	if err != nil {
		return nil, err
	}
	remembered := filepath.Join(c.Folder, portName)
	o.Door = c.Listen == ""
	if c.Listen == "" {
		o.Listen = "127.0.0.1:0"
		if data, err := os.ReadFile(remembered); err == nil {
			if a := strings.TrimSpace(string(data)); strings.HasPrefix(a, "127.0.0.1:") {
				o.Listen = a
			}
		}
	}
	s, err := server.Start(o)
	if err != nil && c.Listen == "" && errors.Is(err, syscall.EADDRINUSE) {
		log.Warn("the usual port is taken; another one is used", "address", o.Listen)
		o.Listen = "127.0.0.1:0"
		s, err = server.Start(o)
	}
	if err != nil {
		return nil, err
	}
	if c.Listen == "" {
		if err := os.WriteFile(remembered, []byte(s.Listening()+"\n"), 0o600); err != nil {
			s.Close()
			return nil, fmt.Errorf("remember the port: %w", err)
		}
	}
	return s, nil
}

// Serve carries a network without a host. It prints the network's address, an
// owner's invitation while there is no owner, and "ready".
func Serve(ctx context.Context, file string, out io.Writer, log hclog.Logger) error {
	c, err := serveConfig(file)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Folder, carryName)); err == nil && file == "" {
		return Run(ctx, c.Folder, out, log) // a network of one computer, which came here
	}
	unlock, err := ownFolder(c.Folder)
	if err != nil {
		return err
	}
	defer unlock()
	o, err := c.options(log)
	if err != nil {
		return err
	}
	l, err := listenUnix(filepath.Join(c.Folder, SocketName)) // before there are goroutines: see Run
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := server.Start(o)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer serveSocket(&control{l: l, s: s, stop: stop, log: log, uid: os.Geteuid(), config: c}).close()
	if c.Metrics != "" {
		end, err := observe(ctx, c.Metrics, s, log)
		if err != nil {
			return err
		}
		defer end()
	}
	fmt.Fprintf(out, "The network %s is here:\n%s\n", s.Network(), s.Link())
	if !s.HasOwner() {
		l, err := s.Invite(ctx, 1, 0, true)
		if err != nil {
			return fmt.Errorf("invite the owner: %w", err)
		}
		fmt.Fprintf(out, "Nobody owns it yet. Whoever uses this invitation first does:\n%s\n", l)
	}
	fmt.Fprintln(out, "ready")
	sdk.Rest(ctx) // until it ends
	return nil
}

// ownFolder makes a network's folder, where it is not there, and locks it.
func ownFolder(folder string) (unlock func(), err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the network's folder: %w", err)
	}
	return lock(folder)
}

// removeSocket removes a socket that a crash left; the lock says it is dead.
func removeSocket(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the old socket: %w", err)
	}
	return nil
}

func listenUnix(path string) (*net.UnixListener, error) {
	if err := removeSocket(path); err != nil {
		return nil, err
	}
	old := umask(0o177) // 0600 from the first moment; chmod may be forbidden here
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	umask(old)
	if err != nil {
		return nil, fmt.Errorf("listen on the control socket: %w", err)
	}
	return l, nil
}
