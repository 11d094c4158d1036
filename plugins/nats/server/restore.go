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
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/nats-io/nats-server/v2/server/archive"

	"switchboard/plugins/nats/wire"
)

// How far a restored stream jumps: beyond every sequence that the server can have
// given out after the backup was made. After a start the store looks at every
// sequence of the last ten minutes, one by one, so that a backup as young as that
// jumps less far: beyond what a server can store in that time.
// After a move nothing was given out.
const (
	gapOld   = 1 << 32
	gapYoung = 1 << 22
	gapMoved = 1 << 16
	young    = 11 * time.Minute
)

func (i *backupInfo) gap(now time.Time) uint64 {
	age := now.Sub(time.UnixMilli(i.TimeMS))
	switch {
	case i.Moved:
		return gapMoved
	case age < young:
		return gapYoung
	}
	return gapOld
}

// Bounds of a backup that is read.
const (
	maxBackupParts = 1000
	maxPacked      = 8 << 20 // of one message
)

var (
	errBackup  = errors.New("the backup is damaged or cut short; nothing was changed")
	streamName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// Settings alone go along: nothing that the server itself writes or locks.
	extraName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,25}\.(json|toml)$`)
)

// Restored says what a restore brought.
type Restored struct {
	Network string            // its name
	Time    time.Time         // when the backup was made
	Moved   bool              // the network left its computer with it
	Key     ed25519.PublicKey // of the network
}

// Restore puts a backup into a folder. A folder with the same network keeps what
// it had under another name; one with another network, or one that the network
// has moved away from, is refused. Sequences after it begin above all that were
// given out before, so that hosts, which remember how far they are, go on. The
// caller holds the folder's lock.
func Restore(ctx context.Context, folder string, r io.Reader, adopt bool) (*Restored, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	if err := checkMoved(folder); err != nil && !adopt {
		return nil, err
	}
	part := filepath.Join(folder, "restore.part")
	if err := os.RemoveAll(part); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	if err := os.MkdirAll(part, 0o700); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	defer os.RemoveAll(part)
	info, key, err := unpack(ctx, r, part)
	if err != nil {
		return nil, err
	}
	if adopt && !info.Moved {
		return nil, errors.New("this is a backup, not a network that was moved: use restore, and end the server that it was made of")
	}
	if err := sameNetwork(folder, info.Key); err != nil {
		return nil, err
	}
	if err := placeStreams(ctx, part, info); err != nil {
		return nil, err
	}
	if err := takePlace(folder, part, info); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return &Restored{Network: info.Network, Time: time.UnixMilli(info.TimeMS), Moved: info.Moved, Key: key}, nil
}

// sameNetwork refuses a folder that holds another network.
func sameNetwork(folder, key string) error {
	if _, err := os.Stat(filepath.Join(folder, KeyFile)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	have, err := LoadKey(folder)
	if err != nil {
		return err
	}
	if PrintedKey(have.Public().(ed25519.PublicKey)) != key {
		return fmt.Errorf("%s holds another network; restore into another folder", folder)
	}
	return nil
}

// unpack writes the parts of a backup into a folder and checks all of them.
func unpack(ctx context.Context, r io.Reader, part string) (*backupInfo, ed25519.PublicKey, error) {
	t := tar.NewReader(r)
	sums := map[string]string{}
	var head []byte
	for {
		h, err := t.Next()
		if err != nil || h.Typeflag != tar.TypeReg || h.Size < 0 || len(sums) > maxBackupParts || ctx.Err() != nil {
			return nil, nil, errBackup // without its sums at the end it is cut short
		}
		if h.Name == backupSums {
			return checked(t, part, head, sums)
		}
		if !partName(h.Name) || sums[h.Name] != "" {
			return nil, nil, errBackup
		}
		sum, err := unpackPart(t, filepath.Join(part, filepath.FromSlash(h.Name)))
		if err != nil {
			return nil, nil, err
		}
		sums[h.Name] = sum
		if h.Name == backupHead {
			if h.Size > maxBackupHead {
				return nil, nil, errBackup
			}
			if head, err = os.ReadFile(filepath.Join(part, backupHead)); err != nil {
				return nil, nil, fmt.Errorf("restore: %w", err)
			}
		}
	}
}

func partName(name string) bool {
	if stream, ok := strings.CutPrefix(name, backupStreams); ok {
		return streamName.MatchString(stream)
	}
	if extra, ok := strings.CutPrefix(name, backupFiles); ok {
		return extraName.MatchString(extra) && extra != movedFile && extra != recordFile
	}
	return name == backupHead || name == KeyFile
}

func unpackPart(r io.Reader, path string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, h), r); err != nil {
		return "", errBackup
	}
	return hex.EncodeToString(h.Sum(nil)), f.Sync()
}

func checked(r io.Reader, part string, head []byte, sums map[string]string) (*backupInfo, ed25519.PublicKey, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBackupHead))
	if err != nil {
		return nil, nil, errBackup
	}
	var end backupEnd
	var info backupInfo
	if json.Unmarshal(data, &end) != nil || json.Unmarshal(head, &info) != nil {
		return nil, nil, errBackup
	}
	if info.Version != backupVersion {
		return nil, nil, fmt.Errorf("the backup has version %d, which this program does not know", info.Version)
	}
	if sums[KeyFile] == "" {
		return nil, nil, errBackup
	}
	private, err := LoadKey(part)
	if err != nil {
		return nil, nil, errBackup
	}
	key := private.Public().(ed25519.PublicKey)
	if PrintedKey(key) != info.Key || !wire.ValidName(info.Network) || len(end.Sums) != len(sums) ||
		!ed25519.Verify(key, sumsText(sums), end.Signature) {
		return nil, nil, errBackup
	}
	for stream := range info.Streams {
		if sums[backupStreams+stream] == "" || !streamName.MatchString(stream) {
			return nil, nil, errBackup
		}
	}
	return &info, key, nil
}

// placeStreams gives the streams back to a store in part, one after the other,
// each with a seam behind its newest entry.
func placeStreams(ctx context.Context, part string, info *backupInfo) error {
	o := Options{Folder: part, Network: info.Network}
	s, err := openQuiet(&o)
	if err != nil {
		return err
	}
	defer s.closeQuiet()
	for stream, config := range info.Streams {
		path := filepath.Join(part, backupStreams, stream)
		if err := sew(ctx, path, path+".sewn", info.gap(time.Now())); err != nil {
			return fmt.Errorf("restore %s: %w", stream, err)
		}
		if err := s.refill(ctx, stream, config, path+".sewn"); err != nil {
			return fmt.Errorf("restore %s: %w", stream, err)
		}
	}
	return nil
}

// sew rewrites a packed stream so that its sequences go on beyond the seam.
func sew(ctx context.Context, from, to string, gap uint64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	r := archive.NewReader(s2.NewReader(in))
	packed := s2.NewWriter(out)
	w := archive.NewWriter(packed)
	for n := 0; ; n++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || ctx.Err() != nil || h.HeaderSize+h.PayloadSize > maxPacked {
			return errBackup
		}
		body, err := io.ReadAll(r)
		if err != nil {
			return errBackup
		}
		if n == 0 {
			if body, err = seam(body, gap); err != nil {
				return err
			}
			h.PayloadSize = int64(len(body))
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		if _, err := w.Write(body); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), packed.Close())
}

// seam moves the end of a stream's state.
func seam(state []byte, gap uint64) ([]byte, error) {
	var v map[string]json.RawMessage
	var last, first uint64
	if json.Unmarshal(state, &v) != nil || json.Unmarshal(v["last_seq"], &last) != nil || json.Unmarshal(v["first_seq"], &first) != nil {
		return nil, errBackup
	}
	last += gap
	v["last_seq"] = strconv.AppendUint(nil, last, 10)
	var messages uint64
	if json.Unmarshal(v["messages"], &messages) != nil {
		return nil, errBackup
	}
	if messages == 0 { // an empty stream begins behind its end
		v["first_seq"] = strconv.AppendUint(nil, last+1, 10)
	}
	return json.Marshal(v)
}

// refill hands a packed stream to the store.
func (s *Server) refill(ctx context.Context, stream string, config json.RawMessage, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	ask, err := json.Marshal(map[string]any{"config": config, "state": map[string]any{}})
	if err != nil {
		return err
	}
	to, err := s.storeSays(ctx, "$JS.API.STREAM.RESTORE."+stream, ask)
	if err != nil {
		return err
	}
	buf := make([]byte, 256<<10)
	for {
		n, err := io.ReadFull(f, buf)
		if n > 0 {
			if _, err := s.storeSays(ctx, to, buf[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			break // the end; what is missing is noticed by the store
		}
	}
	_, err = s.storeSays(ctx, to, nil)
	return err
}

// storeSays asks the store and reads its answer, which may be empty.
func (s *Server) storeSays(ctx context.Context, subject string, data []byte) (deliver string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	m, err := s.core.RequestWithContext(ctx, subject, data)
	if err != nil {
		return "", err
	}
	if len(m.Data) == 0 {
		return "", nil
	}
	var answer struct {
		Error *struct {
			Description string `json:"description"`
		} `json:"error"`
		Deliver string `json:"deliver_subject"`
	}
	if err := json.Unmarshal(m.Data, &answer); err != nil {
		return "", fmt.Errorf("the store's answer is malformed: %w", err)
	}
	if answer.Error != nil {
		return "", errors.New(answer.Error.Description)
	}
	return answer.Deliver, nil
}
