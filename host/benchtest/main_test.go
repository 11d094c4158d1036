package benchtest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// What the benchmarks run: bin is what make build made, tools is what TestMain
// builds beside it. Sockets need short paths, so everything lives below /tmp.
var bin, tools string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if flag.Lookup("test.bench").Value.String() == "" {
		return m.Run() // there are no tests: nothing to build for
	}
	dir, err := os.MkdirTemp("/tmp", "sbb")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	tools = dir
	if err := prepare(); err != nil {
		fmt.Fprintln(os.Stderr, "benchtest:", err)
		return 1
	}
	return m.Run()
}

// floors are the packages whose benchmarks measure floors.
var floors = []string{"switchboard/host/bridge", "switchboard/host/store", "switchboard/plugins/nats/server"}

func prepare() error {
	bin = os.Getenv("SWITCHBOARD_BIN")
	if bin == "" {
		bin = filepath.Join("..", "..", "bin")
	}
	var err error
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	for _, name := range []string{"switchboard", "switchboard-launch", "switchboard-plugins"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			return fmt.Errorf("%w: run make build first", err)
		}
	}
	for name, pkg := range map[string]string{
		"barewindow": "switchboard/ui/barewindow", "fixture": "switchboard/plugins/fixture",
		"probe/probe": "./testdata/probe", "tally/tally": "switchboard/examples/tally",
	} {
		if err := tool("build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(tools, name), pkg); err != nil {
			return err
		}
	}
	for _, pkg := range floors {
		if err := tool("test", "-c", "-o", floorProgram(pkg), pkg); err != nil {
			return err
		}
	}
	return errors.Join(
		copyFile("testdata/probe/plugin.toml", filepath.Join(tools, "probe", "plugin.toml")),
		copyFile("../../examples/tally/plugin.toml", filepath.Join(tools, "tally", "plugin.toml")))
}

func tool(args ...string) error {
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go %v: %w\n%s", args, err, out)
	}
	return nil
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

func floorProgram(pkg string) string { return filepath.Join(tools, filepath.Base(pkg)+".floor") }

var p50 = regexp.MustCompile(`([0-9.e+]+) p50-ns`)

// floor runs a benchmark of another package n times and gives its p50.
func floor(b *testing.B, pkg, name string, n int) time.Duration {
	b.Helper()
	cmd := exec.Command(floorProgram(pkg), "-test.run=^$", "-test.bench=^"+name+"$", "-test.benchtime="+strconv.Itoa(n)+"x")
	cmd.Dir = b.TempDir()
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
	found := p50.FindSubmatch(out)
	if found == nil {
		b.Fatalf("%s tells no p50:\n%s", name, out)
	}
	ns, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(ns)
}
