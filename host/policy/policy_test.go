package policy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const rules = `message = "Ask the help desk."

[host]
isolation = "full"
message = "This computer is not safe enough."

[plugin.whiteboard]
enabled = false
message = "Whiteboards are not used here."

[plugin.appshare]
offers = false
deny_grants = ["screen", "input"]

[plugin.nats]
companion = false
deny_commands = ["serve"]

[plugin."*"]
deny_grants = ["launch"]

[settings]
"network.proxy" = {value = "socks5://proxy", message = "All traffic goes through the proxy."}
`

func parse(t *testing.T, text string) *Policy {
	t.Helper()
	p, err := Parse([]byte(text), "policy.toml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecide(t *testing.T) {
	p := parse(t, rules)
	for _, c := range []struct {
		q    Question
		want string // the reason; "" is allowed
	}{
		{Question{Ask: AskEnable, Plugin: "im"}, ""},
		{Question{Ask: AskEnable, Plugin: "whiteboard"}, "Whiteboards are not used here."},
		{Question{Ask: AskSend, Plugin: "whiteboard"}, "Whiteboards are not used here."},
		{Question{Ask: AskOffer, Plugin: "appshare"}, "Ask the help desk."},
		{Question{Ask: AskEnable, Plugin: "appshare"}, ""},
		{Question{Ask: AskGrant, Plugin: "appshare", Grant: "screen"}, "Ask the help desk."},
		{Question{Ask: AskGrant, Plugin: "appshare", Grant: "peers"}, ""},
		{Question{Ask: AskGrant, Plugin: "im", Grant: "launch"}, "Ask the help desk."},
		{Question{Ask: AskCompanion, Plugin: "nats"}, "Ask the help desk."},
		{Question{Ask: AskCompanion, Plugin: "other"}, ""},
		{Question{Ask: AskCommand, Plugin: "nats", Name: "serve"}, "Ask the help desk."},
		{Question{Ask: AskCommand, Plugin: "nats", Name: "list"}, ""},
		{Question{Ask: AskIsolation, Plugin: "im", Name: "landlock"}, "This computer is not safe enough."},
		{Question{Ask: AskSetting, Name: "network.proxy", Value: ""}, "All traffic goes through the proxy."},
		{Question{Ask: AskSetting, Name: "network.proxy", Value: "socks5://proxy"}, ""},
		{Question{Ask: AskSetting, Name: "theme", Value: "dark"}, ""},
		{Question{Ask: AskDial, Plugin: "nats", Value: "host:1"}, ""},
		{Question{Ask: AskSend, Plugin: "im"}, ""},
	} {
		if v := p.Decide(c.q); v.Allowed != (c.want == "") || v.Reason != c.want {
			t.Errorf("%+v: %+v, not %q", c.q, v, c.want)
		}
	}
	if value, message, ok := p.Locked("network.proxy"); !ok || value != "socks5://proxy" || message == "" {
		t.Error("the lock is not told")
	}
	if _, _, ok := p.Locked("theme"); ok {
		t.Error("a lock that nobody set")
	}
}

// Without the administrator's words the refusal still says what is refused.
func TestOwnSentences(t *testing.T) {
	p := parse(t, "[host]\nisolation = \"full\"\n[plugin.x]\nenabled = false\n[settings]\na = {value = \"1\"}\n")
	for q, want := range map[Question]string{
		{Ask: AskEnable, Plugin: "x"}:                     "switched off x",
		{Ask: AskIsolation, Plugin: "y", Name: "seccomp"}: "does not enforce seccomp",
		{Ask: AskSetting, Name: "a", Value: "2"}:          "fixed the setting a",
	} {
		if v := p.Decide(q); v.Allowed || !strings.Contains(v.Reason, want) {
			t.Errorf("%+v: %+v", q, v)
		}
	}
}

func TestNobodysPolicyAllows(t *testing.T) {
	var none *Policy
	if !none.Decide(Question{Ask: AskSend}).Allowed || !(&Policy{}).Decide(Question{Ask: AskSend}).Allowed || none.Fault() != nil {
		t.Fatal("no policy refuses")
	}
	if _, _, ok := none.Locked("x"); ok || none.Locks() != nil {
		t.Fatal("no policy locks")
	}
}

func TestFaultsFailClosed(t *testing.T) {
	for text, want := range map[string]string{
		"[plugin.im]\nenabeld = false":                   "policy.toml:2: unknown key \"plugin.im.enabeld\"",
		"[plugin.im]\nenabled = \"no\"":                  "policy.toml:2:",
		"[plugin.\"I M\"]\nenabled = false":              "policy.toml:1: \"I M\" is not a plugin's id",
		"[plugin.im]\ndeny_grants = [\"scren\"]":         "policy.toml:2: there is no grant",
		"[host]\nisolation = \"ful\"":                    "policy.toml:2: isolation is \"ful\"",
		"[settings]\n\"A b\" = {value = \"1\"}":          "policy.toml:2: \"A b\" is not a setting's name",
		"message = ":                                     "policy.toml:1:",
		"message = \"" + strings.Repeat("x", 600) + "\"": "policy.toml:1: the message is longer",
	} {
		p, err := Parse([]byte(text), "policy.toml")
		if err == nil || !strings.HasPrefix(err.Error(), want) || p.Fault() == nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		for _, q := range []Question{{Ask: AskSend}, {Ask: AskOffer}, {Ask: AskDial}, {Ask: AskCompanion}, {Ask: AskSetting}, {Ask: AskGrant, Grant: "camera"}} {
			if v := p.Decide(q); v.Allowed || !strings.Contains(v.Reason, "policy.toml:") {
				t.Errorf("%q: %s is answered %+v", text, q.Ask, v)
			}
		}
		for _, q := range []Question{{Ask: AskEnable}, {Ask: AskCommand, Name: "history"}, {Ask: AskGrant, Grant: "peers"}, {Ask: AskIsolation}} {
			if v := p.Decide(q); !v.Allowed {
				t.Errorf("%q: history cannot be read: %s is answered %+v", text, q.Ask, v)
			}
		}
	}
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStrictestWins(t *testing.T) {
	main := file(t, "policy.toml", "message = \"first\"\n[plugin.a]\nenabled = false\n[settings]\nk = {value = \"1\", message = \"m\"}\n")
	more := file(t, "more.toml", "message = \"second\"\n[plugin.a]\nenabled = true\n[plugin.b]\ndeny_grants = [\"files\"]\n")
	extra := file(t, "extra.toml", "[plugin.a]\nenabled = true\n[plugin.b]\nenabled = false\nmessage = \"mine\"\n[settings]\nk = {value = \"2\"}\nl = {value = \"3\"}\n")
	p, err := Load([]string{main, filepath.Join(t.TempDir(), "absent.toml"), more}, extra)
	if err != nil {
		t.Fatal(err)
	}
	if v := p.Decide(Question{Ask: AskEnable, Plugin: "a"}); v.Allowed || v.Reason != "first" {
		t.Errorf("a: %+v", v)
	}
	if v := p.Decide(Question{Ask: AskEnable, Plugin: "b"}); v.Allowed || v.Reason != "mine" {
		t.Errorf("b: %+v", v)
	}
	if value, _, _ := p.Locked("k"); value != "1" {
		t.Errorf("an extra file changed a lock to %q", value)
	}
	if locks := p.Locks(); len(locks) != 2 || locks[1].Key != "l" || locks[1].File != extra || locks[1].Line != 8 {
		t.Errorf("%+v", locks)
	}
}

func TestQuota(t *testing.T) {
	one := file(t, "one.toml", "[plugin.im]\nquota_mb = 4096\n[plugin.\"*\"]\nquota_mb = 8192\n")
	two := file(t, "two.toml", "[plugin.im]\nquota_mb = 5000\n[plugin.board]\nquota_mb = 1\n")
	p, err := Load([]string{one, two}, "")
	if err != nil {
		t.Fatal(err)
	}
	for plugin, want := range map[string]int64{"im": 4096 << 20, "board": 1 << 20, "other": 8192 << 20} {
		if got := p.Quota(plugin); got != want {
			t.Errorf("%s may keep %d bytes, not %d", plugin, got, want)
		}
	}
	var none *Policy
	if none.Quota("im") != 0 || parse(t, rules).Quota("im") != 0 {
		t.Error("a quota that nobody said")
	}
	for _, bad := range []string{"0", "-1", "1048577"} {
		if _, err := Parse([]byte("[plugin.im]\nquota_mb = "+bad), "policy.toml"); err == nil || !strings.Contains(err.Error(), "policy.toml:2: quota_mb is") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	one := file(t, "one.toml", "[settings]\nk = {value = \"1\"}\n")
	two := file(t, "two.toml", "[settings]\nk = {value = \"2\"}\n")
	if _, err := Load([]string{one, two}, ""); err == nil || !strings.Contains(err.Error(), "already fixes") {
		t.Error(err)
	}
	if _, err := Load(nil, filepath.Join(t.TempDir(), "absent.toml")); err == nil {
		t.Error("a named file that does not exist was accepted")
	}
	if _, err := Load([]string{t.TempDir()}, ""); err == nil {
		t.Error("a folder was accepted")
	}
	// What could be read of the others stays in force.
	off := file(t, "off.toml", "[plugin.im]\nenabled = false\n")
	p, err := Load([]string{file(t, "bad.toml", "x = 1"), off}, "")
	if err == nil || p.Decide(Question{Ask: AskEnable, Plugin: "im"}).Allowed {
		t.Error(err)
	}
}

func TestCheckSettings(t *testing.T) {
	p := parse(t, rules)
	if p.CheckSettings(func(string, string) error { return nil }) != p {
		t.Error("a good policy changed")
	}
	bad := p.CheckSettings(func(key, _ string) error { return errors.New("there is no setting " + key) })
	if bad.Fault() == nil || !strings.Contains(bad.Fault().Error(), "policy.toml:23: there is no setting network.proxy") || p.Fault() != nil {
		t.Error(bad.Fault())
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rules))
	f.Add([]byte("[plugin.im]\nenabeld = false"))
	f.Add([]byte("plugin = {im = {deny_grants = []}}\n[settings.a]\nvalue = \"b\""))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data, "policy.toml")
		if (err != nil) != (p.Fault() != nil) {
			t.Fatalf("%v, but the fault is %v", err, p.Fault())
		}
		v := p.Decide(Question{Ask: AskSend, Plugin: "im"})
		if err != nil && v.Allowed {
			t.Fatal("a policy that cannot be read lets things out")
		}
		if !v.Allowed && v.Reason == "" {
			t.Fatal("a refusal without a reason")
		}
	})
}
