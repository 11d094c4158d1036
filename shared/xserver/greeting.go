package xserver

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/jezek/xgb"
)

// cookie is the one way to prove oneself that is spoken here.
const cookie = "MIT-MAGIC-COOKIE-1"

// maxCredentials bounds what is read of the file of credentials.
const maxCredentials = 1 << 20

// Families of addresses in the file of credentials.
const (
	familyLocal = 256
	familyAny   = 65535
)

// credentials are those of a display in the person's file; nil when there are none,
// which some servers do not mind.
func credentials(host, number string) []byte {
	path := os.Getenv("XAUTHORITY")
	if path == "" {
		path = filepath.Join(os.Getenv("HOME"), ".Xauthority")
	}
	if host == "" || host == "localhost" {
		var err error
		if host, err = os.Hostname(); err != nil {
			return nil
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	return find(io.LimitReader(f, maxCredentials), host, number)
}

// find reads the entries: a family, and address, number, name of the way and its
// data, each with its length before it.
func find(file io.Reader, host, number string) []byte {
	r := bufio.NewReader(file)
	for {
		family, err := short(r)
		if err != nil {
			return nil
		}
		var field [4][]byte
		for i := range field {
			if field[i], err = counted(r); err != nil {
				return nil
			}
		}
		here := family == familyAny || family == familyLocal && string(field[0]) == host
		if here && (len(field[1]) == 0 || string(field[1]) == number) && string(field[2]) == cookie && len(field[3]) == 16 {
			return field[3]
		}
	}
}

func short(r io.Reader) (uint16, error) {
	var b [2]byte
	_, err := io.ReadFull(r, b[:])
	return binary.BigEndian.Uint16(b[:]), err
}

func counted(r io.Reader) ([]byte, error) {
	n, err := short(r)
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return b, err
}

// hello is how a connection begins.
func hello(data []byte) []byte {
	name := ""
	if data != nil {
		name = cookie
	}
	b := make([]byte, 12, 12+xgb.Pad(len(name))+xgb.Pad(len(data)))
	b[0] = 'l'
	binary.LittleEndian.PutUint16(b[2:], 11) // the version
	binary.LittleEndian.PutUint16(b[6:], uint16(len(name)))
	binary.LittleEndian.PutUint16(b[8:], uint16(len(data)))
	for _, part := range [][]byte{[]byte(name), data} {
		b = append(b, part...)
		b = append(b, make([]byte, xgb.Pad(len(part))-len(part))...)
	}
	return b
}

// greeted is a socket on which xgb's own beginning is replaced: it looks for
// credentials of a display whose number it does not know.
type greeted struct {
	net.Conn
	hello []byte // nil once it has been sent; used by one goroutine until then
}

// Write implements net.Conn.
func (g *greeted) Write(p []byte) (int, error) {
	if g.hello == nil {
		return g.Conn.Write(p)
	}
	own := g.hello
	g.hello = nil
	if _, err := g.Conn.Write(own); err != nil {
		return 0, err
	}
	return len(p), nil
}
