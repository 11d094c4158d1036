package catalog

import (
	"errors"
	"path/filepath"

	"switchboard/shared/manifest"
	"switchboard/shared/strict"
)

func check(dir string) []Problem {
	m, err := manifest.Load(dir)
	if err != nil {
		return []Problem{problem(dir, err)}
	}
	if _, err := Program(dir, m.Exec); err != nil {
		return []Problem{problem(dir, err)}
	}
	return nil
}

// problem keeps file and line of a manifest's fault.
func problem(dir string, err error) Problem {
	var f *strict.Fault
	if errors.As(err, &f) {
		return Problem{File: f.File, Line: f.Line, Message: f.Message}
	}
	return Problem{File: filepath.Join(dir, manifest.FileName), Message: err.Error()}
}
