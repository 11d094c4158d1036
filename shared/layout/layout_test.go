package layout_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

type pkg struct {
	ImportPath, Doc                    string
	Imports, TestImports, XTestImports []string
	GoFiles                            []string
}

// own says which of our packages a package may import: the first row whose
// prefix fits decides.
var own = []struct {
	prefix string
	may    []string
	why    string
}{
	{"switchboard/shared/contract", nil, "the contract imports nothing of ours"},
	{"switchboard/shared/", []string{"switchboard/shared/"}, "shared imports shared only"},
	{"switchboard/sdk", []string{"switchboard/shared/", "switchboard/sdk"}, "sdk builds on shared"},
	{"switchboard/plugins/gen", nil, "the generator stands alone"},
	{"switchboard/plugins", []string{"switchboard/sdk", "switchboard/shared/model", "switchboard/shared/contract/v1", "switchboard/plugins/"}, "plugins use what third parties use"},
	{"switchboard/examples", []string{"switchboard/sdk"}, "examples are third parties"},
	{"switchboard/ui", []string{"switchboard/ui", "switchboard/shared/"}, "the window never imports the host"},
	{"switchboard/host/", []string{"switchboard/host/", "switchboard/shared/"}, "host packages build on shared"},
	{"switchboard/host", []string{"switchboard/host/", "switchboard/shared/", "switchboard/ui"}, "host/main.go joins host and window"},
}

// foreign says in which of our packages a library may appear.
var foreign = []struct {
	prefix string
	in     []string
}{
	{"gioui.org", []string{"switchboard/ui"}},
	{"github.com/nats-io/", []string{"switchboard/plugins/nats"}},
	{"github.com/pion/", []string{"switchboard/sdk/rtc"}},
	{"github.com/hashicorp/go-plugin", []string{"switchboard/sdk", "switchboard/host/bridge"}},
	{"golang.org/x/net/proxy", []string{"switchboard/host/dial"}},
	{"github.com/godbus/dbus", []string{"switchboard/shared/bus", "switchboard/ui", "switchboard/host/desktop", "switchboard/host/desktest"}},
	{"modernc.org/sqlite", []string{"switchboard/host/store", "switchboard/plugins/"}},
}

func list(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Imports,TestImports,XTestImports,GoFiles", "switchboard/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	for _, p := range list(t) {
		for _, imp := range p.Imports {
			checkOwn(t, p.ImportPath, imp)
			checkForeign(t, p.ImportPath, imp)
		}
	}
}

func checkOwn(t *testing.T, path, imp string) {
	if !strings.HasPrefix(imp, "switchboard/") {
		return
	}
	for _, r := range own {
		if !strings.HasPrefix(path, r.prefix) {
			continue
		}
		for _, m := range r.may {
			if imp == strings.TrimSuffix(m, "/") || strings.HasPrefix(imp, m) {
				return
			}
		}
		t.Errorf("%s imports %s: %s", path, imp, r.why)
		return
	}
	t.Errorf("%s has no rule: add it to the table and to docs/architecture.md", path)
}

func checkForeign(t *testing.T, path, imp string) {
	for _, r := range foreign {
		if !strings.HasPrefix(imp, r.prefix) {
			continue
		}
		for _, in := range r.in {
			if strings.HasPrefix(path, in) {
				return
			}
		}
		t.Errorf("%s imports %s, which belongs in %v only", path, imp, r.in)
	}
}

func TestEveryPackageIsDocumented(t *testing.T) {
	for _, p := range list(t) {
		if len(p.GoFiles) > 0 && len(p.Doc) < 30 {
			t.Errorf("%s: its package comment must say what it owns and what it must not know", p.ImportPath)
		}
	}
}
