package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"switchboard/shared/manifest"
	"switchboard/shared/strict"
)

// maxFiles bounds how much of a folder is looked at.
const maxFiles = 4096

func check(dir string) []Problem {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return []Problem{problem(dir, err)}
	}
	m, err := manifest.Load(dir)
	if err != nil {
		return []Problem{problem(dir, err)}
	}
	c := checker{dir: dir, m: m}
	c.program("exec", m.Exec)
	if len(m.Companion.Exec) > 0 {
		c.program("companion", m.Companion.Exec)
	}
	c.files()
	c.wording()
	return c.problems
}

// problem keeps file and line of a manifest's fault.
func problem(dir string, err error) Problem {
	var f *strict.Fault
	if errors.As(err, &f) {
		return Problem{File: f.File, Line: f.Line, Message: f.Message}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return Problem{File: filepath.Join(dir, manifest.FileName), Message: "there is no manifest; `switchboard plugin new NAME` makes one"}
	}
	return Problem{File: filepath.Join(dir, manifest.FileName), Message: err.Error()}
}

// checker collects what an author should look at.
type checker struct {
	dir      string
	m        *manifest.Manifest
	problems []Problem
}

func (c *checker) add(file string, warning bool, format string, args ...any) {
	c.problems = append(c.problems, Problem{File: file, Message: fmt.Sprintf(format, args...), Warning: warning})
}

func (c *checker) manifestSays(warning bool, format string, args ...any) {
	c.add(filepath.Join(c.dir, manifest.FileName), warning, format, args...)
}

// program looks at the first bytes of what would be executed.
func (c *checker) program(key string, exec []string) {
	path, err := Program(c.dir, exec)
	if err != nil {
		c.manifestSays(false, "%s: %v", key, err)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		c.add(path, false, "the program cannot be read: %v", err)
		return
	}
	defer f.Close()
	start := make([]byte, 4)
	n, _ := f.Read(start)
	switch {
	case bytes.HasPrefix(start[:n], []byte("#!")):
		c.add(path, false, "a script cannot be executed by itself; write exec = [\"interpreter\", %q]", filepath.Base(path))
	case runtime.GOOS == "linux" && !bytes.Equal(start[:n], []byte("\x7fELF")):
		c.add(path, false, "this is not a program for this computer")
	}
}

// files looks for what a host would refuse to copy, and for what others may write.
func (c *checker) files() {
	count := 0
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if count++; count > maxFiles {
			return fmt.Errorf("the folder holds more than %d files", maxFiles)
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() && !d.IsDir() {
			c.add(path, false, "this is neither a file nor a folder, or a link to a folder; a host does not copy it")
			return nil
		}
		if info.Mode().Perm()&0o022 != 0 {
			c.add(path, true, "others on this computer may write to it")
		}
		return nil
	})
	if err != nil {
		c.add(c.dir, false, "the folder cannot be read: %v", err)
	}
}

// wording looks at what people will see.
func (c *checker) wording() {
	m := c.m
	if base := filepath.Base(c.dir); base != m.ID {
		c.manifestSays(true, "it must be installed in a folder called %q, not %q", m.ID, base)
	}
	if m.Summary == "" {
		c.manifestSays(true, "without a summary people do not know what it does")
	}
	if m.Publisher == "" || m.License == "" {
		c.manifestSays(true, "publisher and license are not said")
	}
	if m.Icon == "" && m.Kind == manifest.Feature {
		c.manifestSays(true, "there is no icon")
	}
	if m.Session.Offered() && len(m.Actions) == 0 {
		c.manifestSays(true, "sessions begin with an offer, but no [[action]] makes one")
	}
	if m.DefaultOn && KnownOff(m.ID) {
		c.manifestSays(true, "%q is off until a person switches it on, whatever default says", m.ID)
	}
	if m.Kind == manifest.Network && !slices.ContainsFunc(m.Grants, func(g manifest.Grant) bool { return g.Name == manifest.GrantNetwork }) {
		c.manifestSays(true, "a network plugin without the grant \"network\" cannot dial")
	}
}
