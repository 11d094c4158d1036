// Package delivered puts the program's files where make build puts them, for
// tests that run the program as a person gets it. It owns no other knowledge of
// the program, and nothing but tests may use it.
package delivered

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Ready is the environment variable that names a folder in which everything is
// built already.
const Ready = "SWITCHBOARD_BIN"

var parts = []struct {
	out, pkg string
	static   bool
}{
	{"switchboard", "switchboard/host", false},
	{"switchboard-launch", "switchboard/host/launch", true},
	{"switchboard-plugins", "switchboard/plugins", true},
}

// Build makes the same files in dir as make build does in bin, and gives the
// folder in which they are.
func Build(dir string) (string, error) {
	if ready := os.Getenv(Ready); ready != "" {
		return filepath.Abs(ready)
	}
	for _, p := range parts {
		if err := Program(filepath.Join(dir, p.out), p.pkg, p.static); err != nil {
			return "", err
		}
	}
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "switchboard").Output()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	layout := exec.Command("go", "run", "switchboard/plugins/gen", "-layout", dir)
	layout.Dir = strings.TrimSpace(string(module)) // it reads the repository
	if out, err := layout.CombinedOutput(); err != nil {
		return "", fmt.Errorf("layout: %w\n%s", err, out)
	}
	return dir, nil
}

// Program builds one executable, without cgo if it is to be static.
func Program(out, pkg string, static bool) error {
	cmd := exec.Command("go", "build", "-tags", "grpcnotrace", "-o", out, pkg)
	cmd.Env = os.Environ()
	if static {
		cmd.Env = append(cmd.Env, "CGO_ENABLED=0")
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, said)
	}
	return nil
}
