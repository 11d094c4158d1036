package theme

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"gioui.org/text"
	"github.com/go-text/typesetting/fontscan"
	"golang.org/x/image/math/fixed"
)

// Bounds of the search for a font with coloured emoji.
const (
	maxFontFiles = 50_000
	maxFontBytes = 64 << 20
)

// How far the loading of the font is.
const (
	emojiUnasked int32 = iota
	emojiLoading
	emojiReady
	emojiAbsent
)

// emojiFont finds and loads a font with coloured emoji, once, when the first text
// with one is to be drawn: it takes 20 MB and a tenth of a second, which is spent
// beside the frame. Its methods may be called from the frame goroutine only; load
// runs in one of its own.
type emojiFont struct {
	options Options // with which the shaper is made
	state   atomic.Int32
	shaper  atomic.Pointer[text.Shaper]
	bare    *text.Shaper // for an editor's text while the font is loaded
	wake    func()
	done    sync.WaitGroup
	closed  bool
}

// OnFonts sets what asks for a frame when a font has come; call it before the
// first frame.
func (t *Theme) OnFonts(wake func()) { t.emoji.wake = wake }

// CloseFonts waits for a font that is being loaded; none is loaded afterwards.
func (t *Theme) CloseFonts() {
	t.emoji.closed = true
	t.emoji.done.Wait()
}

// Refresh takes a font that has come. It is called before anything of a frame is
// drawn.
func (t *Theme) Refresh() {
	if s := t.emoji.shaper.Load(); s != nil && s != t.Shaper {
		t.Shaper = s
		t.faces = facesOf(t.Options, true)
	}
}

// Emoji tells that a text is about to be drawn, and whether its emoji must be left
// out of this frame because their font is on its way.
func (t *Theme) Emoji(s string) (wait bool) {
	if !HasEmoji(s) {
		return false
	}
	e := t.emoji
	if e.state.Load() == emojiUnasked && !e.closed {
		if !e.options.SystemFonts && e.options.EmojiFont == "" {
			e.state.Store(emojiAbsent)
			return false
		}
		e.state.Store(emojiLoading)
		e.done.Go(e.load)
	}
	return e.state.Load() == emojiLoading
}

// EditShaper is the shaper for typed text, which no emoji can be left out of:
// while their font is loaded, one that does not go looking for it.
func (t *Theme) EditShaper(s string) *text.Shaper {
	if !t.Emoji(s) {
		return t.Shaper
	}
	if t.emoji.bare == nil {
		t.emoji.bare = newShaper(Options{}, nil)
	}
	return t.emoji.bare
}

// WithoutEmoji is a text with spaces for its emoji.
func WithoutEmoji(s string) string {
	return strings.Map(func(r rune) rune {
		if coloured(r) {
			return ' '
		}
		return r
	}, s)
}

// load finds the font and makes the shaper that has it.
func (e *emojiFont) load() {
	defer func() {
		if e.wake != nil {
			e.wake()
		}
	}()
	path := e.options.EmojiFont
	if path == "" {
		path = findEmojiFont()
	}
	if path == "" {
		e.state.Store(emojiAbsent)
		return
	}
	face, err := readEmojiFont(path)
	if err != nil {
		slog.Info("emoji are drawn in one colour", "error", err)
		e.state.Store(emojiAbsent)
		return
	}
	s := newShaper(e.options, &face)
	for _, f := range []Type{facesOf(e.options, true).body, facesOf(e.options, true).title} { // finds the fonts of the text here, too
		s.LayoutString(text.Parameters{Font: f.Font, PxPerEm: fixed.I(14), MaxWidth: 1 << 20}, "Ab\U0001F600")
	}
	e.shaper.Store(s)
	e.state.Store(emojiReady)
}

// findEmojiFont looks through the folders in which fontconfig finds fonts; empty
// when there is no font of coloured pictures.
func findEmojiFont() string {
	dirs, err := fontscan.DefaultFontDirectories(quiet{})
	if err != nil {
		return ""
	}
	found, files := "", 0
	for _, dir := range dirs {
		// A folder that cannot be read has no font for us.
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return fs.SkipDir
			}
			if files++; files > maxFontFiles {
				return fs.SkipAll
			}
			name := strings.ToLower(d.Name())
			if !d.IsDir() && strings.Contains(name, "emoji") && strings.HasSuffix(name, ".ttf") && hasBitmaps(path) {
				found = path
				return fs.SkipAll
			}
			return nil
		})
		if found != "" {
			return found
		}
	}
	return ""
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// readFont reads a font file of a size that can be one.
func readFont(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFontBytes {
		return nil, errTooLarge
	}
	return os.ReadFile(path)
}
