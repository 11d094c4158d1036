package app

import (
	"os"
	"path/filepath"
	"testing"

	"switchboard/host/catalog"
	"switchboard/host/policy"
	"switchboard/host/supervise"
)

// TestALongHistoryDoesNotStopTheChat: what comes with the program has room for
// years; what a user installed has a bound; rules go before both.
func TestALongHistoryDoesNotStopTheChat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.toml")
	if err := os.WriteFile(file, []byte("[plugin.board]\nquota_mb = 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Load([]string{file}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		id, origin string
		want       int64
	}{
		{"im", catalog.BuiltIn, supervise.InstalledQuota},
		{"im", catalog.System, supervise.InstalledQuota},
		{"tally", catalog.User, supervise.DefaultQuota},
		{"board", catalog.BuiltIn, 5 << 20},
		{"board", catalog.User, 5 << 20},
	} {
		if got := quotaOf(catalog.Entry{ID: v.id, Origin: v.origin}, rules); got != v.want {
			t.Errorf("%s of %s may keep %d, not %d", v.id, v.origin, got, v.want)
		}
	}
}
