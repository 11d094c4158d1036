package server

import (
	"archive/tar"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// A backup is a tar of the network's key, its settings, and every stream as the
// store itself packs it, with the sums of all of them at the end, signed by the
// network's key: what was cut short or changed is refused. The index is not in
// it: it is derived from the streams and made anew.
const (
	backupVersion = 1
	backupHead    = "backup.json"
	backupSums    = "sums.json"
	backupStreams = "streams/"
	backupFiles   = "files/"
	maxBackupHead = 1 << 20
)

// backupInfo is the head of a backup.
type backupInfo struct {
	Version int    `json:"version"`
	Network string `json:"network"`
	Key     string `json:"key"`
	TimeMS  int64  `json:"time_ms"`
	// Moved: the network left its computer with this file.
	Moved bool `json:"moved,omitempty"`
	// Streams are the streams and their settings.
	Streams map[string]json.RawMessage `json:"streams"`
}

type backupEnd struct {
	Sums      map[string]string `json:"sums"`
	Signature []byte            `json:"signature"`
}

const sumsContext = "switchboard backup 1\n"

// sumsText is what is signed: the sums in a fixed order.
func sumsText(sums map[string]string) []byte {
	names := make([]string, 0, len(sums))
	for n := range sums {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(sumsContext)
	for _, n := range names {
		fmt.Fprintf(&b, "%q %s\n", n, sums[n])
	}
	return []byte(b.String())
}

// Backup writes everything of the network, while it runs, so that every entry in
// it belongs to people in it: entries first and the directory last. Extra names
// files of the folder to take along. The writer's content is secret: it holds
// the network's key.
func (s *Server) Backup(ctx context.Context, w io.Writer, extra ...string) error {
	return s.backup(ctx, w, false, extra)
}

// BackupFolder is Backup of a network that does not run. The caller holds its lock.
func BackupFolder(ctx context.Context, o Options, w io.Writer, extra ...string) error {
	s, err := openQuiet(&o)
	if err != nil {
		return err
	}
	defer s.closeQuiet()
	return s.backup(ctx, w, false, extra)
}

// openQuiet opens the store of a network that nobody can reach.
func openQuiet(o *Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := checkMoved(o.Folder); err != nil {
		return nil, err
	}
	if err := checkWhole(o.Folder); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(o.Folder, KeyFile)); err != nil {
		return nil, fmt.Errorf("there is no network in %s", o.Folder)
	}
	o.quiet = true
	s := &Server{o: *o}
	s.door = newDoor(s)
	var err error
	if s.key, err = LoadKey(o.Folder); err != nil {
		return nil, err
	}
	s.public = s.key.Public().(ed25519.PublicKey)
	if err := s.embed(); err != nil {
		s.closeQuiet()
		return nil, err
	}
	return s, nil
}

func (s *Server) closeQuiet() {
	for _, c := range []*nats.Conn{s.sb, s.core, s.sys} {
		if c != nil {
			c.Close()
		}
	}
	if s.ns != nil {
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
	}
}

// parcel writes the parts and sums them.
type parcel struct {
	t    *tar.Writer
	sums map[string]string
	now  time.Time
}

func (a *parcel) add(name string, size int64, r io.Reader) error {
	if err := a.t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: a.now}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(a.t, h), r); err != nil {
		return err
	}
	a.sums[name] = hex.EncodeToString(h.Sum(nil))
	return nil
}

func (a *parcel) addJSON(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.add(name, int64(len(data)), strings.NewReader(string(data)))
}

func (a *parcel) addFile(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return a.add(name, info.Size(), io.LimitReader(f, info.Size()))
}

func (s *Server) backup(ctx context.Context, w io.Writer, moved bool, extra []string) error {
	if s.key == nil {
		return errors.New("a replica has no store of its own; back up the cluster's servers")
	}
	work, err := os.MkdirTemp(s.o.Folder, "backup-")
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer os.RemoveAll(work)
	info := backupInfo{Version: backupVersion, Network: s.o.Network, Key: PrintedKey(s.public), TimeMS: s.nowMS(), Moved: moved, Streams: map[string]json.RawMessage{}}
	names, err := s.streamNames(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		config, err := s.snapshot(ctx, name, filepath.Join(work, name))
		if err != nil {
			return fmt.Errorf("back up %s: %w", name, err)
		}
		info.Streams[name] = config
	}
	a := &parcel{t: tar.NewWriter(w), sums: map[string]string{}, now: s.o.Now()}
	err = a.addJSON(backupHead, info)
	if err == nil {
		err = a.addFile(KeyFile, filepath.Join(s.o.Folder, KeyFile))
	}
	for _, name := range extra {
		path := filepath.Join(s.o.Folder, name)
		if _, e := os.Stat(path); err == nil && e == nil {
			err = a.addFile(backupFiles+name, path)
		}
	}
	for _, name := range names {
		if err == nil {
			err = a.addFile(backupStreams+name, filepath.Join(work, name))
		}
	}
	if err == nil {
		err = a.addJSON(backupSums, backupEnd{Sums: a.sums, Signature: ed25519.Sign(s.key, sumsText(a.sums))})
	}
	if err == nil {
		err = a.t.Close()
	}
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

// streamNames lists the streams, entries first and the directory last: the
// directory is then newer than all that refers to it.
func (s *Server) streamNames(ctx context.Context) ([]string, error) {
	l := s.js.StreamNames(ctx)
	var names []string
	for n := range l.Name() {
		names = append(names, n)
	}
	if err := l.Err(); err != nil {
		return nil, fmt.Errorf("look at the store: %w", err)
	}
	rank := func(n string) int {
		switch {
		case strings.HasPrefix(n, streamConv):
			return 0
		case n == "KV_"+bucketDir:
			return 2
		}
		return 1
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return names, nil
}

// snapshot asks the store to pack a stream into a file, and returns its settings.
func (s *Server) snapshot(ctx context.Context, stream, path string) (json.RawMessage, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	inbox := s.core.NewInbox()
	sub, err := s.core.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		return nil, err
	}
	ask, err := json.Marshal(map[string]any{"deliver_subject": inbox, "no_consumers": true, "jsck": true, "chunk_size": 256 << 10})
	if err != nil {
		return nil, err
	}
	first, cancel := context.WithTimeout(ctx, time.Minute) // it checks every entry first
	defer cancel()
	m, err := s.core.RequestWithContext(first, "$JS.API.STREAM.SNAPSHOT."+stream, ask)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error *struct {
			Description string `json:"description"`
		} `json:"error"`
		Config json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return nil, fmt.Errorf("the store's answer is malformed: %w", err)
	}
	if answer.Error != nil {
		return nil, errors.New(answer.Error.Description)
	}
	for {
		next, cancel := context.WithTimeout(ctx, 30*time.Second)
		m, err := sub.NextMsgWithContext(next)
		cancel()
		if err != nil {
			return nil, fmt.Errorf("the store went quiet: %w", err)
		}
		if len(m.Data) == 0 {
			if status := m.Header.Get("Status"); status != "" && status != "204" {
				return nil, fmt.Errorf("the store gave up: %s", m.Header.Get("Description"))
			}
			return answer.Config, f.Sync()
		}
		if _, err := f.Write(m.Data); err != nil {
			return nil, err
		}
		if m.Reply != "" {
			if err := m.Respond(nil); err != nil {
				return nil, err
			}
		}
	}
}
