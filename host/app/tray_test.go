package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"switchboard/host/desktop"
	"switchboard/shared/model"
)

func TestUnreadOf(t *testing.T) {
	now := time.Now()
	s := &model.Snapshot{Conversations: []model.Conversation{{Unread: 2}, {Unread: 5, Mentions: 1, Muted: now.Add(time.Hour)}, {Unread: 1, Muted: now.Add(-time.Hour)}}}
	if n := unreadOf(s, now); n != 4 {
		t.Errorf("%d unread", n)
	}
}

// windowed is a host with a window that nobody draws, and without a desktop.
func windowed(t *testing.T, dir string, o Options) *App {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "none"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	t.Setenv("XDG_CONFIG_DIRS", filepath.Join(dir, "system"))
	o.Profile, o.Executable = filepath.Join(dir, "p"), filepath.Join(dir, "bin", "switchboard")
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		if err := a.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return a
}

// TestTrayMenuActs: what is chosen in the tray is done, or asked of the window.
func TestTrayMenuActs(t *testing.T) {
	a := windowed(t, t.TempDir(), Options{})
	a.Shown()
	for id, want := range map[string]model.Raise{
		desktop.TrayClicked: {Token: "t"}, trayOpen: {Token: "t"},
		traySettings: {Page: "settings", Token: "t"}, trayQuit: {Quit: true, Token: "t"},
	} {
		a.trayChosen(id, "t")
		if r := <-a.Raises(); r != want {
			t.Errorf("%q asks for %+v", id, r)
		}
	}
	for range 3 * maxRaises {
		a.Raise("dm.a.b") // nobody takes them: none may block
	}
	if n := len(a.Raises()); n != maxRaises {
		t.Errorf("%d wishes wait", n)
	}
	if !a.mayDisturb(a.Snapshot()) {
		t.Fatal("silent from the start")
	}
	a.trayChosen(trayHush, "")
	if a.mayDisturb(a.Snapshot()) {
		t.Error("alerts in the hour without")
	}
	a.trayChosen(trayHush, "")
	if !a.mayDisturb(a.Snapshot()) {
		t.Error("silent although it was taken back")
	}
	a.trayChosen(trayPresence+string(model.Away), "")
	for end := time.Now().Add(5 * time.Second); a.current().Presence.Status != model.Away; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the presence is %s", a.current().Presence.Status)
		}
	}
	a.trayChosen(trayPresence+"asleep", "")
	if s := a.trayState(); s.Status != model.Offline || s.Tooltip != "Switchboard" {
		t.Errorf("without an account it shows %+v", s)
	}
}

// TestStartAtSignIn: the setting is the file, and an administrator's lock makes it so.
func TestStartAtSignIn(t *testing.T) {
	dir := t.TempDir()
	a := windowed(t, dir, Options{})
	if a.settings.Bool(keyRun) {
		t.Fatal("on without a file")
	}
	if err := a.SetSetting(t.Context(), keyRun, "true"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "config", "autostart", "*.desktop"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(text), "Exec="+filepath.Join(dir, "bin", "switchboard")+" --profile "+filepath.Join(dir, "p")+" --background") {
		t.Errorf("%v:\n%s", err, text)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	if a.settings.Bool(keyRun) {
		t.Error("on after the file was removed by hand")
	}
}

func TestStartAtSignInFixedByTheAdministrator(t *testing.T) {
	dir := t.TempDir()
	rules := filepath.Join(dir, "policy.toml")
	if err := os.WriteFile(rules, []byte("[settings.\"startup.run\"]\nvalue = \"true\"\nmessage = \"Everybody is reachable.\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := windowed(t, dir, Options{Policy: rules})
	if s := a.Snapshot(); s.PolicyFault != "" {
		t.Fatal(s.PolicyFault)
	}
	files, err := filepath.Glob(filepath.Join(dir, "config", "autostart", "*.desktop"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if err := a.SetSetting(t.Context(), keyRun, "false"); err == nil || !a.settings.Bool(keyRun) {
		t.Errorf("the lock does not hold: %v", err)
	}
}
