package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestLeavesOutWhatIsNamed(t *testing.T) {
	root, bin := t.TempDir(), t.TempDir()
	write(t, filepath.Join(root, "plugins/im/plugin.toml"), "id = \"im\"\nexec = \"im\"\n")
	write(t, filepath.Join(root, "plugins/nats/plugin.toml"), "id = \"nats\"\nexec = \"nats\"\n[companion]\nexec = [\"nats\", \"companion\"]\n")
	out := filepath.Join(bin, "imports_gen.go")
	if err := run(root, nil, out, bin); err != nil {
		t.Fatal(err)
	}
	source, _ := os.ReadFile(out)
	for _, want := range []string{`im "switchboard/plugins/im"`, `"im":   {plugin: im.Main}`, `{plugin: nats.Main, companion: nats.CompanionMain}`} {
		if !strings.Contains(string(source), want) {
			t.Errorf("%s is not in\n%s", want, source)
		}
	}
	if to, err := os.Readlink(filepath.Join(bin, "plugins/im/im")); err != nil || to != "../../switchboard-plugins" {
		t.Errorf("link to %q, %v", to, err)
	}
	if err := run(root, []string{"im"}, out, bin); err != nil {
		t.Fatal(err)
	}
	source, _ = os.ReadFile(out)
	if strings.Contains(string(source), "plugins/im") {
		t.Error("what is left out is still imported")
	}
	if _, err := os.Stat(filepath.Join(bin, "plugins/im")); !os.IsNotExist(err) {
		t.Error("what is left out still has a folder")
	}
	if err := run(root, []string{"imm"}, out, bin); err == nil {
		t.Error("a misspelt name was accepted")
	}
}
