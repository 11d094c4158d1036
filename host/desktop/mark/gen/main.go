// Command gen writes the program's icon, as a drawing and in the sizes that
// desktops ask for, into a folder: switchboard.svg and switchboard-<edge>.png. It owns
// the list of sizes; how the icon looks it does not know.
package main

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"switchboard/host/desktop/mark"
)

// Sizes are the edges of the pictures in pixels.
var Sizes = []int{16, 22, 24, 32, 48, 64, 128, 256, 512}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("icons: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "switchboard.svg"), mark.SVG(), 0o644); err != nil {
		return fmt.Errorf("icons: %w", err)
	}
	for _, edge := range Sizes {
		path := filepath.Join(dir, fmt.Sprintf("switchboard-%d.png", edge))
		if err := picture(path, edge); err != nil {
			return fmt.Errorf("icons: %w", err)
		}
	}
	return nil
}

func picture(path string, edge int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = png.Encode(f, mark.Draw(edge))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
