package benchtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"switchboard/host/app"
	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// patience is how long anything may take that is not measured.
const patience = 60 * time.Second

var nothing = &controlv1.Empty{}

// host is one profile and, at times, the process that runs it.
type host struct {
	b       *testing.B
	name    string
	profile string

	cmd    *exec.Cmd
	client *control.Client
	said   bytes.Buffer
}

// newHost makes a profile; it ends with the benchmark, its companion too.
func newHost(b *testing.B, name string) *host {
	b.Helper()
	dir, err := os.MkdirTemp(tools, "w")
	if err != nil {
		b.Fatal(err)
	}
	h := &host{b: b, name: name, profile: filepath.Join(dir, name)}
	if err := os.Mkdir(h.profile, 0o700); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(h.quit)
	return h
}

// command is this host's program with its profile.
func (h *host) command(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin, "switchboard"), append([]string{"--profile", h.profile}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(tools, "cache"))
	return cmd
}

// start runs it without a window until it says ready.
func (h *host) start() {
	h.b.Helper()
	h.cmd = h.command("--headless")
	h.said.Reset()
	h.cmd.Stderr = &h.said
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		h.b.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		h.b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "ready" {
	}
	if lines.Text() != "ready" {
		h.b.Fatalf("%s is not ready: %s", h.name, h.said.String())
	}
	h.dial()
}

// dial connects to the running host.
func (h *host) dial() {
	h.b.Helper()
	p, err := app.NewProfile(h.profile)
	if err != nil {
		h.b.Fatal(err)
	}
	h.until("control socket", func(context.Context) bool {
		h.client, err = control.Dial(p.Socket())
		return err == nil
	})
}

// stop ends the host, not its companion.
func (h *host) stop() {
	h.b.Helper()
	h.forget()
	if h.cmd == nil {
		return
	}
	err := h.cmd.Process.Signal(syscall.SIGTERM)
	if err == nil {
		err = h.cmd.Wait()
	}
	if err != nil {
		h.b.Errorf("%s does not end well: %v: %s", h.name, err, h.said.String())
	}
	h.cmd = nil
}

func (h *host) forget() {
	if h.client != nil {
		h.client.Close()
		h.client = nil
	}
}

// quit ends the host and its companion.
func (h *host) quit() {
	h.forget()
	cmd := h.command("quit")
	if h.cmd == nil { // for the companion, which may have outlived it
		h.cmd = h.command("--headless")
		if err := h.cmd.Start(); err != nil {
			h.b.Error(err)
			return
		}
		h.dial()
		h.forget()
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		h.b.Errorf("quit %s: %v: %s", h.name, err, out)
		_ = h.cmd.Process.Kill() // it did not take the request
	}
	_ = h.cmd.Wait() // how it ends after quit is not measured
	h.cmd = nil
}

// call gives a context for one request.
func (h *host) call(f func(ctx context.Context) error) {
	h.b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := f(ctx); err != nil {
		h.b.Fatalf("%s: %v", h.name, err)
	}
}

// until repeats f until it is true.
func (h *host) until(what string, f func(ctx context.Context) bool) {
	h.b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for !f(ctx) {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			h.b.Fatalf("%s: gave up waiting for %s", h.name, what)
		}
	}
}

func (h *host) setUp(r *controlv1.SetUpRequest) {
	h.b.Helper()
	r.User, r.Name = h.name, strings.ToUpper(h.name[:1])+h.name[1:]
	h.call(func(ctx context.Context) error {
		_, err := h.client.SetUp(ctx, r)
		return err
	})
}

func (h *host) status() *controlv1.StatusReply {
	h.b.Helper()
	var s *controlv1.StatusReply
	h.call(func(ctx context.Context) (err error) {
		s, err = h.client.Status(ctx, nothing)
		return err
	})
	return s
}

func (h *host) connected() {
	h.b.Helper()
	h.until("connection", func(ctx context.Context) bool {
		s, err := h.client.Status(ctx, nothing)
		return err == nil && s.Connection.GetState() == "connected"
	})
}

// run runs what a plugin contributes and decodes its answer.
func (h *host) run(conversation, plugin, name string, args, result any) {
	h.b.Helper()
	data, err := json.Marshal(args)
	if err != nil {
		h.b.Fatal(err)
	}
	h.call(func(ctx context.Context) error {
		reply, err := h.client.Command(ctx, &controlv1.CommandRequest{Conversation: conversation, Plugin: plugin, Name: name, Args: data})
		if err != nil || result == nil {
			return err
		}
		return json.Unmarshal(reply.Result, result)
	})
}

// accept takes everybody who asked, n of them, as a contact.
func (h *host) accept(n int) {
	h.b.Helper()
	h.until(fmt.Sprint(n, " requests"), func(ctx context.Context) bool { return h.contacts("request") == n })
	var all *controlv1.ContactsReply
	h.call(func(ctx context.Context) (err error) {
		all, err = h.client.Contacts(ctx, nothing)
		return err
	})
	for _, c := range all.Contacts {
		h.call(func(ctx context.Context) error {
			_, err := h.client.Contact(ctx, &controlv1.ContactRequest{Op: "accept", Address: c.Address})
			return err
		})
	}
	h.until(fmt.Sprint(n, " contacts"), func(ctx context.Context) bool { return h.contacts("friend") == n })
}

// contacts counts those in a state.
func (h *host) contacts(state string) (n int) {
	h.b.Helper()
	h.call(func(ctx context.Context) error {
		all, err := h.client.Contacts(ctx, nothing)
		for _, c := range all.GetContacts() {
			if c.State == state {
				n++
			}
		}
		return err
	})
	return n
}

// pair is two hosts whose people know each other; Alice carries the network.
func pair(b *testing.B, plugins ...string) (alice, bob *host) {
	b.Helper()
	bob, alice = newHost(b, "bob"), newHost(b, "alice") // ended in reverse
	for _, h := range []*host{alice, bob} {
		for _, p := range plugins {
			into := filepath.Join(h.profile, "plugins", filepath.Base(p))
			if err := os.CopyFS(into, os.DirFS(p)); err != nil {
				b.Fatal(err)
			}
		}
		h.start()
	}
	alice.setUp(&controlv1.SetUpRequest{Mode: "local"})
	alice.connected()
	var link string
	alice.call(func(ctx context.Context) error {
		reply, err := alice.client.Invite(ctx, nothing)
		link = reply.GetLink()
		return err
	})
	bob.setUp(&controlv1.SetUpRequest{Mode: "invite", Link: link})
	bob.connected()
	bob.call(func(ctx context.Context) error {
		_, err := bob.client.Contact(ctx, &controlv1.ContactRequest{Op: "add", Address: "alice"})
		return err
	})
	alice.accept(1)
	bob.until("friend", func(context.Context) bool { return bob.contacts("friend") == 1 })
	return alice, bob
}
