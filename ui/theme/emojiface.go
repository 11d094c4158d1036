package theme

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	giofont "gioui.org/font"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
)

// emojiFamily is the name under which the font with coloured emoji is known here.
const emojiFamily = "Switchboard Emoji"

// spaceShare is the width of a space in parts of 1000 of the size of the type. An
// emoji font's own is as wide as an emoji.
const spaceShare = 280

var errTooLarge = errors.New("the font is too large")

// emojiFace is the font for one shaper.
type emojiFace struct{ font *font.Font }

// Face implements gioui.org/font.Face.
func (f emojiFace) Face() *font.Face { return font.NewFace(f.font) }

// readEmojiFont reads a font whose emoji are pictures (CBDT).
func readEmojiFont(path string) (giofont.FontFace, error) {
	fail := func(err error) (giofont.FontFace, error) {
		return giofont.FontFace{}, fmt.Errorf("read the emoji font %s: %w", path, err)
	}
	data, err := readFont(path)
	if err != nil {
		return fail(err)
	}
	if err := narrowSpace(data); err != nil {
		return fail(err)
	}
	ld, err := opentype.NewLoader(bytes.NewReader(data))
	if err != nil {
		return fail(err)
	}
	f, err := font.NewFont(ld)
	if err != nil {
		return fail(err)
	}
	f.Cmap = emojiOnly{f.Cmap}
	return giofont.FontFace{Font: giofont.Font{Typeface: emojiFamily}, Face: emojiFace{f}}, nil
}

// hasBitmaps tells whether a file is a font with coloured pictures.
func hasBitmaps(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	head := make([]byte, 12+16*64)
	n, _ := io.ReadFull(f, head)
	_, ok := table(head[:n], "CBDT")
	return ok
}

// table is the place of one table of a font, by the directory at its beginning.
func table(data []byte, tag string) (at [2]uint32, ok bool) {
	if len(data) < 12 {
		return at, false
	}
	count := int(binary.BigEndian.Uint16(data[4:]))
	for i := range count {
		e := 12 + 16*i
		if e+16 > len(data) {
			return at, false
		}
		if string(data[e:e+4]) == tag {
			return [2]uint32{binary.BigEndian.Uint32(data[e+8:]), binary.BigEndian.Uint32(data[e+12:])}, true
		}
	}
	return at, false
}

// part is the bytes of one table.
func part(data []byte, tag string, least int) ([]byte, error) {
	at, ok := table(data, tag)
	if end := uint64(at[0]) + uint64(at[1]); !ok || end > uint64(len(data)) || at[1] < uint32(least) {
		return nil, fmt.Errorf("its table %s is missing or cut", tag)
	}
	return data[at[0] : at[0]+at[1]], nil
}

// narrowSpace gives the space the width of one between words: a space behind an
// emoji is shaped with the emoji's font.
func narrowSpace(data []byte) error {
	head, err := part(data, "head", 20)
	if err != nil {
		return err
	}
	hhea, err := part(data, "hhea", 36)
	if err != nil {
		return err
	}
	hmtx, err := part(data, "hmtx", 4)
	if err != nil {
		return err
	}
	cmap, err := part(data, "cmap", 4)
	if err != nil {
		return err
	}
	t, _, err := tables.ParseCmap(cmap)
	if err != nil {
		return fmt.Errorf("its letters: %w", err)
	}
	m, _, err := font.ProcessCmap(t, tables.FontPage(0))
	if err != nil {
		return fmt.Errorf("its letters: %w", err)
	}
	glyph, ok := m.Lookup(' ')
	if !ok {
		return nil
	}
	widths := int(binary.BigEndian.Uint16(hhea[34:]))
	if int(glyph) >= widths || 4*int(glyph)+2 > len(hmtx) {
		return nil // shares its width with others
	}
	em := int(binary.BigEndian.Uint16(head[18:]))
	binary.BigEndian.PutUint16(hmtx[4*int(glyph):], uint16(em*spaceShare/1000))
	return nil
}

// emojiOnly is the letters of an emoji font without those that a text's own font
// has: digits, arrows, signs.
type emojiOnly struct{ all font.Cmap }

// Lookup implements font.Cmap; joiners, variants and the space behind an emoji are
// shaped with it.
func (m emojiOnly) Lookup(r rune) (font.GID, bool) {
	if !coloured(r) && r != ' ' && r != 0x20e3 && !(r >= 0xe0020 && r <= 0xe007f) && r != 0x200d && r != 0xfe0f {
		return 0, false
	}
	return m.all.Lookup(r)
}

// Iter implements font.Cmap: what texts come to this font for.
func (m emojiOnly) Iter() font.CmapIter { return &emojiIter{all: m.all.Iter()} }

type emojiIter struct {
	all   font.CmapIter
	r     rune
	glyph font.GID
	have  bool
}

func (i *emojiIter) Next() bool {
	for !i.have && i.all.Next() {
		i.r, i.glyph = i.all.Char()
		i.have = coloured(i.r)
	}
	return i.have
}

func (i *emojiIter) Char() (rune, font.GID) {
	i.have = false
	return i.r, i.glyph
}

// HasEmoji tells whether a text has signs that are drawn in colour.
func HasEmoji(s string) bool {
	for i := 0; i+2 < len(s); i++ {
		if s[i] < 0xe2 {
			continue
		}
		if s[i] == 0xf0 && s[i+1] == 0x9f {
			return true
		}
		if s[i] == 0xe2 {
			r := rune(s[i]&0xf)<<12 | rune(s[i+1]&0x3f)<<6 | rune(s[i+2]&0x3f)
			if coloured(r) {
				return true
			}
		}
	}
	return false
}

// coloured tells whether a sign is drawn by the emoji font. Signs that texts use
// as letters, such as digits, arrows and the sign of a trade mark, are not.
func coloured(r rune) bool {
	switch {
	case r >= 0x1f000 && r <= 0x1faff:
		return true
	case r >= 0x2600 && r <= 0x27bf:
		return r != 0x2713 && r != 0x2717
	case r == 0x231a, r == 0x231b, r >= 0x23e9 && r <= 0x23f3, r == 0x25fd, r == 0x25fe,
		r == 0x2b1b, r == 0x2b1c, r == 0x2b50, r == 0x2b55:
		return true
	}
	return false
}
