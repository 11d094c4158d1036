package server

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/wire"
)

// Names in the network's folder.
const (
	movedFile = "moved.json"
	nameFile  = "name"
)

// ErrMoved: the network has left this folder for another computer.
var ErrMoved = errors.New("the network has moved to another computer; this one carries it no more")

// moved is what stays behind: enough to say where the network is, and nothing
// with which to carry it.
type moved struct {
	Network   string   `json:"network"`
	Key       string   `json:"key"`
	TimeMS    int64    `json:"time_ms"`
	Record    []byte   `json:"record,omitempty"`
	Addresses []string `json:"addresses"` // where it was reached
	Leaf      string   `json:"leaf"`      // PEM: a certificate and its key
	LeafKey   string   `json:"leaf_key"`
}

// checkMoved refuses a folder that the network has left.
func checkMoved(folder string) error {
	_, err := os.Stat(filepath.Join(folder, movedFile))
	if err == nil {
		return ErrMoved
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("look whether the network has moved: %w", err)
}

// PrintedKey is the printable form of a network's key.
func PrintedKey(key ed25519.PublicKey) string { return wire.PrintKey(key) }

// StoredName is the name of the network that a folder was restored with, empty
// when it was begun here.
func StoredName(folder string) string {
	data, err := os.ReadFile(filepath.Join(folder, nameFile))
	if err != nil || len(data) == 0 || len(data) > 64 {
		return ""
	}
	name := string(data[:len(data)-1])
	if !wire.ValidName(name) {
		return ""
	}
	return name
}

// Move writes a network that does not run into w, as Backup does, and marks its
// folder so that no server carries it from there again: the key is taken away
// once done says that what was written is safe. to are the addresses at which
// the network will be found, if they are known. The caller holds the lock.
func Move(ctx context.Context, o Options, w io.Writer, to []string, done func() error, extra ...string) error {
	s, err := openQuiet(&o)
	if err != nil {
		return err
	}
	err = s.backup(ctx, w, true, extra)
	s.closeQuiet()
	if err != nil {
		return err
	}
	if err := s.door.loadRecord(); err != nil {
		return err
	}
	m := moved{Network: s.o.Network, Key: PrintedKey(s.public), TimeMS: s.nowMS()}
	if len(to) > 0 {
		if m.Record, _, err = signAddresses(s.key, s.o.Network, s.door.seq, to, s.nowMS()); err != nil {
			return err
		}
	}
	if s.door.record != nil {
		if r, err := wire.OpenRecord(s.door.record, s.public); err == nil {
			m.Addresses = r.Addresses
		}
	}
	leaf, der, err := makeLeaf(s.key, s.o.Network, "", &x509.Certificate{Subject: networkSubject(s.o.Network)})
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(leaf)
	if err != nil {
		return fmt.Errorf("make a certificate's key: %w", err)
	}
	m.Leaf = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	m.LeafKey = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("mark the network as moved: %w", err)
	}
	if err := done(); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(s.o.Folder, movedFile), data); err != nil {
		return fmt.Errorf("mark the network as moved: %w", err)
	}
	if err := os.Remove(filepath.Join(s.o.Folder, KeyFile)); err != nil {
		return fmt.Errorf("take the network's key away: %w", err)
	}
	return nil
}

// Moved is what a folder knows that the network has left.
type Moved struct {
	Network string            // its name
	Key     ed25519.PublicKey // of the network
	Record  []byte            // signed; nil when nobody knew where the network goes
	Old     []string          // where it was reached
	config  *tls.Config
}

// LoadMoved reads it; nil when the network is here.
func LoadMoved(folder string) (*Moved, error) {
	data, err := os.ReadFile(filepath.Join(folder, movedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look whether the network has moved: %w", err)
	}
	var m moved
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("the mark of the moved network is damaged: %w", err)
	}
	key, err := wire.ParseKey(m.Key)
	if err != nil {
		return nil, fmt.Errorf("the mark of the moved network is damaged: %w", err)
	}
	cert, err := tls.X509KeyPair([]byte(m.Leaf), []byte(m.LeafKey))
	if err != nil {
		return nil, fmt.Errorf("the mark of the moved network is damaged: %w", err)
	}
	return &Moved{Network: m.Network, Key: key, Record: m.Record, Old: m.Addresses,
		config: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{cert}}}, nil
}

// movedConns bounds those who are told at the same time.
const movedConns = 64

// Tell says to everybody who connects to one of the addresses where the network
// has gone, until ctx ends. It needs a record.
func (m *Moved) Tell(ctx context.Context, addresses []string, log hclog.Logger) {
	var all sync.WaitGroup
	slots := make(chan struct{}, movedConns)
	for _, a := range slices.Compact(slices.Sorted(slices.Values(addresses))) {
		l, err := net.Listen("tcp", a)
		if err != nil {
			log.Warn("where the network has gone is not told here", "address", a, "error", err)
			continue
		}
		stop := context.AfterFunc(ctx, func() { _ = l.Close() })
		defer stop()
		all.Go(func() {
			for ctx.Err() == nil {
				conn, err := l.Accept()
				if err != nil { // closed, or too many files
					time.Sleep(10 * time.Millisecond)
					continue
				}
				slots <- struct{}{}
				all.Go(func() {
					defer func() { <-slots }()
					m.tell(conn)
				})
			}
		})
	}
	<-ctx.Done()
	all.Wait()
}

func (m *Moved) tell(conn net.Conn) {
	defer conn.Close()
	if conn.SetDeadline(time.Now().Add(5*time.Second)) != nil {
		return
	}
	c := tls.Server(conn, m.config)
	if c.Handshake() != nil {
		return
	}
	_, _ = io.WriteString(c, wire.MovedLine(m.Record))
	_ = c.CloseWrite()
	_, _ = io.Copy(io.Discard, io.LimitReader(c, 4096)) // until the other side has read it
}
