package manifest

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"switchboard/shared/strict"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const full = `id = "im"
name = "Messages"
version = "0.1.0"
summary = "Talk."
publisher = "Switchboard"
license = "Apache-2.0"
kind = "feature"
contract = 1
exec = "im"
protocol = 2
accepts = [1, 2]
icon = "M4 4h16v16z"
resident = true
default = "off"
search = true

[session]
kind = "offer"
ends = "owner"
offer_ttl = "90s"
max_members = 8

[[grant]]
name = "secrets"
why = "Keeps a key."
optional = true

[[action]]
id = "start"
title = "Whiteboard"
icon = "brush"

[[command]]
name = "send"
scope = "session"
summary = "Sends a message."
args = [{name = "text", type = "string", required = true, max = 32768}, {name = "times", type = "int"}]

[[setting]]
key = "typing"
title = "Tell that I type"
kind = "bool"
default = true

[[setting]]
key = "size"
title = "Size"
kind = "int"
default = "5"
min = 1
max = 9

[[setting]]
key = "sort"
title = "Order"
kind = "choice"
default = "new"
choices = [{id = "new", text = "Newest first"}, {id = "old", text = "Oldest first"}]
`

const network = `id = "nats"
name = "NATS"
version = "1.0.0-rc.1"
kind = "network"
contract = 1
exec = ["python3", "main.py", "sub/file"]
[companion]
exec = ["nats", "companion"]
[[grant]]
name = "network"
why = "Goes online."
`

func TestParse(t *testing.T) {
	m, err := Parse([]byte(full), "plugin.toml")
	if err != nil {
		t.Fatal(err)
	}
	want := &Manifest{
		ID: "im", Name: "Messages", Version: "0.1.0", Summary: "Talk.", Publisher: "Switchboard", License: "Apache-2.0",
		Kind: Feature, Contract: 1, Exec: []string{"im"}, Protocol: 2, Accepts: []int{1, 2}, Icon: "M4 4h16v16z",
		Resident: true, Search: true,
		Session:  Session{Kind: Offer, Ends: EndOwner, OfferTTL: 90 * time.Second, MaxMembers: 8},
		Grants:   []Grant{{"secrets", "Keeps a key.", true}},
		Actions:  []Action{{"start", "Whiteboard", "brush"}},
		Commands: []Command{{"send", true, "Sends a message.", []Arg{{Name: "text", Type: "string", Required: true, Max: 32768}, {Name: "times", Type: "int"}}}},
		Settings: []Setting{
			{Key: "typing", Title: "Tell that I type", Kind: "bool", Default: "true"},
			{Key: "size", Title: "Size", Kind: "int", Default: "5", Min: 1, Max: 9},
			{Key: "sort", Title: "Order", Kind: "choice", Default: "new", Choices: []Choice{{"new", "Newest first"}, {"old", "Oldest first"}}},
		},
	}
	if !reflect.DeepEqual(m, want) {
		t.Fatalf("%+v\nnot\n%+v", m, want)
	}
	if m.Capability() != "im/2" || !m.Speaks(1) || m.Speaks(3) || !m.Session.Offered() || m.Session.Standing() || m.Session.Solo() {
		t.Fatal("what follows from the manifest is wrong")
	}
	if c, ok := m.Command("send"); !ok || !c.Session {
		t.Fatal("the command is not found")
	}
	if _, ok := m.Grant("camera"); ok {
		t.Fatal("a grant that nobody asked for")
	}
	if s, ok := m.Setting("size"); !ok || s.Check("10") == nil || s.Check("9") != nil || s.Check("x") == nil {
		t.Fatal("the bounds of a number do not hold")
	}
}

func TestParseNetwork(t *testing.T) {
	m, err := Parse([]byte(network), "plugin.toml")
	if err != nil {
		t.Fatal(err)
	}
	if m.Kind != Network || len(m.Companion.Exec) != 2 || len(m.Exec) != 3 || m.Session.Kind != NoSession ||
		m.Protocol != 1 || !reflect.DeepEqual(m.Accepts, []int{1}) || !m.DefaultOn {
		t.Fatalf("%+v", m)
	}
}

// Each row changes one line of the full manifest; the fault names it.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{`id = "im"`, `id = "IM"`, ":1: \"id\""},
		{`id = "im"`, ``, "\"id\""},
		{`name = "Messages"`, `name = "  "`, ":2: \"name\" is missing"},
		{`name = "Messages"`, `name = "a\u0007"`, ":2: \"name\" holds"},
		{`name = "Messages"`, `name = "\u202egnp.eno"`, ":2: \"name\" holds"},
		{`version = "0.1.0"`, `version = "1"`, ":3:"},
		{`kind = "feature"`, `kind = "game"`, ":7: \"kind\" is \"game\"; it must be one of feature, network"},
		{`contract = 1`, `contract = 2`, ":8: the plugin needs contract 2"},
		{`exec = "im"`, `exec = "../im"`, ":9:"},
		{`exec = "im"`, `exec = "/bin/sh"`, ":9:"},
		{`exec = "im"`, `exec = ["sh", "../x"]`, ":9:"},
		{`exec = "im"`, `exec = ["sh", "/etc/passwd"]`, ":9:"},
		{`exec = "im"`, `exec = []`, ":9:"},
		{`exec = "im"`, `exec = [1]`, ":9:"},
		{`exec = "im"`, `exec = 1`, ":9:"},
		{`protocol = 2`, `protocol = 0`, ":10:"},
		{`accepts = [1, 2]`, `accepts = [1]`, ":11: the plugin's own protocol 2"},
		{`accepts = [1, 2]`, `accepts = [-1, 2]`, ":11:"},
		{`icon = "M4 4h16v16z"`, `icon = "<svg>"`, ":12:"},
		{`default = "off"`, `default = "maybe"`, ":14:"},
		{`search = true`, `serach = true`, ":15: unknown key \"serach\""},
		{`kind = "offer"`, `kind = "sometimes"`, ":18:"},
		{`ends = "owner"`, `ends = "soon"`, ":19:"},
		{`offer_ttl = "90s"`, `offer_ttl = "0s"`, ":20:"},
		{`offer_ttl = "90s"`, `offer_ttl = "48h"`, ":20:"},
		{`max_members = 8`, `max_members = -1`, ":21:"},
		{`name = "secrets"`, `name = "everything"`, ":24: "},
		{`why = "Keeps a key."`, ``, ":23: \"grant[0].why\" is missing"},
		{`name = "secrets"`, `name = "network"`, "network plugins only"},
		{`id = "start"`, `id = "Start"`, ":29:"},
		{`scope = "session"`, `scope = "all"`, ":35:"},
		{`type = "int"`, `type = "float"`, ":37:"},
		{`name = "times"`, `name = "text"`, "there twice"},
		{`default = true`, `default = "yes"`, ":43: the default does not fit"},
		{`default = "5"`, `default = "0"`, ":49:"},
		{`default = "new"`, `default = "best"`, ":57:"},
		{`key = "size"`, `key = "typing"`, ":45: \"typing\" is there twice"},
		{`[[grant]]`, "[companion]\nexec = \"im\"\n[[grant]]", "only a network plugin"},
	} {
		text := strings.Replace(full, c.from, c.to, 1)
		_, err := Parse([]byte(text), "plugin.toml")
		var fault *strict.Fault
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s → %s: %v", c.from, c.to, err)
		}
	}
	if _, err := Parse([]byte(network+"\n[session]\nkind = \"standing\"\n"), "f"); err == nil {
		t.Error("a network plugin has sessions")
	}
}

func TestSettingCheck(t *testing.T) {
	text := Setting{Key: "t", Kind: "text", Max: 3}
	if text.Check("abc") != nil || text.Check("abcd") == nil || text.Check("\xff") == nil {
		t.Error("text")
	}
	if (Setting{Key: "b", Kind: "bool"}).Check("1") == nil {
		t.Error("bool")
	}
	if (Setting{Key: "n", Kind: "int"}).Check("-12345") != nil {
		t.Error("an int without bounds")
	}
	if (Setting{Key: "s", Kind: "secret"}).Check(strings.Repeat("x", MaxSettingValue+1)) == nil {
		t.Error("length")
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(full), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err := Load(dir); err != nil || m.ID != "im" {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), make([]byte, strict.MaxFile+10), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Fatal(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(network))
	f.Add([]byte("exec = [[]]\n[[setting]]\nkind = \"choice\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data, "plugin.toml")
		if err != nil {
			var fault *strict.Fault
			if !errors.As(err, &fault) || m != nil {
				t.Fatalf("%v with %+v", err, m)
			}
			return
		}
		if !idPattern.MatchString(m.ID) || len(m.Exec) == 0 || !m.Speaks(m.Protocol) || m.Name == "" {
			t.Fatalf("accepted %+v", m)
		}
		for _, s := range m.Settings {
			if err := s.Check(s.Default); err != nil {
				t.Fatal(err)
			}
		}
	})
}
