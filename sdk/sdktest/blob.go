package sdktest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// keepBlob keeps content as the network does. Room.mu is held.
func (r *Room) keepBlob(data []byte) (hash string) {
	sum := sha256.Sum256(data)
	hash = hex.EncodeToString(sum[:])
	if r.blobs == nil {
		r.blobs = map[string][]byte{}
	}
	r.blobs[hash] = bytes.Clone(data)
	return hash
}
