package wire

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Record says where a network is, signed by the network's key. The one with the
// greatest Seq is true; older ones are refused, whoever shows them.
type Record struct {
	Network   string   `json:"network"` // its name
	Key       string   `json:"key"`     // printable
	Seq       uint64   `json:"seq"`
	Addresses []string `json:"addresses"` // host:port
	TimeMS    int64    `json:"time_ms"`   // when it was signed
}

// MaxRecord bounds a signed record, in bytes.
const MaxRecord = 2048

// signedRecord is how a record travels.
type signedRecord struct {
	Record    json.RawMessage `json:"record"`
	Signature []byte          `json:"signature"`
}

// recordContext keeps the signature from meaning anything else.
const recordContext = "switchboard address record 1\n"

// ErrRecord: a record is damaged, or signed by another key.
var ErrRecord = errors.New("the record of the network's addresses is not signed by the network's key")

// Sign fills in the key and gives the record as it travels.
func (r Record) Sign(key ed25519.PrivateKey) ([]byte, error) {
	r.Key = PrintKey(key.Public().(ed25519.PublicKey))
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("sign the record of addresses: %w", err)
	}
	data, err := json.Marshal(signedRecord{body, ed25519.Sign(key, append([]byte(recordContext), body...))})
	if err != nil || len(data) > MaxRecord {
		return nil, fmt.Errorf("sign the record of addresses: it is too long")
	}
	return data, nil
}

// OpenRecord reads a record that must be signed by key and of that key.
func OpenRecord(data []byte, key ed25519.PublicKey) (Record, error) {
	var s signedRecord
	var r Record
	if len(data) > MaxRecord || len(key) != ed25519.PublicKeySize || json.Unmarshal(data, &s) != nil ||
		!ed25519.Verify(key, append([]byte(recordContext), s.Record...), s.Signature) {
		return r, ErrRecord
	}
	if json.Unmarshal(s.Record, &r) != nil || r.Key != PrintKey(key) || !ValidName(r.Network) || len(r.Addresses) > maxAddresses {
		return Record{}, ErrRecord
	}
	for _, a := range r.Addresses {
		if !validAddress(a) {
			return Record{}, ErrRecord
		}
	}
	return r, nil
}

// MovedPrefix begins the one line that a server says which has moved away, in
// place of its greeting and after TLS; a signed record follows.
const MovedPrefix = "MOVED "

// MovedLine is that line.
func MovedLine(record []byte) string { return MovedPrefix + string(record) + "\r\n" }

// MovedRecord takes the record out of the line.
func MovedRecord(line string) ([]byte, bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(line), MovedPrefix)
	return []byte(rest), ok
}
