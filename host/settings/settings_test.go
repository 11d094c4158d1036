package settings

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/shared/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string, lock Lock) *Store {
	t.Helper()
	s, err := Open(path, lock)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSetIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	s := open(t, path, nil)
	var told []string
	cancel := s.Watch(func(k, v string) { told = append(told, k+"="+v) })
	for k, v := range map[string]string{"appearance.theme": "dark", "appearance.scale": "150", "conversations.ctrl_enter_sends": "on"} {
		if err := s.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if len(told) != 3 {
		t.Fatalf("watchers were told %v", told)
	}
	again := open(t, path, nil)
	if again.Get("appearance.theme") != "dark" || again.Get("appearance.scale") != "150" || !again.Bool("conversations.ctrl_enter_sends") {
		t.Fatalf("read back %v", again.values)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v", st.Mode())
	}
}

func TestRefusals(t *testing.T) {
	lock := func(key string) (string, string, bool) {
		return "socks5", "Ask the help desk.", key == "network.proxy_type"
	}
	s := open(t, filepath.Join(t.TempDir(), "settings.toml"), lock)
	for _, c := range []struct{ key, value, want string }{
		{"nothing.here", "1", "no such setting"},
		{"appearance.theme", "pink", "one of"},
		{"appearance.scale", "7", "between"},
		{"appearance.scale", "big", "whole number"},
		{"alerts.desktop", "perhaps", "true or false"},
		{"network.proxy_user", strings.Repeat("x", MaxValue+1), "longer"},
		{"network.proxy_user", strings.Repeat("x", 256), "at most 255"},
		{"network.proxy_port", "0", "between"},
		{"alerts.quiet_from", "25:00", "time of day"},
		{"alerts.quiet_to", "noon", "time of day"},
		{"network.proxy_type", "http", "help desk"},
	} {
		err := s.Set(c.key, c.value)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %.20s: %v", c.key, c.value, err)
		}
	}
	for _, row := range s.List() {
		if (row.Locked != "") != (row.Key == "network.proxy_type") {
			t.Errorf("lock of %s: %q", row.Key, row.Locked)
		}
	}
}

func TestPluginSettingsAndUnknownKeysSurvive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	if err := os.WriteFile(path, []byte("version = 1\n[plugin.gone]\nkey = \"kept\"\n[plugin.im]\ntyping = false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, nil)
	s.Define([]Def{{Setting: model.Setting{Key: "plugin.im.typing", Kind: model.BoolSetting, Default: "true"}},
		{Setting: model.Setting{Key: "plugin.im.token", Kind: model.SecretSetting}}})
	if err := s.Set("plugin.im.token", "s3cret"); err != nil {
		t.Fatal(err)
	}
	if got := s.With("plugin.im."); !maps.Equal(got, map[string]string{"typing": "false", "token": "s3cret"}) {
		t.Fatalf("With: %v", got)
	}
	for _, row := range s.List() {
		if strings.Contains(row.Value, "s3cret") {
			t.Fatal("a secret was listed")
		}
	}
	if got := open(t, path, nil).values["plugin.gone.key"]; got != "kept" {
		t.Fatalf("unknown key: %q", got)
	}
}

func TestFilesThatAreNotOurs(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"newer":  {"version = 99\n", "newer"},
		"broken": {"version = 1\nfoo = \n", "line 2"},
		"float":  {"version = 1\nfoo = 1.5\n", "foo"},
	} {
		path := filepath.Join(t.TempDir(), "settings.toml")
		if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if now, _ := os.ReadFile(path); string(now) != c.data {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestOlderIsCopiedThenMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.toml")
	old := "[appearance]\ntheme = \"dark\"\n"
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := open(t, path, nil); s.Get("appearance.theme") != "dark" {
		t.Fatal("the value is gone")
	}
	if kept, err := os.ReadFile(path + ".v0"); err != nil || string(kept) != old {
		t.Fatalf("copy: %q, %v", kept, err)
	}
}

// TestProxyIsMigrated: version 1 had one text for address and port, and SOCKS 5
// only. Who went through a proxy does so afterwards.
func TestProxyIsMigrated(t *testing.T) {
	for _, c := range []struct{ old, use, kind, address, port, user string }{
		{"", "false", "socks4", "", "1080", ""},
		{"mode = \"direct\"\n", "false", "socks4", "", "1080", ""},
		{"mode = \"socks5\"\nproxy = \"proxy.example:9050\"\nproxy_user = \"me\"\n", "true", "socks5", "proxy.example", "9050", "me"},
		{"mode = \"socks5\"\nproxy = \"proxy.example\"\n", "true", "socks5", "proxy.example", "1080", ""},
		{"mode = \"socks5\"\nproxy = \"[::1]:9050\"\n", "true", "socks5", "::1", "9050", ""},
		{"mode = \"socks5\"\n", "true", "socks5", "", "1080", ""},
		{"proxy = \"proxy.example:9050\"\n", "false", "socks5", "proxy.example", "9050", ""},
	} {
		path := filepath.Join(t.TempDir(), "settings.toml")
		if err := os.WriteFile(path, []byte("version = 1\n[network]\n"+c.old), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 { // migrated, and read again
			got := open(t, path, nil).With("network.")
			if got["use_proxy"] != c.use || got["proxy_type"] != c.kind || got["proxy_address"] != c.address || got["proxy_port"] != c.port || got["proxy_user"] != c.user {
				t.Errorf("%q became %v", c.old, got)
			}
		}
		if now, _ := os.ReadFile(path); strings.Contains(string(now), "mode") {
			t.Errorf("%q left %s", c.old, now)
		}
	}
}

func TestUndeclared(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "settings.toml"), nil)
	if err := s.Set("x", "y"); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	if s.Get("x") != "" {
		t.Fatal("an undeclared key has a value")
	}
}

// FuzzParse: whatever parses is written and read back the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "version = 1\n", "[a]\nb = true\n", "a = 1\n[b.c]\nd = \"x\"\n", "a.b = 1\n\"a.b.c\" = 2\n", "version = -1", "[plugin.im]\nx = 0x10"} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "settings.toml")
	f.Fuzz(func(t *testing.T, data []byte) {
		_, values, err := parse(data)
		if err != nil {
			return
		}
		if _, versioned := values["version"]; versioned {
			return
		}
		if err := save(path, values); err != nil {
			t.Fatal(err)
		}
		back, err := load(path)
		if err != nil || !maps.Equal(values, back) {
			t.Fatalf("%q became %q (%v)", values, back, err)
		}
	})
}

// Who is told last is told what is in force.
func TestWatchersHearChangesInOrder(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "settings.toml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	told := ""
	s.Watch(func(_, value string) {
		time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
		mu.Lock()
		told = value
		mu.Unlock()
	})
	for range 10 {
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() {
				if err := s.Set("appearance.scale", strconv.Itoa(100+i)); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if now := s.Get("appearance.scale"); told != now && told != "" {
			t.Fatalf("told %q, in force is %q", told, now)
		}
	}
}
