package wire

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Being let in nearby. The newcomer pins the key that the network announced,
// which anybody could have announced. Whether somebody stands between is what
// six digits tell that both screens show:
//
//	newcomer → server   ask     commit = H(everything it sees ‖ its nonce)
//	server → newcomer           its nonce
//	newcomer → server   reveal  the newcomer's nonce
//
// The digits come from both nonces, both keys and the name. Whoever stands
// between runs this once with each side, and in each run must fix its own nonce
// before it learns the other's: it cannot choose what digits come out, and has
// one chance in a million for each request, of which there are few.

// NonceBytes is the length of both nonces.
const NonceBytes = 16

// Joining is what the digits stand for.
type Joining struct {
	Network        ed25519.PublicKey
	Device         string // the newcomer's public key
	User, Computer string
}

func (j Joining) hash(label string, parts ...[]byte) []byte {
	h := sha256.New()
	write := func(b []byte) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, b := range append([][]byte{[]byte("switchboard join 1"), []byte(label), j.Network, []byte(j.Device), []byte(j.User), []byte(j.Computer)}, parts...) {
		write(b)
	}
	return h.Sum(nil)
}

// Commit is what the newcomer says before it knows the server's nonce.
func (j Joining) Commit(nonce []byte) string { return hex.EncodeToString(j.hash("commit", nonce)) }

// Keeps reports whether a revealed nonce is the one that was committed to.
func (j Joining) Keeps(commit string, nonce []byte) bool {
	return len(nonce) == NonceBytes && hmac.Equal([]byte(j.Commit(nonce)), []byte(commit))
}

// Digits are the six that both screens show.
func (j Joining) Digits(newcomer, server []byte) string {
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(j.hash("digits", newcomer, server))%1_000_000)
}

// LinkDigits are the six that an old device and the new one show before the old
// one lets it in. The code is a secret of both, so nobody else can make them
// equal for another key.
func LinkDigits(network ed25519.PublicKey, device, code string) string {
	j := Joining{Network: network, Device: device}
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(j.hash("link", []byte(PlainCode(code))))%1_000_000)
}

// PlainCode undoes what people do to codes: spaces, dashes, small letters, and
// digits for the letters they look like.
func PlainCode(s string) string {
	s = strings.ToUpper(s)
	return strings.NewReplacer("-", "", " ", "", "0", "O", "1", "I", "8", "B").Replace(s)
}
