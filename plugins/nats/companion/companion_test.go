package companion

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/wire"
)

func TestMain(m *testing.M) {
	if os.Getenv("COMPANION_TEST") != "" { // the program itself, for the tests below
		os.Exit(Main(os.Args[1:]))
	}
	goleak.VerifyTestMain(m)
}

func run(t *testing.T, folder string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := Run(ctx, folder, w, hclog.NewNullLogger())
		w.CloseWithError(err)
		done <- err
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil || line != "ready\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func query(t *testing.T, folder string, r Request) Reply {
	t.Helper()
	conn, err := net.Dial("unix", filepath.Join(folder, SocketName))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	reply, err := Ask(ctx, conn, r)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func TestCompanion(t *testing.T) {
	folder := t.TempDir()
	stop := run(t, folder)
	info, err := os.Stat(filepath.Join(folder, SocketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the socket: %v, %v", info.Mode(), err)
	}
	if err := Run(context.Background(), folder, io.Discard, hclog.NewNullLogger()); err == nil || !strings.Contains(err.Error(), "already") {
		t.Fatalf("a second companion: %v", err)
	}
	first := query(t, folder, Request{Op: "info"})
	if first.HasOwner {
		t.Fatal("an owner from the beginning")
	}
	owner, err := wire.ParseLink(query(t, folder, Request{Op: "owner"}).Link)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := client.NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a, err := client.Register(ctx, dial, owner, seed, wire.Register{Op: wire.RegisterNew, Token: owner.Token, User: "alice"})
	if err != nil || !a.Owner {
		t.Fatalf("the owner: %v, %v", a, err)
	}
	if !query(t, folder, Request{Op: "info"}).HasOwner {
		t.Fatal("no owner")
	}
	if inv, err := wire.ParseLink(query(t, folder, Request{Op: "invite", Uses: 1}).Link); err != nil || inv.Token == "" {
		t.Fatalf("an invitation: %v, %v", inv, err)
	}
	for _, bad := range []string{"{}", `{"op":"root"}`, "nonsense", `{"op":"info","more":1}`} {
		conn, err := net.Dial("unix", filepath.Join(folder, SocketName))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(bad + "\n")); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "error") {
			t.Errorf("%s: %q, %v", bad, line, err)
		}
		_ = conn.Close()
	}
	stop()

	stop = run(t, folder) // the same address and key as before
	if again := query(t, folder, Request{Op: "info"}); again.Link != first.Link || !again.HasOwner {
		t.Fatalf("after a restart: %v, before %v", again, first)
	}
	stop()

	// Somebody took the port: another one, the same key.
	l, err := wire.ParseLink(first.Link)
	if err != nil {
		t.Fatal(err)
	}
	thief, err := net.Listen("tcp", l.Addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	defer thief.Close()
	stop = run(t, folder)
	other, err := wire.ParseLink(query(t, folder, Request{Op: "info"}).Link)
	if err != nil || other.Addresses[0] == l.Addresses[0] || !other.Key.Equal(l.Key) {
		t.Fatalf("with the port taken: %v, %v", other, err)
	}
	query(t, folder, Request{Op: "stop"})
	stop()
}

func process(t *testing.T, env string, args ...string) (*exec.Cmd, []string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), "COMPANION_TEST=1", env)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	var lines []string
	for s := bufio.NewScanner(out); s.Scan(); {
		if lines = append(lines, s.Text()); s.Text() == "ready" {
			return cmd, lines
		}
	}
	t.Fatalf("not ready: %q", lines)
	return nil, nil
}

func TestProcessesEndCleanly(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "serve.toml")
	text := "name = \"lab\"\nlisten = \"127.0.0.1:0\"\nfolder = \"" + filepath.Join(folder, "net") + "\"\nregistration = \"open\"\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	companion := filepath.Join(folder, "companion")
	if err := os.Mkdir(companion, 0o700); err != nil {
		t.Fatal(err)
	}
	c, _ := process(t, EnvFolder+"="+companion, "companion")
	s, lines := process(t, "X=1", "serve", "--config", file)
	links := 0
	for _, line := range lines {
		if l, err := wire.ParseLink(line); err == nil && l.Network == "lab" {
			links++
		}
	}
	if links != 2 { // the address, and an invitation for the owner
		t.Errorf("serve said %q", lines)
	}
	for _, cmd := range []*exec.Cmd{c, s} {
		began := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", cmd.Args, err)
		}
		if d := time.Since(began); d > 2*time.Second {
			t.Errorf("%v took %v to end", cmd.Args, d)
		}
	}
}

func TestConfig(t *testing.T) {
	for text, want := range map[string]string{
		"name = \"lab\"\nretension = \"5d\"\n": "f.toml:2: there is no setting \"retension\"",
		"name = \n":                            "f.toml:1",
		"registration = \"closed\"":            "registration",
		"invitations = \"nobody\"":             "invitations",
		"retention = \"5m\"":                   "retention",
		"retention = \"0d\"":                   "retention",
		"rate = -1.0":                          "rate",
		"daily_mb = -1":                        "daily_mb",
		"blob_mb = -1":                         "blob_mb",
		"stored_mb = 9999999999":               "stored_mb",
		"groups_a_day = -1":                    "groups_a_day",
		"max_groups = -1":                      "max_groups",
	} {
		if _, err := ParseConfig([]byte(text), "f.toml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	c, err := ParseConfig([]byte("retention = \"30d\"\nburst = 5\ndaily_mb = 7"), "f.toml")
	if err != nil || c.Burst != 5 || c.DailyMB != 7 {
		t.Fatal(c, err)
	}
	if c, err = ParseConfig([]byte("stored_mb = 3\nblob_mb = 4\nmax_groups = 5\ngroups_a_day = 6"), "f.toml"); err != nil {
		t.Fatal(err)
	}
	if o, err := c.options(hclog.NewNullLogger()); err != nil || o.Stored != 3<<20 || o.BlobQuota != 4<<20 || o.Groups != 5 || o.GroupsADay != 6 {
		t.Errorf("%+v, %v", o, err)
	}
	if Main([]string{"serve", "--confg", "x"}) != 2 || Main(nil) != 2 {
		t.Error("wrong words are not a usage error")
	}
	if _, err := configFlag([]string{"--config=x"}); err != nil {
		t.Error(err)
	}
	if err := Serve(context.Background(), "/nonexistent", io.Discard, hclog.NewNullLogger()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("name = \"lab\"\nlisten = \"0.0.0.0:4430\"\nretention = \"365d\"\n"))
	f.Add([]byte("rate = 1e309"))
	f.Add([]byte("[a]\nb = 1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig(data, "f")
		if err != nil {
			return
		}
		if d, err := retention(c.Retention); err != nil || d < time.Hour {
			t.Errorf("retention %v, %v", d, err)
		}
	})
}
