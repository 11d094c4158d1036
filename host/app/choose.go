package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"switchboard/host/desktop"
	"switchboard/shared/model"
)

// maxListed is how much of a folder the window's own dialog lists of each kind.
const maxListed = 2000

// ChoosePicture lets the person choose a file with the desktop's own dialog; empty
// when they changed their mind. It fails where there is no such dialog.
func (a *App) ChoosePicture(ctx context.Context, title string) (string, error) {
	return desktop.ChoosePicture(ctx, title)
}

// ChooseExport is ChoosePicture for a file that a conversation was exported to.
func (a *App) ChooseExport(ctx context.Context, title string) (string, error) {
	return desktop.ChooseExport(ctx, title)
}

// Folder lists the subfolders and pictures of a folder for the window's own
// dialog; an empty path is where pictures are usually kept.
func (a *App) Folder(ctx context.Context, path string) (model.Folder, error) {
	if path == "" {
		path = picturesFolder()
	}
	if !filepath.IsAbs(path) {
		return model.Folder{}, fmt.Errorf("A folder is named by its whole path, not %.80q.", path)
	}
	path = filepath.Clean(path)
	d, err := os.Open(path)
	if err != nil {
		return model.Folder{}, fmt.Errorf("The folder %s cannot be read: %w", path, errors.Unwrap(err))
	}
	defer d.Close()
	out := model.Folder{Path: path}
	if path != filepath.Dir(path) {
		out.Parent = filepath.Dir(path)
	}
	for ctx.Err() == nil {
		list, err := d.ReadDir(256)
		for _, e := range list {
			addToFolder(&out, path, e)
		}
		if err != nil || out.More {
			break
		}
	}
	chosen := ""
	if a.settings != nil {
		chosen = a.settings.Get("appearance.language")
	}
	speaks := locale(chosen)
	itself := func(name string) string { return name }
	sortNames(speaks, out.Folders, itself, itself)
	sortNames(speaks, out.Files, itself, itself)
	return out, ctx.Err()
}

func addToFolder(out *model.Folder, path string, e os.DirEntry) {
	name := e.Name()
	if strings.HasPrefix(name, ".") {
		return
	}
	dir, file := e.IsDir(), e.Type().IsRegular()
	if e.Type()&os.ModeSymlink != 0 {
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil {
			return
		}
		dir, file = info.IsDir(), info.Mode().IsRegular()
	}
	switch {
	case dir && len(out.Folders) < maxListed:
		out.Folders = append(out.Folders, name)
	case file && isPicture(name) && len(out.Files) < maxListed:
		out.Files = append(out.Files, name)
	case dir || file && isPicture(name):
		out.More = true
	}
}

func isPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif":
		return true
	}
	return false
}

// picturesFolder is the person's folder for pictures, or their home.
func picturesFolder() string {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return "/"
	}
	for _, name := range []string{"Pictures", "Bilder"} {
		if info, err := os.Stat(filepath.Join(home, name)); err == nil && info.IsDir() {
			return filepath.Join(home, name)
		}
	}
	return home
}
