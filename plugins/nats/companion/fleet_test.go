package companion

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// served is one "serve --config" as a process.
func served(t *testing.T, more string) (*cluster, string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "serve.toml")
	text := fmt.Sprintf("name = \"office\"\nfolder = %q\nlisten = \"127.0.0.1:0\"\n%s", filepath.Join(dir, "data"), more)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, dir: dir}
	c.replicas = []*member{{name: "server", make: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "serve", "--config", file)
		cmd.Env = append(os.Environ(), "COMPANION_TEST=1")
		return cmd
	}}}
	t.Cleanup(c.stop)
	c.ready(c.replicas[0], c.start(c.replicas[0]))
	return c, file
}

// command runs "serve …" as its own process would.
func command(t testing.TB, file string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := runServe(context.Background(), append(args, "--config", file), &out, hclog.NewNullLogger())
	return out.String(), err
}

func asJSON[T any](t testing.TB, file string, args ...string) T {
	t.Helper()
	text, err := command(t, file, append(args, "--json")...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %q: %v", args, text, err)
	}
	return v
}

func TestUsersAreAdministeredOverTheControlSocket(t *testing.T) {
	c, file := served(t, "")
	alice := online(t, enter(t, c.owner, "alice"))
	added := asJSON[codeAnswer](t, file, "user", "add", "bob", "--name", "Bob B.")
	bob := online(t, withCode(t, added.Link, added.Code))
	friends(t, alice, bob)
	list := asJSON[[]server.UserInfo](t, file, "user", "list")
	if len(list) != 2 || list[0].User != "alice" || !list[0].Owner || list[1].Name != "Bob B." || list[1].Online != 1 || list[1].State != "active" {
		t.Fatalf("%+v", list)
	}
	for _, step := range []struct {
		args  []string
		state string
	}{{[]string{"user", "disable", "bob"}, "disabled"}, {[]string{"user", "enable", "bob"}, "active"}, {[]string{"user", "remove", "bob"}, "removed"}} {
		if _, err := command(t, file, step.args...); err != nil {
			t.Fatalf("%v: %v", step.args, err)
		}
		if got := asJSON[[]server.UserInfo](t, file, "user", "list")[1].State; got != step.state {
			t.Errorf("%v: %s", step.args, got)
		}
	}
	reset := asJSON[codeAnswer](t, file, "user", "reset", "alice", "--ttl", "2h")
	if left := time.Until(time.UnixMilli(reset.ExpiresMS)); left > 2*time.Hour || left < 100*time.Minute {
		t.Errorf("the code is good for %v", left)
	}
	if a := withCode(t, reset.Link, reset.Code); a.User != "alice" {
		t.Errorf("%+v", a)
	}
	if text, err := command(t, file, "user", "list"); err != nil || !strings.Contains(text, "removed") || !strings.Contains(text, "owner") {
		t.Errorf("%q, %v", text, err)
	}
	for _, bad := range [][]string{{"user"}, {"user", "list", "all"}, {"user", "enable"}, {"user", "promote", "alice"}, {"user", "list", "--nonsense"}, {"token", "create", "--days", "0"}, {"stepdown", "now"}, {"nonsense"}} {
		if _, err := command(t, file, bad...); exitStatus(err) != 2 {
			t.Errorf("%v: %v", bad, err)
		}
	}
	for _, bad := range [][]string{{"user", "disable", "nobody"}, {"user", "enable", "bob"}, {"user", "add", "alice"}, {"token", "revoke", "x"}, {"stepdown"}} {
		if _, err := command(t, file, bad...); exitStatus(err) != 1 {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := command(t, filepath.Join(t.TempDir(), "none.toml"), "user", "list"); err == nil {
		t.Error("a server that is not there answers")
	}
}

func withCode(t *testing.T, link, code string) *client.Account {
	t.Helper()
	return admitted(t, link, wire.Register{Op: wire.RegisterDevice, Code: code})
}

func TestTokensAreMadeListedAndRevoked(t *testing.T) {
	_, file := served(t, "")
	e := asJSON[server.Enrolment](t, file, "token", "create", "--uses", "20", "--days", "7", "--net", "10.1.2.3/16,2001:db8::/32", "--note", "floor 2")
	if e.Token == "" || e.Uses != 20 || fmt.Sprint(e.Nets) != "[10.1.0.0/16 2001:db8::/32]" || e.Note != "floor 2" {
		t.Errorf("%+v", e)
	}
	plain, err := command(t, file, "token", "create")
	if err != nil || !wire.ValidToken(strings.TrimSpace(plain)) {
		t.Errorf("%q, %v", plain, err)
	}
	if all := asJSON[[]server.Enrolment](t, file, "token", "list"); len(all) != 2 || all[0].ID != e.ID && all[1].ID != e.ID || all[0].Token+all[1].Token != "" {
		t.Errorf("%+v", all)
	}
	if _, err := command(t, file, "token", "revoke", e.ID); err != nil {
		t.Error(err)
	}
	if all := asJSON[[]server.Enrolment](t, file, "token", "list"); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestMetricsAndHealth(t *testing.T) {
	port := freePorts(t, "127.0.0.1", 1)[0]
	c, _ := served(t, fmt.Sprintf("metrics = \"%d\"\n", port))
	alice := online(t, enter(t, c.owner, "alice"))
	e := &contractv1.Envelope{Id: "one", Session: "im", Plugin: "im", Protocol: 1, Kind: contractv1.Envelope_UPDATE, Body: []byte("secret words")}
	if _, err := alice.c.Post(within(t), &contractv1.Post{Conversation: "dm.alice.alice", Envelopes: []*contractv1.Envelope{e}}); err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404, "/debug/pprof/": 404} {
		if got, _ := fetch(t, base+path); got != status {
			t.Errorf("%s: %d", path, got)
		}
	}
	_, text := fetch(t, base+"/metrics")
	for _, want := range []string{"switchboard_ready 1\n", `switchboard_entries_total{result="stored"} 1` + "\n", "switchboard_devices_online 1\n",
		`switchboard_users{state="active"} 1` + "\n", "switchboard_store_entries 1\n", "# TYPE switchboard_post_seconds summary\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "alice") || strings.Contains(text, "secret") {
		t.Error("the figures name somebody")
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if fields := strings.Fields(line); !strings.HasPrefix(line, "#") && len(fields) != 2 {
			t.Errorf("a malformed line: %q", line)
		}
	}
	c.kill(c.replicas[0], syscall.SIGTERM)
	if state := c.replicas[0].cmd.ProcessState; !state.Success() {
		t.Errorf("ended with %v: %s", state, c.replicas[0].log)
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(data)
}
