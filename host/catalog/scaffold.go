package catalog

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

//go:embed templates/*.tmpl
var templates embed.FS

var newName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

func scaffold(name, dir string) error {
	if !newName.MatchString(name) {
		return fmt.Errorf("%q cannot be a plugin's name; use lower-case letters, digits and dashes, at most 32, beginning with a letter", name)
	}
	to := filepath.Join(dir, name)
	if entries, err := os.ReadDir(to); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty; choose another name or folder", to)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("make the plugin %s: %w", name, err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return fmt.Errorf("make the plugin %s: %w", name, err)
	}
	entries, err := templates.ReadDir("templates")
	if err != nil {
		return fmt.Errorf("make the plugin %s: %w", name, err)
	}
	// Not text/template, which finds methods by name: where it is reachable the
	// linker keeps every method of every type, 3 MB of this program.
	fill := strings.NewReplacer("{{.Name}}", name, "{{.Title}}", title(name))
	for _, e := range entries {
		text, err := templates.ReadFile("templates/" + e.Name())
		if err != nil {
			return fmt.Errorf("make the plugin %s: %w", name, err)
		}
		file := filepath.Join(to, strings.TrimSuffix(e.Name(), ".tmpl"))
		if err := os.WriteFile(file, []byte(fill.Replace(string(text))), 0o644); err != nil {
			return fmt.Errorf("make the plugin %s: %w", name, err)
		}
	}
	return nil
}

// title is a name for people: "my-board" is "My board".
func title(name string) string {
	words := []rune(strings.ReplaceAll(name, "-", " "))
	words[0] = unicode.ToUpper(words[0])
	return string(words)
}
