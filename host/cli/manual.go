package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"switchboard/host/app"
)

// manual prints the page for man, with every command: a package is made with it.
func (c *command) manual() *cobra.Command {
	l := leaf("manual", "print the manual page", cobra.NoArgs, doing(func(cmd *cobra.Command, _ []string) error {
		return writeManual(cmd.OutOrStdout(), cmd.Root(), app.Version, manualDate())
	}))
	l.Hidden = true
	return l
}

// manualDate is today, or what SOURCE_DATE_EPOCH says, so that a package of the
// same source is the same package.
func manualDate() time.Time {
	if s, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(s, 0).UTC()
	}
	return time.Now()
}

func writeManual(out io.Writer, root *cobra.Command, version string, day time.Time) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, ".TH SWITCHBOARD 1 %q %q\n", day.Format(time.DateOnly), "Switchboard "+version)
	fmt.Fprintf(w, ".SH NAME\nswitchboard \\- the program that people talk with\n")
	fmt.Fprintf(w, ".SH SYNOPSIS\n.B switchboard\n[\\fIoptions\\fR] [\\fIlink\\fR]\n.br\n.B switchboard\n[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n")
	fmt.Fprintf(w, ".SH DESCRIPTION\nWithout a command Switchboard opens its window, or raises the one that is open. "+
		"Every command asks the Switchboard that runs with the same profile.\n")
	fmt.Fprintf(w, ".SH OPTIONS\n")
	manualFlags(w, root.PersistentFlags())
	manualFlags(w, root.LocalNonPersistentFlags())
	fmt.Fprintf(w, ".SH COMMANDS\n")
	manualCommands(w, root)
	fmt.Fprintf(w, ".SH EXIT STATUS\n.TP\n0\nIt was done.\n.TP\n%d\nIt failed; standard error says why.\n.TP\n%d\nThe command line was not understood.\n", ExitFailed, ExitUsage)
	fmt.Fprintf(w, ".SH FILES\n.TP\n.I ~/.local/share/switchboard\nThe profile, unless \\-\\-profile names another folder.\n"+
		".TP\n.I /etc/switchboard/policy.toml\nThe administrator's rules.\n")
	return w.Flush()
}

// manualCommands writes every command that does something, in the order of help.
func manualCommands(w *bufio.Writer, of *cobra.Command) {
	for _, cmd := range of.Commands() {
		if cmd.Hidden || cmd.Name() == "help" {
			continue
		}
		if !cmd.HasAvailableSubCommands() {
			line := strings.TrimPrefix(cmd.UseLine(), "switchboard ")
			fmt.Fprintf(w, ".TP\n.B %s\n%s.\n", roff(line), roff(cmd.Short))
			if cmd.LocalFlags().HasAvailableFlags() {
				fmt.Fprintf(w, ".RS\n")
				manualFlags(w, cmd.LocalNonPersistentFlags())
				fmt.Fprintf(w, ".RE\n")
			}
		}
		manualCommands(w, cmd)
	}
}

func manualFlags(w *bufio.Writer, flags *pflag.FlagSet) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(w, ".TP\n.B \\-\\-%s", roff(f.Name))
		if name != "" {
			fmt.Fprintf(w, " \\fI%s\\fR", roff(name))
		}
		fmt.Fprintf(w, "\n%s.\n", roff(usage))
	})
}

// roff is a text as the page takes it.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(strings.TrimSuffix(strings.TrimSpace(s), "."))
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	s = b.String()
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
