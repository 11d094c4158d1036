package settings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBacking: a setting that is a state of the system is what that is now, is
// made so by Set even when it is the same, and yields to the administrator.
func TestBacking(t *testing.T) {
	const key = "startup.run"
	path := filepath.Join(t.TempDir(), "settings.toml")
	locked := false
	s, err := Open(path, func(string) (string, string, bool) { return "true", "Everybody is reachable here.", locked })
	if err != nil {
		t.Fatal(err)
	}
	state, sets, fault := "false", 0, error(nil)
	s.Back(key, Backing{Get: func() string { return state }, Set: func(v string) error {
		if fault == nil {
			state = v
			sets++
		}
		return fault
	}})
	told := ""
	s.Watch(func(k, v string) { told = k + "=" + v })
	for _, value := range []string{"true", "true", "off"} {
		if err := s.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if sets != 3 || state != "false" || told != key+"=false" {
		t.Errorf("set %d times to %s, told %s", sets, state, told)
	}
	state = "true" // by somebody else
	if !s.Bool(key) {
		t.Error("the state of the system does not count")
	}
	state = "nonsense"
	if s.Get(key) != "true" {
		t.Error("nonsense counts")
	}
	fault, state = errors.New("the disk is full"), "false"
	if err := s.Set(key, "true"); !errors.Is(err, fault) || s.Bool(key) {
		t.Errorf("it failed with %v and is %s", err, s.Get(key))
	}
	fault, locked = nil, true
	if err := s.Set(key, "false"); err == nil || !strings.Contains(err.Error(), "administrator") || sets != 3 || !s.Bool(key) {
		t.Errorf("locked: %v, set %d times, %s", err, sets, s.Get(key))
	}
	if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), "startup") {
		t.Errorf("the file holds what is not its own:\n%s", data)
	}
}
