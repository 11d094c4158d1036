package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	controlv1 "switchboard/shared/contract/control/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func call(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(context.Background(), args, Program{Out: &o, Err: &e, In: strings.NewReader("")})
	return code, o.String(), e.String()
}

func TestExitStatus(t *testing.T) {
	profile := t.TempDir()
	for _, c := range []struct {
		want int
		args string
	}{
		{ExitOK, "version"}, {ExitOK, "help"}, {ExitOK, "send --help"},
		{ExitUsage, "nonsense"}, {ExitUsage, "send bob"}, {ExitUsage, "status --nonsense"}, {ExitUsage, "plugin"}, {ExitUsage, "contact add"},
		{ExitUsage, "history bob --limit -1"}, {ExitUsage, "setup --user a"}, {ExitUsage, "setup --network local"},
		{ExitUsage, "setup --user a --network lan"}, {ExitUsage, "setup --user a --network local --server x"}, {ExitUsage, "setup --device 1 --network local"},
		{ExitFailed, "status --json"}, {ExitFailed, "send bob hello"}, {ExitFailed, "watch --json"}, {ExitFailed, "view bob/im --json"},
		{ExitFailed, "plugin check /nowhere"},
		{ExitUsage, "group"}, {ExitUsage, "group create"}, {ExitUsage, "group invite lab"}, {ExitUsage, "group earlier lab maybe"},
		{ExitUsage, "group role lab bob king"}, {ExitFailed, "group list --json"}, {ExitFailed, "group create lab"}, {ExitFailed, "group leave lab"},
	} {
		code, _, words := call(t, append([]string{"--profile", profile}, strings.Fields(c.args)...)...)
		if code != c.want {
			t.Errorf("%s: status %d, not %d (%s)", c.args, code, c.want, words)
		}
		if code != ExitOK && strings.Count(words, "\n") != 1 {
			t.Errorf("%s: not one sentence: %q", c.args, words)
		}
	}
}

// What the host refuses reaches the person as the sentence alone, however many
// hands it went through.
func TestRefusalsAreSentences(t *testing.T) {
	refusal := status.Error(codes.FailedPrecondition, "there is no conversation with bob")
	for _, err := range []error{refusal, failure{refusal}, failure{failure{refusal}}, fmt.Errorf("view: %w", refusal)} {
		if got := sentence(err); got != "there is no conversation with bob" {
			t.Errorf("%#v: %q", err, got)
		}
	}
	if got := sentence(failure{errors.New("no host")}); got != "no host" {
		t.Error(got)
	}
}

func TestUsageSaysHow(t *testing.T) {
	for args, want := range map[string]string{
		"send bob":        "usage: switchboard send CONVERSATION TEXT (see: switchboard send --help)\n",
		"nonsense":        "unknown command \"nonsense\" for \"switchboard\" (see: switchboard --help)\n",
		"plugin nonsense": "unknown command \"nonsense\" for \"switchboard plugin\" (see: switchboard plugin --help)\n",
	} {
		if _, _, got := call(t, strings.Fields(args)...); got != want {
			t.Errorf("%s: %q, not %q", args, got, want)
		}
	}
	if _, _, got := call(t, "setup", "--device", "AAAA"); !strings.Contains(got, "--invite LINK") {
		t.Errorf("a code without a link: %q", got)
	}
}

func TestPluginLine(t *testing.T) {
	for want, p := range map[string]*controlv1.Plugin{
		"im             disabled   Messages":                 {Id: "im", State: "disabled", Name: "Messages", Reason: "Messages is switched off"},
		"im             refused    Messages: Not in the lab": {Id: "im", State: "refused", Name: "Messages", Reason: "Not in the lab"},
		"im             running    Messages  (process 7)":    {Id: "im", State: "running", Name: "Messages", Pid: 7},
	} {
		if got := pluginLine(p); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestSetUpModes(t *testing.T) {
	for _, c := range []struct {
		device, network, invite, server string
		mode, link                      string
	}{
		{"", "local", "", "", "local", ""}, {"", "", "L", "", "invite", "L"}, {"", "", "", "S", "server", "S"},
		{"code", "", "L", "", "device", "L"}, {"code", "", "", "S", "server", "S"},
	} {
		r := &controlv1.SetUpRequest{User: "u", DeviceCode: c.device}
		if err := setUpMode(r, c.network, c.invite, c.server, "", ""); err != nil || r.Mode != c.mode || r.Link != c.link {
			t.Errorf("%+v: %v, %v", c, r, err)
		}
	}
}

// A folder of plugins that cannot be read is named, and is not as if it were empty.
func TestDoctorNamesAFolderOfPluginsThatCannotBeRead(t *testing.T) {
	profile := t.TempDir()
	path := filepath.Join(profile, "plugins")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := call(t, "--profile", profile, "doctor"); !strings.Contains(out, "FAIL  plugin "+path+": this folder of plugins cannot be read") {
		t.Error(out)
	}
}
