package catalog

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
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
	parsed, err := template.ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return fmt.Errorf("make the plugin %s: %w", name, err)
	}
	for _, t := range parsed.Templates() {
		var text bytes.Buffer
		if err := t.Execute(&text, map[string]string{"Name": name, "Title": title(name)}); err != nil {
			return fmt.Errorf("make the plugin %s: %w", name, err)
		}
		file := filepath.Join(to, strings.TrimSuffix(t.Name(), ".tmpl"))
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
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
