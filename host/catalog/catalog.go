// Package catalog knows which plugins are installed, from their manifests alone:
// it reads folders and never executes anything. It also helps plugin authors to
// begin (New) and to check (Check). Whether a plugin may run is policy's matter.
package catalog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"switchboard/shared/manifest"
)

// The origins of a folder, as the plugins page names them.
const (
	BuiltIn = "built-in"
	System  = "system"
	User    = "user"
)

// Bounds of one folder of plugins: how many plugins are read of it, and how many
// names are looked at to find them.
const (
	maxEntries = 512
	maxNames   = 8 * maxEntries
)

// Folder holds plugins, one sub-folder each.
type Folder struct{ Path, Origin string }

// Entry is one installed plugin. With Err set it cannot be used; the manifest is
// then nil or only there to be shown.
type Entry struct {
	ID       string // the sub-folder's name; of a folder of plugins that has a fault its path
	Manifest *manifest.Manifest
	Dir      string // absolute
	Origin   string
	Err      error
}

// knownOff are powers over somebody's screen: on only after a person says so.
var knownOff = []string{"appshare", "whiteboard", "assist"}

// knownNames are what people call them while they are not installed.
var knownNames = map[string]string{"appshare": "Application sharing", "whiteboard": "Whiteboard", "assist": "Remote assistance"}

// Absent are the plugins that are known as off by default and are not among the
// installed ones: ids with their names, in a fixed order.
func Absent(installed []Entry) (out [][2]string) {
	for _, id := range knownOff {
		if !slices.ContainsFunc(installed, func(e Entry) bool { return e.ID == id }) {
			out = append(out, [2]string{id, knownNames[id]})
		}
	}
	return out
}

// KnownOff tells whether an id is off by default whatever its manifest says.
func KnownOff(id string) bool { return slices.Contains(knownOff, id) }

// DefaultOn tells whether the plugin is on until somebody decides.
func (e Entry) DefaultOn() bool {
	return e.Err == nil && e.Manifest.DefaultOn && !KnownOff(e.ID)
}

// Scan reads the folders in order; the first that has an id wins it. Folders
// that do not exist are left out; a plugin that cannot be used is an entry with
// its error. Sorted by folder, then id.
func Scan(folders []Folder) []Entry {
	var all []Entry
	seen := map[string]bool{}
	for _, folder := range folders {
		for _, e := range scanFolder(folder) {
			if !seen[e.ID] {
				seen[e.ID] = true
				all = append(all, e)
			}
		}
	}
	return all
}

func scanFolder(folder Folder) []Entry {
	path, err := filepath.Abs(folder.Path)
	if err != nil {
		return []Entry{faulty(folder, folder.Path, err)}
	}
	dir, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return []Entry{faulty(folder, path, err)}
	}
	defer dir.Close()
	var entries []Entry
	names, err := dir.Readdirnames(maxNames)
	if err != nil && err != io.EOF { // what was read before it is not lost
		entries = append(entries, faulty(folder, path, err))
	}
	slices.Sort(names)
	found := 0
	for _, name := range names {
		e, is := scanOne(folder, path, name)
		if !is {
			continue
		}
		if found++; found <= maxEntries {
			entries = append(entries, e)
		}
	}
	if found > maxEntries || len(names) == maxNames {
		entries = append(entries, faulty(folder, path, fmt.Errorf("more than %d plugins or %d files lie in it; the rest is not looked at", maxEntries, maxNames)))
	}
	return entries
}

// faulty is a folder of plugins that could not be read, or not all of it.
func faulty(folder Folder, path string, err error) Entry {
	return Entry{ID: path, Dir: path, Origin: folder.Origin, Err: fmt.Errorf("this folder of plugins cannot be read: %w", err)}
}

// scanOne reads what lies in a folder of plugins under a name, if it is a plugin.
func scanOne(folder Folder, path, name string) (e Entry, is bool) {
	if name[0] == '.' {
		return e, false
	}
	e = Entry{ID: name, Dir: filepath.Join(path, name), Origin: folder.Origin}
	info, err := os.Stat(e.Dir)
	if err != nil {
		if _, gone := os.Lstat(e.Dir); gone != nil {
			return e, false // removed meanwhile
		}
		e.Err = fmt.Errorf("the plugin's folder cannot be read: %w", err)
		return e, true
	}
	if !info.IsDir() {
		return e, false
	}
	e.Manifest, e.Err = load(e.Dir, name)
	return e, true
}

func load(dir, name string) (*manifest.Manifest, error) {
	m, err := manifest.Load(dir)
	if err != nil {
		return nil, err
	}
	if m.ID != name {
		return nil, fmt.Errorf("%s: the folder is called %q but the id is %q; rename one of them",
			filepath.Join(dir, manifest.FileName), name, m.ID)
	}
	if _, err := Program(dir, m.Exec); err != nil {
		return m, err
	}
	return m, nil
}

// interpreterDirs are the only places where an interpreter is looked for: a
// person's PATH must not decide what a plugin runs on.
var interpreterDirs = []string{"/usr/local/bin", "/usr/bin", "/bin"}

// Program finds what exec names: a regular executable file in the plugin's
// folder (a link to one is fine), or an interpreter of this system followed by a
// file in the folder. The result is absolute.
func Program(dir string, exec []string) (string, error) {
	if len(exec) == 0 {
		return "", errors.New("the manifest names no program")
	}
	own := filepath.Join(dir, exec[0])
	if info, err := os.Stat(own); err == nil {
		if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
			return "", fmt.Errorf("%s is not an executable file", own)
		}
		return own, nil
	}
	if len(exec) < 2 {
		return "", fmt.Errorf("%s does not exist; build the plugin or correct exec in its manifest", own)
	}
	script := filepath.Join(dir, exec[1])
	if info, err := os.Stat(script); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s does not exist, and exec names no file in the folder", script)
	}
	for _, d := range interpreterDirs {
		path := filepath.Join(d, exec[0])
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("the interpreter %q is not installed on this computer", exec[0])
}
