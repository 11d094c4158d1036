package contractv1

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Picture names a picture that the host keeps as a blob: what an Action PICTURE
// and a command's argument carry as text.
type Picture struct {
	Hash          string // of the blob: 64 lower-case hex digits
	Type          string // image/png or image/jpeg
	Width, Height int    // pixels, 1 to MaxPictureSide
	Bytes         int64  // 1 to MaxSentPicture
}

// MaxPictureText bounds the text form of a Picture, in bytes.
const MaxPictureText = 128

var errPicture = errors.New("what names a picture is its hash, type, width, height and bytes")

// String is the text form: "<hash> <type> <width> <height> <bytes>".
func (p Picture) String() string {
	return fmt.Sprintf("%s %s %d %d %d", p.Hash, p.Type, p.Width, p.Height, p.Bytes)
}

// Valid tells whether p names a picture within the bounds.
func (p Picture) Valid() bool {
	return ValidBlob(p.Hash) && (p.Type == "image/png" || p.Type == "image/jpeg") &&
		p.Width > 0 && p.Width <= MaxPictureSide && p.Height > 0 && p.Height <= MaxPictureSide &&
		p.Bytes > 0 && p.Bytes <= MaxSentPicture
}

// ParsePicture reads the text form. What it gives is Valid.
func ParsePicture(text string) (Picture, error) {
	if len(text) > MaxPictureText {
		return Picture{}, errPicture
	}
	f := strings.Split(text, " ")
	if len(f) != 5 {
		return Picture{}, errPicture
	}
	p := Picture{Hash: f[0], Type: f[1]}
	var errs [3]error
	p.Width, errs[0] = strconv.Atoi(f[2])
	p.Height, errs[1] = strconv.Atoi(f[3])
	p.Bytes, errs[2] = strconv.ParseInt(f[4], 10, 64)
	if errors.Join(errs[:]...) != nil || !p.Valid() || p.String() != text {
		return Picture{}, errPicture
	}
	return p, nil
}

// ValidBlob tells whether a text is the hash of a blob: 64 lower-case hex digits.
func ValidBlob(hash string) bool {
	if len(hash) != 64 {
		return false
	}
	for i := range len(hash) {
		if c := hash[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
