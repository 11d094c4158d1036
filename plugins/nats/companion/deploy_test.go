package companion

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
)

const deployFolder = "../../../deploy"

// deployPlan is what deploy/ shows: the files of a network on three machines,
// without keys.
func deployPlan() *clusterPlan {
	p := &clusterPlan{Name: "office", At: "/etc/switchboard/office", Replicas: 2, values: map[string]string{}}
	for _, n := range []string{"1", "2", "3"} {
		p.Servers = append(p.Servers, serverPlan{Name: "n" + n, Host: "n" + n + ".example.org", Port: clientPort, Cluster: clusterPort})
	}
	for _, k := range []string{"network", "sys", "core", "users", "issuer", "xkey"} {
		p.values[k], p.values[k+"_seed"] = "PUBLIC-KEY-"+strings.ToUpper(k), "SECRET-SEED-"+strings.ToUpper(k)
	}
	return p
}

// TestDeployIsWhatInitClusterWrites compares deploy/ with the generator; with
// SWITCHBOARD_RENEW it writes deploy/ anew.
func TestDeployIsWhatInitClusterWrites(t *testing.T) {
	want, err := deployPlan().render()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("SWITCHBOARD_RENEW") != "" {
		for name, text := range want {
			path := filepath.Join(deployFolder, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	var have []string
	if err := filepath.WalkDir(deployFolder, func(path string, d os.DirEntry, err error) error {
		switch {
		case err == nil && d.Name() == "desktop": // what a package brings is not of clusters
			return filepath.SkipDir
		case err != nil || d.IsDir() || d.Name() == "README.md" || d.Name() == "switchboard-network.service":
			return err
		}
		name, err := filepath.Rel(deployFolder, path)
		if err != nil {
			return err
		}
		have = append(have, name)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if want[name] != string(data) {
			t.Errorf("deploy/%s is not what init-cluster writes; renew it with SWITCHBOARD_RENEW=1", name)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(have) != len(want) {
		t.Errorf("deploy/ has %v, init-cluster writes %d files", have, len(want))
	}
}

// TestInitClusterWritesTheSameFiles runs the command itself.
func TestInitClusterWritesTheSameFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "office")
	args := []string{dir, "--name", "office", "--servers", "n1.example.org,n2.example.org,n3.example.org", "--at", "/etc/switchboard/office"}
	var out bytes.Buffer
	if err := initCluster(context.Background(), args, &out, hclog.NewNullLogger()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "network.key") {
		t.Errorf("nobody is told to keep the key: %q", out.String())
	}
	public := regexp.MustCompile(`\b(U|A|X)[A-Z2-7]{55}\b|key = "[A-Za-z0-9_-]{43}"`)
	secretSeed := regexp.MustCompile(`S[UAX][A-Z2-7]{56}`)
	want, err := deployPlan().render()
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(`key = "PUBLIC-KEY-NETWORK"|PUBLIC-KEY-[A-Z]+|SECRET-SEED-[A-Z]+`)
	var names []string
	for name, text := range want {
		names = append(names, name)
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got := public.ReplaceAllString(secretSeed.ReplaceAllString(string(data), "…"), "…")
		if got != plain.ReplaceAllString(text, "…") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	sort.Strings(names)
	for _, name := range append(names, "network.key", "n1/server.key", "replica-2/services.toml") {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := initCluster(context.Background(), args, &out, hclog.NewNullLogger()); err == nil {
		t.Error("a folder is written over")
	}
	before, err := os.ReadFile(filepath.Join(dir, "n2", "server.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := initCluster(context.Background(), []string{dir, "--renew"}, &out, hclog.NewNullLogger()); err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "n2", "server.crt")); err != nil || bytes.Equal(before, after) {
		t.Errorf("the certificate is not new: %v", err)
	}
	for _, bad := range [][]string{
		{"--name", "Office"}, {"--name", "office", "--servers", "one"}, {"--name", "office", "--servers", "a,b"},
		{"--name", "office", "--servers", "a,b,c:99999"}, {"--name", "office", "--servers", "a,b,c\"d"}, {"--name", "office", "--servers", "a,b,c", "--replicas", "0"},
		{"--renew"}, {"--nonsense"},
	} {
		if err := initCluster(context.Background(), append([]string{filepath.Join(t.TempDir(), "x")}, bad...), &out, hclog.NewNullLogger()); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

func TestFillUsesAllItIsGiven(t *testing.T) {
	got, err := fill("a={{a}} {{b c}}{{a}}", map[string]string{"a": "{{b c}}", "b c": "2"})
	if err != nil || got != "a={{b c}} 2{{b c}}" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []struct {
		text   string
		values map[string]string
		says   string
	}{
		{"{{a}}{{b}}", map[string]string{"a": "1"}, "{{b"},
		{"{{a}}", map[string]string{"a": "1", "b": "2", "c": "3"}, "b, c"},
		{"{{a", map[string]string{"a": "1"}, "{{a"},
		{"{{ a}}", map[string]string{"a": "1"}, "{{ a"},
	} {
		if got, err := fill(bad.text, bad.values); err == nil || !strings.Contains(err.Error(), bad.says) || got != "" {
			t.Errorf("%s with %v: %q, %v", bad.text, bad.values, got, err)
		}
	}
}
