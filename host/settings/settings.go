// Package settings owns settings.toml of a profile: an integer version with
// ordered migrations, values checked against a schema, changes that act at once
// and are on the disk before Set returns. It knows which settings exist, never
// what they do; a plugin's settings come from its manifest by Define.
package settings

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"switchboard/shared/model"
)

// Lock says whether policy fixes a setting: the value in force and the
// administrator's sentence.
type Lock func(key string) (value, message string, locked bool)

// Store is one profile's settings. It is safe for concurrent use.
type Store struct {
	path string
	lock Lock
	// setting is held through a whole Set: watchers are told of changes in the
	// order in which they were made.
	setting sync.Mutex

	mu       sync.Mutex
	values   map[string]string // what the file holds, unknown keys included
	defs     map[string]Def
	order    []string
	backed   map[string]Backing
	watchers map[int]func(key, value string)
	next     int
}

// ErrUnknown is the error of a key that nobody declared.
var ErrUnknown = errors.New("there is no such setting")

// Open reads the settings of a profile, migrating an older file (a copy of it
// is kept as settings.toml.v<N>). A file from a newer program and one that
// cannot be understood are refused: they are never overwritten.
func Open(path string, lock Lock) (*Store, error) {
	values, err := load(path)
	if err != nil {
		return nil, err
	}
	if lock == nil {
		lock = func(string) (string, string, bool) { return "", "", false }
	}
	s := &Store{path: path, lock: lock, values: values, defs: map[string]Def{}, backed: map[string]Backing{}, watchers: map[int]func(string, string){}}
	s.Define(HostDefs())
	return s, nil
}

// Define adds or replaces declarations. A stored value that no longer fits its
// declaration counts as not set.
func (s *Store) Define(defs []Def) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range defs {
		if _, known := s.defs[d.Key]; !known {
			s.order = append(s.order, d.Key)
		}
		s.defs[d.Key] = d
	}
}

// Backing is where the value of a setting is that is no line of the file but a
// state of the system, which others change too. Its functions may be called from
// any goroutine and must not use the store.
type Backing struct {
	Get func() string // quick: it is asked for every snapshot
	Set func(value string) error
}

// Back makes a declared setting one of the system's. The administrator's lock
// still goes before it.
func (s *Store) Back(key string, b Backing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.backed[key] = b
}

// Get gives the value in force: policy's, the person's, or the default. An
// undeclared key has the value "".
func (s *Store) Get(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(key)
}

func (s *Store) get(key string) string {
	d, known := s.defs[key]
	if !known {
		return ""
	}
	if v, _, locked := s.lock(key); locked {
		return v
	}
	if b, ok := s.backed[key]; ok {
		if v, err := d.check(b.Get()); err == nil {
			return v
		}
		return d.Default
	}
	if v, ok := s.values[key]; ok {
		if v, err := d.check(v); err == nil {
			return v
		}
	}
	return d.Default
}

// Bool is Get for a setting of kind bool.
func (s *Store) Bool(key string) bool { return s.Get(key) == "true" }

// Set checks a value, writes the file and then tells the watchers, which must not
// set anything themselves.
func (s *Store) Set(key, value string) error {
	s.setting.Lock()
	defer s.setting.Unlock()
	s.mu.Lock()
	d, known := s.defs[key]
	if !known {
		s.mu.Unlock()
		return fmt.Errorf("%w: %q", ErrUnknown, key)
	}
	if _, message, locked := s.lock(key); locked {
		s.mu.Unlock()
		return fmt.Errorf("%s is fixed by the administrator: %s", key, message)
	}
	value, err := d.check(value)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	if err := s.keep(key, value); err != nil {
		s.mu.Unlock()
		if errors.Is(err, errSame) {
			return nil
		}
		return err
	}
	watchers := make([]func(string, string), 0, len(s.watchers))
	for _, n := range slices.Sorted(maps.Keys(s.watchers)) {
		watchers = append(watchers, s.watchers[n])
	}
	s.mu.Unlock()
	for _, f := range watchers {
		f(key, value)
	}
	return nil
}

// errSame says that there is nothing to keep.
var errSame = errors.New("the value is the same")

// keep puts a value where it is kept. A state of the system is made anew even
// where it is the same: what makes it so may have moved.
func (s *Store) keep(key, value string) error {
	if b, ok := s.backed[key]; ok {
		return b.Set(value)
	}
	if s.get(key) == value {
		return errSame
	}
	changed := maps.Clone(s.values)
	changed[key] = value
	if err := save(s.path, changed); err != nil {
		return fmt.Errorf("the setting %s could not be saved: %w", key, err)
	}
	s.values = changed
	return nil
}

// Check says whether key is declared and value fits it.
func (s *Store) Check(key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, known := s.defs[key]
	if !known {
		return fmt.Errorf("%w: %q", ErrUnknown, key)
	}
	_, err := d.check(value)
	return err
}

// List gives every setting that stands on a page, in order of declaration. A
// secret's value is never given: it reads "set" or is empty.
func (s *Store) List() []model.Setting {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := make([]model.Setting, 0, len(s.order))
	for _, key := range s.order {
		d := s.defs[key]
		if d.Hidden {
			continue
		}
		row := d.Setting
		row.Value = s.get(key)
		if row.Kind == model.SecretSetting && row.Value != "" {
			row.Value = "set"
		}
		if _, message, locked := s.lock(key); locked {
			row.Locked = message
		}
		rows = append(rows, row)
	}
	return rows
}

// With gives the values in force of all declared keys that begin with prefix,
// by the rest of the key.
func (s *Store) With(prefix string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]string{}
	for key := range s.defs {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			found[rest] = s.get(key)
		}
	}
	return found
}

// Watch calls f after every change, from the goroutine that made it, until cancel.
func (s *Store) Watch(f func(key, value string)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.next
	s.next++
	s.watchers[n] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, n)
	}
}

// writeFile replaces a file so that after a power cut there is the old or the
// new one, never a half: temporary file, fsync, rename, fsync of the folder.
func writeFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".settings-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, as it should
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
