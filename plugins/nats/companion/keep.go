package companion

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/server"
)

// Names of what a running server writes for whoever asked; it may write its own
// folder only.
const (
	// Each has a name of its own: two who ask at the same moment get a whole one each.
	backupPrefix, backupSuffix = ".switchboard-backup-", ".tar"
	keepTime                   = 30 * time.Minute // a large store takes its time
)

// carried are the files that go along with a network.
var carried = []string{carryName, ConfigName}

// keepArgs are FILE, --config FILE and --to ADDRESS in any order.
type keepArgs struct {
	file, config string
	to           []string
}

func parseKeep(args []string) (keepArgs, error) {
	var k keepArgs
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		if !strings.HasPrefix(name, "-") {
			if k.file != "" {
				return k, usage("")
			}
			k.file = args[i]
			continue
		}
		if !has {
			if i++; i >= len(args) {
				return k, usage("")
			}
			value = args[i]
		}
		switch strings.TrimLeft(name, "-") {
		case "config":
			k.config = value
		case "to":
			k.to = append(k.to, strings.Split(value, ",")...)
		default:
			return k, usage("")
		}
	}
	if k.file == "" || len(k.to) > 8 {
		return k, usage("")
	}
	return k, nil
}

// place is the network's configuration: that of the file, or the network that
// this person's Switchboard carries, or the folder of serve.
func (k keepArgs) place() (Config, error) {
	if k.config != "" {
		return serveConfig(k.config)
	}
	if folder := os.Getenv(EnvFolder); folder != "" {
		for _, name := range []string{server.KeyFile, "moved.json"} {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				return folderConfig(folder)
			}
		}
	}
	return serveConfig("")
}

// folderConfig is the configuration of a companion's folder.
func folderConfig(folder string) (Config, error) {
	c := Config{Folder: folder}
	path := filepath.Join(folder, ConfigName)
	data, err := os.ReadFile(path)
	if err == nil {
		if c, err = ParseConfig(data, path); err != nil {
			return c, err
		}
		c.Folder = folder
	} else if !errors.Is(err, os.ErrNotExist) {
		return c, fmt.Errorf("read the configuration: %w", err)
	}
	if c.Name == "" {
		c.Name = server.StoredName(folder)
	}
	return c, nil
}

// begin makes a file for a backup that nobody else can read; it must not exist.
func begin(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("%s exists already; name another file", path)
	}
	if err != nil {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	return f, nil
}

// running asks the server of a folder, if one runs; it writes a file into its
// folder, which is moved to where it was asked for.
func running(ctx context.Context, folder string, r Request, to string) (bool, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(folder, SocketName))
	if err != nil {
		return false, nil
	}
	defer conn.Close()
	out, err := begin(to)
	if err != nil {
		return true, err
	}
	defer out.Close()
	gone := hasMoved(folder)
	reply, err := Ask(ctx, conn, r)
	if err != nil && !gone && hasMoved(folder) {
		// The answer was lost, or something failed after the network had left.
		err = fmt.Errorf("%w; the network has left all the same: keep the newest %s*%s in %s, it is nowhere else",
			err, backupPrefix, backupSuffix, folder)
	}
	if err == nil && !isBackup(reply.File) {
		err = errors.New("the server's answer is malformed")
	}
	if err == nil {
		if err = takeOver(filepath.Join(folder, reply.File), out); err != nil {
			// It may be all that there is: after a move the network is nowhere else.
			err = fmt.Errorf("%w; what the server wrote is still there: %s", err, filepath.Join(folder, reply.File))
		}
	}
	if err != nil {
		_ = os.Remove(to)
	}
	return true, err
}

// isBackup reports whether a name is one that keep gives.
func isBackup(name string) bool {
	return strings.HasPrefix(name, backupPrefix) && strings.HasSuffix(name, backupSuffix) && filepath.Base(name) == name
}

func takeOver(from string, out *os.File) error {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("read what the server wrote: %w", err)
	}
	defer in.Close()
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	if err := settle(out); err != nil {
		return err
	}
	return os.Remove(from)
}

func backupCommand(ctx context.Context, args []string, out io.Writer, log hclog.Logger) error {
	k, err := parseKeep(args)
	if err != nil || len(k.to) > 0 {
		return usage("")
	}
	c, err := k.place()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	ran, err := running(ctx, c.Folder, Request{Op: "backup"}, k.file)
	if !ran {
		err = c.idle(k.file, log, func(o server.Options, f *os.File) error {
			return server.BackupFolder(ctx, o, f, carried...)
		})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The network is in %s. The file holds its key: whoever has it can carry the network.\n", k.file)
	return nil
}

// idle does something with a network that does not run.
func (c Config) idle(file string, log hclog.Logger, do func(o server.Options, f *os.File) error) error {
	unlock, err := lock(c.Folder)
	if err != nil {
		return err
	}
	defer unlock()
	o, err := c.options(log)
	if err != nil {
		return err
	}
	f, err := begin(file)
	if err != nil {
		return err
	}
	defer f.Close()
	gone := hasMoved(c.Folder)
	if err = do(o, f); err == nil {
		err = settle(f)
	}
	switch {
	case err == nil:
	case !gone && hasMoved(c.Folder):
		// What failed came after the network had left: the file is all that there is.
		err = fmt.Errorf("%w; keep %s: the network is nowhere else", err, file)
	default:
		_ = os.Remove(file)
	}
	return err
}

// hasMoved reports whether a folder's network has left it, or may have: a mark
// that cannot be read is one.
func hasMoved(folder string) bool {
	m, err := server.LoadMoved(folder)
	return m != nil || err != nil
}

// settle brings a file and its name to the disk: a network leaves its folder
// only when the file it leaves in would outlive a power loss.
func settle(f *os.File) error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	d, err := os.Open(filepath.Dir(f.Name()))
	if err != nil {
		return fmt.Errorf("write the backup: %w", err)
	}
	defer d.Close()
	// Some places, such as shares of other computers, cannot sync a folder.
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("write the backup: %w", err)
	}
	return nil
}

func moveCommand(ctx context.Context, args []string, out io.Writer, log hclog.Logger) error {
	k, err := parseKeep(args)
	if err != nil {
		return err
	}
	c, err := k.place()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	ran, err := running(ctx, c.Folder, Request{Op: "move", To: k.to}, k.file)
	if !ran {
		err = c.idle(k.file, log, func(o server.Options, f *os.File) error {
			return server.Move(ctx, o, f, k.to, func() error { return settle(f) }, carried...)
		})
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The network is in %s, and no longer here. On the other computer: switchboard serve adopt FILE\n", k.file)
	return nil
}

func restoreCommand(adopt bool) func(ctx context.Context, args []string, out io.Writer, log hclog.Logger) error {
	return func(ctx context.Context, args []string, out io.Writer, _ hclog.Logger) error {
		k, err := parseKeep(args)
		if err != nil || len(k.to) > 0 {
			return usage("")
		}
		c, err := k.place()
		if err != nil {
			return err
		}
		f, err := os.Open(k.file)
		if err != nil {
			return fmt.Errorf("the backup cannot be read: %w", err)
		}
		defer f.Close()
		unlock, err := ownFolder(c.Folder)
		if err != nil {
			return err
		}
		defer unlock()
		ctx, cancel := context.WithTimeout(ctx, keepTime)
		defer cancel()
		r, err := server.Restore(ctx, c.Folder, f, adopt)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "The network %s of %s is in %s. Start it with: switchboard serve\n", r.Network, r.Time.Format(time.DateTime), c.Folder)
		return nil
	}
}

// keep carries out backup and move for whoever asks over the control socket, and
// tells the name of what it wrote.
func (c *control) keep(r Request) (name string, err error) {
	c.keeping.Lock()
	defer c.keeping.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), keepTime)
	defer cancel()
	c.forgetBackups()
	f, err := os.CreateTemp(c.config.Folder, backupPrefix+"*"+backupSuffix) // mode 0600
	if err != nil {
		return "", fmt.Errorf("write the backup: %w", err)
	}
	defer f.Close()
	name = filepath.Base(f.Name())
	if r.Op == "backup" {
		if err = c.s.Backup(ctx, f, carried...); err == nil {
			err = settle(f)
		}
	} else {
		err = c.leave(ctx, r, f)
	}
	if err == nil {
		return name, nil
	}
	if !hasMoved(c.config.Folder) {
		_ = os.Remove(f.Name()) // half a network, with the whole key
	}
	return "", err
}

// leave moves the network into a file.
func (c *control) leave(ctx context.Context, r Request, f *os.File) error {
	o, err := c.config.options(c.log)
	if err != nil {
		return err
	}
	o.Network = c.s.Network()
	c.s.Close()
	c.stop() // moved or not, this process is over: the next one looks afresh
	return server.Move(ctx, o, f, slices.Clone(r.To), func() error { return settle(f) }, carried...)
}

// forgetBackups removes what nobody came for: it holds the network's key.
func (c *control) forgetBackups() {
	all, err := os.ReadDir(c.config.Folder)
	if err != nil {
		return
	}
	for _, e := range all {
		if info, err := e.Info(); err == nil && isBackup(e.Name()) && info.Mode().IsRegular() && time.Since(info.ModTime()) > keepTime {
			_ = os.Remove(filepath.Join(c.config.Folder, e.Name()))
		}
	}
}
