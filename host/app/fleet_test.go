package app

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

func TestAccountNamesComeFromTheSystemAccount(t *testing.T) {
	for _, c := range []struct{ username, gecos, name, display string }{
		{"alice", "Alice Adams,Room 2,555", "alice", "Alice Adams"},
		{"Alice.Adams", "", "alice-adams", "alice-adams"},
		{`CORP\bob`, "Bob", "bob", "Bob"},
		{"carol@corp.example", "Carol", "carol", "Carol"},
		{"_dave", " ", "dave", "dave"},
		{strings.Repeat("x", 40), "", strings.Repeat("x", 32), strings.Repeat("x", 32)},
	} {
		name, display, err := accountName(&user.User{Username: c.username, Name: c.gecos})
		if err != nil || name != c.name || display != c.display {
			t.Errorf("%s: %q, %q, %v", c.username, name, display, err)
		}
	}
	for _, bad := range []string{"", "___", "ёлка", `CORP\`} {
		if name, _, err := accountName(&user.User{Username: bad}); err == nil {
			t.Errorf("%q gives %q", bad, name)
		}
	}
}

func TestSetupFileIsReadStrictly(t *testing.T) {
	dir := t.TempDir()
	if f, err := loadFleet(filepath.Join(dir, "none")); f != nil || err != nil {
		t.Errorf("without a file: %v, %v", f, err)
	}
	for text, says := range map[string]string{
		"server = \"x\"\n": "token is missing",
		"token = \"x\"\n":  "server is missing",
		"server = \"x\"\ntoken = \"y\"\nuser = \"z\"\n": ":3: unknown key",
		"server = x": ":1:",
	} {
		path := filepath.Join(dir, "setup.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadFleet(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
