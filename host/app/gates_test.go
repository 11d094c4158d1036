package app

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/host/policy"
	"switchboard/host/session"
	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

func write(t *testing.T, path, text string, mode os.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// A folder of rules that cannot be read is not the same as no rules.
func TestUnreadableRulesFailClosed(t *testing.T) {
	dir := t.TempDir()
	if p, err := policy.Load(policyFiles(dir), ""); err != nil || p.Fault() != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "policy.d", "20.toml"), "[plugin.im]\nenabled = false\n", 0o600)
	write(t, filepath.Join(dir, "policy.d", "10.toml"), "message = \"ask Eve\"\n", 0o600)
	write(t, filepath.Join(dir, "policy.d", "notes.txt"), "nonsense", 0o600)
	p, err := policy.Load(policyFiles(dir), "")
	if v := p.Decide(policy.Question{Ask: policy.AskSend, Plugin: "im"}); err != nil || v.Allowed || v.Reason != "ask Eve" {
		t.Fatal(v, err)
	}
	broken := t.TempDir()
	write(t, filepath.Join(broken, "policy.d"), "a file in the folder's place", 0o600)
	p, err = policy.Load(policyFiles(broken), "")
	if v := p.Decide(policy.Question{Ask: policy.AskSend}); err == nil || v.Allowed {
		t.Fatal(v, err)
	}
}

// What the engine may ask is answered by a rule; what nobody thought of is not
// allowed by that.
func TestUnknownPermissionsAreRefused(t *testing.T) {
	dir := t.TempDir()
	a, err := New(t.Context(), Options{Profile: dir, Headless: true, Executable: filepath.Join(dir, "bin", "switchboard")})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(t.Context())
	for _, p := range []session.Permission{session.PermitSend, session.PermitOffer, session.PermitCommand, session.PermitPeers} {
		if ok, why := a.permit(p, "im"); !ok {
			t.Errorf("%s: %s", p, why)
		}
	}
	if ok, why := a.permit("new", "im"); ok || why == "" {
		t.Error("allowed by omission")
	}
}

// An Echo that does not come up keeps the host from nothing: Close does not wait
// for it. It is bound by the same rules as its host.
func TestEchoEndsWithItsHost(t *testing.T) {
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	exe := write(t, filepath.Join(dir, "bin", "switchboard"), "#!/bin/sh\necho \"$@\" > "+asked+"\nexec cat > /dev/null\n", 0o700)
	rules := write(t, filepath.Join(dir, "rules.toml"), "", 0o600)
	a, err := New(t.Context(), Options{Profile: filepath.Join(dir, "p"), Headless: true, Executable: exe, Policy: rules})
	if err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	a.people.account = &model.Account{Address: "alice@lab", Device: "d1"}
	a.mu.Unlock()
	told := make(chan error, 1)
	go func() {
		_, err := a.TalkToEcho(t.Context())
		told <- err
	}()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if words, _ := os.ReadFile(asked); strings.Contains(string(words), "--policy "+rules) {
			break
		}
		if time.Now().After(end) {
			words, _ := os.ReadFile(asked)
			t.Fatalf("it was asked for with %q", words)
		}
	}
	begun := time.Now()
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
	if err := <-told; err == nil {
		t.Error("an echo that is not there was given")
	}
	if _, err := a.TalkToEcho(t.Context()); err == nil {
		t.Error("started after the end")
	}
}

// Who watches is told that a plugin was switched off, with the reason, and on.
func TestSwitchesAreTold(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "plugins", "board", "plugin.toml"), `id = "board"
name = "Board"
version = "1.0.0"
summary = "test"
publisher = "test"
license = "Apache-2.0"
kind = "feature"
contract = 1
exec = ["sh", "main.sh"]
`, 0o600)
	write(t, filepath.Join(dir, "plugins", "board", "main.sh"), "exit 1\n", 0o600)
	a, err := New(t.Context(), Options{Profile: dir, Headless: true, Executable: filepath.Join(dir, "bin", "switchboard")})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(t.Context())
	var mu sync.Mutex
	var told []string
	defer a.Events(func(e *controlv1.Event) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, strings.TrimSpace(e.Type+" "+e.Plugin+" "+e.State+" "+e.Reason))
	})()
	for _, op := range []string{"disable", "enable"} {
		if err := a.Plugin(t.Context(), op, "board"); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Join(told, "; "); got != "plugin board disabled Board is switched off; plugin board stopped" {
		t.Error(got)
	}
}

// What comes while or after the host closes starts nothing that nobody waits for.
func TestNothingBeginsAfterTheEnd(t *testing.T) {
	dir := t.TempDir()
	a, err := New(t.Context(), Options{Profile: dir, Headless: true, Executable: filepath.Join(dir, "bin", "switchboard")})
	if err != nil {
		t.Fatal(err)
	}
	var late sync.WaitGroup
	for range 4 {
		late.Go(func() {
			for range 200 {
				a.announce()
			}
		})
	}
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	late.Wait()
	a.spawn(func() { t.Error("it ran") })
	a.Quit()
}
