// Package drop owns what comes into the window from other programs: files and
// pictures that are dropped on it, and pictures on the clipboard. Gio knows
// neither. It speaks the protocols of X11 and bounds every size and time that the
// other program decides; it must not know what a drop means, nor open a file.
// Elsewhere than under X11 there is nothing, and nothing fails.
package drop

import (
	"errors"
	"image"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Bounds of what another program can hand over.
const (
	// MaxData bounds a picture in bytes.
	MaxData = 32 << 20
	// MaxFiles bounds the files of one drop; more are left out.
	MaxFiles = 100
	// maxList bounds the list of files in bytes.
	maxList = 1 << 20
	// patience is how long another program may take for the next piece.
	patience = 3 * time.Second
	// whole is how long it may take for all of them.
	whole = 30 * time.Second
)

// ErrNone says that the clipboard holds no picture, or that there is none of the
// kind that can be read here.
var ErrNone = errors.New("there is no picture on the clipboard")

// Dropped is what was let go over the window: files by their paths, or the bytes
// of a picture (PNG or JPEG). At is where, in pixels of the window.
type Dropped struct {
	Files   []string
	More    bool // there were more than MaxFiles, or some were not files of this computer
	Picture []byte
	At      image.Point
}

// Handler takes what happens. Its functions are called from a goroutine of the
// Watcher, one at a time, and must not block.
type Handler struct {
	// Over says that something that can be taken is held over the window, and tells
	// whether it may be dropped there; Left that it is no longer.
	Over func(at image.Point) bool
	Left func()
	// Drop takes what was dropped. Failed says that it could not be read.
	Drop   func(Dropped)
	Failed func(error)
}

// files are the paths in a list of the type text/uri-list (RFC 2483), as far as
// they are files of this computer.
func files(list []byte) (paths []string, more bool) {
	for line := range strings.Lines(string(list)) {
		line = strings.TrimRight(line, "\r\n\x00")
		if line == "" || line[0] == '#' {
			continue
		}
		u, err := url.Parse(line)
		if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || !filepath.IsAbs(u.Path) ||
			strings.ContainsRune(u.Path, 0) || len(paths) == MaxFiles {
			more = true
			continue
		}
		paths = append(paths, filepath.Clean(u.Path))
	}
	return paths, more
}
