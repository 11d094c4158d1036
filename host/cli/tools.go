package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"switchboard/host/app"
	"switchboard/host/catalog"
	"switchboard/host/control"
	"switchboard/host/policy"
	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/manifest"
)

// quitTime bounds how long quit waits for the host to be gone.
const quitTime = 15 * time.Second

// tools are commands beside a running host.
func (c *command) tools() []*cobra.Command {
	version := leaf("version", "print the version", cobra.NoArgs, doing(func(*cobra.Command, []string) error { return c.line(app.Version) }))
	quit := leaf("quit [--force]", "end the host, and the network that this computer carries", cobra.NoArgs, doing(c.quit))
	quit.Flags().Bool("force", false, "also while devices of other computers are connected to it")
	doctor := leaf("doctor", "look for what could keep Switchboard from working", cobra.NoArgs, doing(c.doctor))
	serve := &cobra.Command{Use: "serve [--config FILE] | serve COMMAND …", Short: "carry a network without a window, and administer it; serve --help shows how",
		DisableFlagParsing: true, DisableFlagsInUseLine: true, // what the server that is installed understands is its own matter
		RunE: doing(func(_ *cobra.Command, args []string) error { return c.serve(args) })}
	return []*cobra.Command{version, quit, doctor, serve}
}

func (c *command) quit(cmd *cobra.Command, _ []string) error {
	ctx, cancel := context.WithTimeout(cmd.Context(), quitTime)
	defer cancel()
	profile, err := app.NewProfile(c.profile)
	if err != nil {
		return err
	}
	if _, err := os.Stat(profile.Dir); err != nil {
		return fmt.Errorf("there is no profile %s", profile.Dir)
	}
	// Without a host there may still be a companion: a host is started to end it.
	running := false
	err = c.withHost(ctx, func(host *control.Client) error {
		status, err := host.Status(ctx, nothing)
		if err != nil {
			return err
		}
		running = status.Pid != int64(os.Getpid())
		if force, _ := cmd.Flags().GetBool("force"); !force && status.Account != nil {
			// A network that does not answer has nobody who could be cut off.
			if carry, err := host.Carry(ctx, &controlv1.CarryRequest{}); err == nil && carry.Others > 0 {
				count, cuts := fmt.Sprintf("%d devices of other computers are", carry.Others), "them"
				if carry.Others == 1 {
					count, cuts = "1 device of another computer is", "it"
				}
				return fmt.Errorf("%s connected to the network that this computer carries; quit --force cuts %s off", count, cuts)
			}
		}
		_, err = host.Quit(ctx, nothing)
		return err
	})
	if err != nil || !running {
		return err
	}
	for {
		host, err := control.Dial(profile.Socket())
		if errors.Is(err, control.ErrNotRunning) {
			return nil
		}
		if err == nil {
			host.Close()
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return errors.New("the host was told to end but is still there")
		}
	}
}

// builtIn finds the plugins beside this program and in the system.
func builtIn() ([]catalog.Entry, error) {
	exe, err := program()
	if err != nil {
		return nil, err
	}
	return catalog.Scan([]catalog.Folder{{Path: filepath.Join(filepath.Dir(exe), "plugins"), Origin: catalog.BuiltIn},
		{Path: app.SystemPlugins, Origin: catalog.System}}), nil
}

// serve becomes the server that the first network plugin brings along.
func (c *command) serve(given []string) error {
	entries, err := builtIn()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Err != nil || e.Manifest.Kind != manifest.Network || len(e.Manifest.Companion.Exec) == 0 {
			continue
		}
		program, err := catalog.Program(e.Dir, e.Manifest.Companion.Exec)
		if err != nil {
			return err
		}
		args, env, err := c.serveArgs(e.ID, given)
		if err != nil {
			return err
		}
		args = append([]string{e.Manifest.Companion.Exec[0], "serve"}, args...)
		err = syscall.Exec(program, args, env)
		return fmt.Errorf("%s cannot be started: %w", program, err)
	}
	return errors.New("no plugin that carries a network is installed beside this program")
}

// serveArgs takes --profile out of what is given on, and tells the server where
// the network is that this profile carries and which program started it.
func (c *command) serveArgs(id string, given []string) (args, env []string, err error) {
	profile := c.profile
	for i := 0; i < len(given); i++ {
		switch value, has := strings.CutPrefix(given[i], "--profile="); {
		case has:
			profile = value
		case given[i] == "--profile" && i+1 < len(given):
			i++
			profile = given[i]
		default:
			args = append(args, given[i])
		}
	}
	p, err := app.NewProfile(profile)
	if err != nil {
		return nil, nil, err
	}
	exe, err := program()
	if err != nil {
		return nil, nil, err
	}
	return args, append(os.Environ(), "SWITCHBOARD_COMPANION_DIR="+p.Companion(id), "SWITCHBOARD_PROGRAM="+exe), nil
}

// doctor prints one line for each thing that it looked at.
func (c *command) doctor(*cobra.Command, []string) error {
	bad := 0
	say := func(what string, err error) error {
		if err == nil {
			return c.line("ok    " + what)
		}
		bad++
		return c.line("FAIL  " + what + ": " + err.Error())
	}
	profile, err := app.NewProfile(c.profile)
	if err != nil {
		return err
	}
	exe, err := program()
	if err != nil {
		return err
	}
	checks := []struct {
		what string
		err  error
	}{
		{"version " + app.Version, nil},
		{"profile " + profile.Dir, writable(profile.Dir)},
		{"launcher", launcher(filepath.Join(filepath.Dir(exe), "switchboard-launch"))},
		{"administrator's rules", rules(c.policy)},
	}
	for _, one := range checks {
		if err := say(one.what, one.err); err != nil {
			return err
		}
	}
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		if err := c.line("note  there is no display here; use --headless"); err != nil {
			return err
		}
	}
	entries, err := builtIn()
	if err == nil && len(entries) == 0 {
		err = errors.New("none is installed beside this program")
	}
	if err := say("plugins", err); err != nil {
		return err
	}
	entries = append(entries, catalog.Scan([]catalog.Folder{{Path: profile.Path("plugins"), Origin: catalog.User}})...)
	for _, e := range entries {
		if err := say("plugin "+e.ID, e.Err); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of these need a look", bad)
	}
	return nil
}

func writable(dir string) error {
	for {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir) // what does not exist yet is made in what does
	}
	f, err := os.CreateTemp(dir, ".switchboard-*")
	if err != nil {
		return fmt.Errorf("nothing can be written in %s: %w", dir, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

func launcher(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s is missing; build or install Switchboard again", path)
	}
	if info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("%s is not executable", path)
	}
	return nil
}

func rules(extra string) error {
	_, err := policy.Load(app.PolicyFiles(), extra)
	return err
}
