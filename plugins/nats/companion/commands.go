package companion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// usage is a command that was written wrongly: the exit status is 2.
type usage string

// Error is the sentence.
func (u usage) Error() string { return string(u) }

// serveCommand is one of the commands behind "serve".
type serveCommand struct {
	name  string
	usage string // what follows the name
	run   func(ctx context.Context, args []string, out io.Writer, log hclog.Logger) error
}

// serveCommands are all of them; "serve" with none of these names carries a
// network.
func serveCommands() []serveCommand {
	return []serveCommand{
		{"backup", "FILE [--config FILE]", backupCommand},
		{"restore", "FILE [--config FILE]", restoreCommand(false)},
		{"move", "FILE [--to HOST:PORT] [--config FILE]", moveCommand},
		{"adopt", "FILE [--config FILE]", restoreCommand(true)},
		{"install", "[--config FILE]", installCommand},
		{"uninstall", "", uninstallCommand},
		{"init-cluster", "DIR --name NAME --servers HOST[:PORT[/CLUSTERPORT]],… [--replicas N] [--at DIR] | DIR --renew", initCluster},
		{"user", userUsage, serveUser},
		{"token", tokenUsage, serveToken},
		{"stepdown", stepUsage, serveStepDown},
		{"status", statusUsage, serveStatus},
	}
}

// runServe carries out "serve [COMMAND] …".
func runServe(ctx context.Context, args []string, out io.Writer, log hclog.Logger) error {
	commands := serveCommands()
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		i := slices.IndexFunc(commands, func(c serveCommand) bool { return c.name == args[0] })
		if i < 0 {
			return usage(serveUsage(commands))
		}
		if slices.Contains(args[1:], "--help") || slices.Contains(args[1:], "-h") {
			fmt.Fprintf(out, "usage: serve %s %s\n", commands[i].name, commands[i].usage)
			return nil
		}
		err := commands[i].run(ctx, args[1:], out, log)
		if errors.As(err, new(usage)) {
			return usage(fmt.Sprintf("usage: serve %s %s", commands[i].name, commands[i].usage))
		}
		return err
	}
	if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
		fmt.Fprintln(out, serveUsage(commands))
		return nil
	}
	file, err := configFlag(args)
	if err != nil {
		return usage(serveUsage(commands))
	}
	return Serve(ctx, file, out, log)
}

func serveUsage(commands []serveCommand) string {
	var b strings.Builder
	b.WriteString("usage: serve [--config FILE]")
	for _, c := range commands {
		fmt.Fprintf(&b, "\n       serve %s %s", c.name, c.usage)
	}
	return b.String()
}

// exitStatus prints an error and tells what the process ends with.
func exitStatus(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, err)
	if errors.As(err, new(usage)) {
		return 2
	}
	return 1
}
