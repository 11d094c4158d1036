package companion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
)

// unitName is the person's own system service.
const unitName = "switchboard-network.service"

// EnvProgram names the program that people start, which the service runs.
const EnvProgram = "SWITCHBOARD_PROGRAM"

const unitText = `[Unit]
Description=Switchboard network
After=network-online.target

[Service]
ExecStart=%s
Restart=on-failure
RestartSec=2
UMask=0077

[Install]
WantedBy=default.target
`

// quoted makes one word of a unit's command line.
func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$").Replace(word) + `"`
}

func unitPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the folder of services: %w", err)
	}
	return filepath.Join(dir, "systemd", "user", unitName), nil
}

// installCommand makes a service of systemd that carries the network.
func installCommand(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	config := ""
	switch {
	case len(args) == 2 && args[0] == "--config":
		config = args[1]
	case len(args) == 1 && strings.HasPrefix(args[0], "--config="):
		config = strings.TrimPrefix(args[0], "--config=")
	case len(args) > 0:
		return usage("")
	}
	program := os.Getenv(EnvProgram)
	if !filepath.IsAbs(program) {
		return errors.New("start this by: switchboard serve install")
	}
	words := []string{quoted(program), "serve"}
	if config != "" {
		abs, err := filepath.Abs(config)
		if err != nil {
			return fmt.Errorf("find the configuration: %w", err)
		}
		if _, err := os.Stat(abs); err != nil {
			return fmt.Errorf("the configuration cannot be read: %w", err)
		}
		words = append(words, "--config", quoted(abs))
	}
	path, err := unitPath()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the service: %w", err)
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, unitText, strings.Join(words, " ")), 0o644); err != nil {
		return fmt.Errorf("write the service: %w", err)
	}
	fmt.Fprintf(out, "The service is in %s.\n", path)
	if err := systemctl(ctx, "daemon-reload"); err != nil {
		fmt.Fprintf(out, "It could not be started here (%v); start it with: systemctl --user enable --now %s\n", err, unitName)
		return nil
	}
	if err := systemctl(ctx, "enable", "--now", unitName); err != nil {
		return fmt.Errorf("start the service: %w", err)
	}
	fmt.Fprintf(out, "It runs, and starts when you sign in. To have it run from the start of the computer on: loginctl enable-linger\n")
	return nil
}

// uninstallCommand ends and removes the service; the network's folder stays.
func uninstallCommand(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
	if len(args) > 0 {
		return usage("")
	}
	path, err := unitPath()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return errors.New("no service was installed")
	}
	stopped := systemctl(ctx, "disable", "--now", unitName)
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the service: %w", err)
	}
	if stopped != nil {
		fmt.Fprintf(out, "The service was removed; systemd could not be told (%v).\n", stopped)
		return nil
	}
	_ = systemctl(ctx, "daemon-reload") // it forgets what is gone at the next sign-in at the latest
	fmt.Fprintln(out, "The service was ended and removed. The network's folder is still there.")
	return nil
}

func systemctl(ctx context.Context, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	said, err := exec.CommandContext(ctx, "systemctl", append([]string{"--user"}, args...)...).CombinedOutput()
	if err != nil {
		if line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n"); line != "" {
			return errors.New(line)
		}
		return err
	}
	return nil
}
