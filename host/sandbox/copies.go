package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

// Bounds of an installed folder.
const (
	maxFiles     = 4096
	maxFolder    = 512 << 20
	maxIndex     = 4096
	maxIndexFile = 8 << 20
	unusedAfter  = 30 * 24 * time.Hour
)

// Copies are the private read-only copies that are executed, named by their
// content: plugins that are links to one executable share one file, and so its
// memory. Digests are kept and computed again only when a file has changed.
type Copies struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	index index
	dirty bool
}

// index is what is known of files, as kept in digests.json.
type index struct {
	// Digests of source files by identity.
	Digests map[string]string `json:"digests"`
	// Blobs that were made, by digest, and when they were last used (Unix days).
	Blobs map[string]blob `json:"blobs"`
	// Folders that were made, by digest.
	Folders map[string]int64 `json:"folders"`
}

type blob struct {
	Known Identity `json:"known"`
	Used  int64    `json:"used"`
}

// Image is a plugin ready to be executed.
type Image struct {
	Program Program
	// Dir is the copy of the installed folder, without the program.
	Dir string
	// Digest is over the whole installed folder, manifest and program included.
	Digest string
}

// OpenCopies opens or makes the folder and removes copies that have not been
// used for a month. A damaged index only costs time.
func OpenCopies(dir string) (*Copies, error) {
	c := &Copies{dir: dir, now: time.Now}
	for _, d := range []string{"blobs", "folders"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, fmt.Errorf("make the folder for copies of plugins: %w", err)
		}
	}
	c.load()
	c.sweep()
	return c, nil
}

func (c *Copies) load() {
	c.index = index{Digests: map[string]string{}, Blobs: map[string]blob{}, Folders: map[string]int64{}}
	f, err := os.Open(c.indexFile())
	if err != nil {
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIndexFile))
	if err != nil {
		return
	}
	var read index
	if json.Unmarshal(data, &read) != nil || read.Digests == nil || read.Blobs == nil || read.Folders == nil {
		return
	}
	c.index = read
}

func (c *Copies) indexFile() string { return filepath.Join(c.dir, "digests.json") }

func (c *Copies) today() int64 { return c.now().Unix() / (24 * 3600) }

// save writes the index when it changed; losing it only costs time.
func (c *Copies) save() {
	if !c.dirty {
		return
	}
	if len(c.index.Digests) > maxIndex {
		c.index.Digests = map[string]string{}
	}
	data, err := json.Marshal(c.index)
	if err != nil {
		return
	}
	tmp := c.indexFile() + ".new"
	if os.WriteFile(tmp, data, 0o600) == nil && os.Rename(tmp, c.indexFile()) == nil {
		c.dirty = false
	}
}

// sweep removes what the index does not know or has not seen used for long.
func (c *Copies) sweep() {
	oldest := c.today() - int64(unusedAfter/(24*time.Hour))
	c.sweepDir("blobs", func(name string) bool { return c.index.Blobs[name].Used >= oldest })
	c.sweepDir("folders", func(name string) bool { return c.index.Folders[name] >= oldest })
	for name, b := range c.index.Blobs {
		if b.Used < oldest {
			delete(c.index.Blobs, name)
		}
	}
	for name, used := range c.index.Folders {
		if used < oldest {
			delete(c.index.Folders, name)
		}
	}
}

func (c *Copies) sweepDir(sub string, keep func(string) bool) {
	dir := filepath.Join(c.dir, sub)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !keep(e.Name()) {
			_ = removeTree(filepath.Join(dir, e.Name()))
		}
	}
}

// removeTree removes read-only folders too.
func removeTree(path string) error {
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(p, 0o700)
		}
		return nil
	})
	return os.RemoveAll(path)
}

// Prepare makes the image of a plugin installed in dir. program is the absolute
// path of what is executed: a file in dir, or an interpreter of the system.
func (c *Copies) Prepare(dir, program string) (Image, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.save()
	image := Image{Program: Program{Path: program}}
	native := ""
	if rel, err := filepath.Rel(dir, program); err == nil && filepath.IsLocal(rel) {
		native = rel
	}
	files, err := c.list(dir, native)
	if err != nil {
		return image, fmt.Errorf("copy the plugin in %s: %w", dir, err)
	}
	for _, f := range files {
		if f.rel == native {
			if image.Program, err = c.blob(f); err != nil {
				return image, fmt.Errorf("copy the program %s: %w", program, err)
			}
		}
	}
	image.Digest = folderDigest(files, "")
	if image.Dir, err = c.folder(files, native); err != nil {
		return image, fmt.Errorf("copy the plugin in %s: %w", dir, err)
	}
	return image, nil
}

// file is one file of an installed folder.
type file struct {
	rel, path  string
	executable bool
	digest     string
	id         Identity
}

// list reads a folder, sorted, with digests. The link of the program is followed
// wherever it leads, since that is how plugins share an executable; any other
// must stay in the folder, or the plugin could read what it leads to. Links to
// folders are refused.
func (c *Copies) list(dir, native string) ([]file, error) {
	var files []file
	var total int64
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a folder", path)
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 && rel != native {
			if err := within(root, path); err != nil {
				return err
			}
		}
		if total += info.Size(); len(files) >= maxFiles || total > maxFolder {
			return fmt.Errorf("the folder holds more than %d files or %d MB", maxFiles, maxFolder>>20)
		}
		f := file{rel: rel, path: path, executable: info.Mode().Perm()&0o100 != 0, id: IdentityOf(info)}
		if f.digest, err = c.digest(f); err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	sort.Slice(files, func(i, j int) bool { return files[i].rel < files[j].rel })
	return files, err
}

// within refuses a link that leads out of a folder.
func within(root, link string) error {
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(root, target); err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s is a link to %s, outside the plugin's folder", link, target)
	}
	return nil
}

// digest of a file, computed only when the file is not as it was.
func (c *Copies) digest(f file) (string, error) {
	key := f.id.String()
	if d, ok := c.index.Digests[key]; ok && f.id != (Identity{}) {
		return d, nil
	}
	in, err := os.Open(f.path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	d, err := Digest(in)
	if err == nil {
		c.index.Digests[key] = d
		c.dirty = true
	}
	return d, err
}

// Digest is the SHA-256 of what is read, in hex.
func Digest(r io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// String is the identity as a key.
func (id Identity) String() string {
	return fmt.Sprintf("%d:%d:%d:%d", id.Dev, id.Inode, id.Size, id.Ctime)
}

// blob makes or finds the copy of a program.
func (c *Copies) blob(f file) (Program, error) {
	path := filepath.Join(c.dir, "blobs", f.digest)
	p := Program{Path: path, Digest: f.digest}
	known := c.index.Blobs[f.digest]
	info, err := os.Stat(path)
	if err != nil || IdentityOf(info) != known.Known || known.Known == (Identity{}) {
		if p.Known, err = copyFile(f, path, 0o500); err != nil {
			return p, err
		}
		known.Known, known.Used, c.dirty = p.Known, 0, true
	}
	p.Known = known.Known
	if known.Used != c.today() {
		known.Used, c.dirty = c.today(), true
	}
	c.index.Blobs[f.digest] = known
	return p, nil
}

// copyFile copies and compares the digest of what was copied, so that a file
// which changes meanwhile is not taken for what it was.
func copyFile(f file, to string, mode fs.FileMode) (Identity, error) {
	in, err := os.Open(f.path)
	if err != nil {
		return Identity{}, err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), ".copy-*")
	if err != nil {
		return Identity{}, err
	}
	defer os.Remove(out.Name())
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, h), io.LimitReader(in, maxFolder))
	err = errors.Join(err, out.Chmod(mode), out.Close())
	if err != nil {
		return Identity{}, err
	}
	if hex.EncodeToString(h.Sum(nil)) != f.digest {
		return Identity{}, fmt.Errorf("%s changed while it was copied; try again", f.path)
	}
	if err := os.Rename(out.Name(), to); err != nil {
		return Identity{}, err
	}
	info, err := os.Stat(to)
	if err != nil {
		return Identity{}, err
	}
	return IdentityOf(info), nil
}

// folderDigest is over names, executable bits and contents, without one file.
func folderDigest(files []file, without string) string {
	h := sha256.New()
	for _, f := range files {
		if f.rel != without || without == "" {
			fmt.Fprintf(h, "%q %v %s\n", filepath.ToSlash(f.rel), f.executable, f.digest)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// folder makes or finds the read-only copy of everything but the program.
func (c *Copies) folder(files []file, native string) (string, error) {
	digest := folderDigest(files, native)
	to := filepath.Join(c.dir, "folders", digest)
	if c.index.Folders[digest] != c.today() {
		c.index.Folders[digest] = c.today()
		c.dirty = true
	}
	if _, err := os.Stat(to); err == nil {
		return to, nil
	}
	tmp, err := os.MkdirTemp(filepath.Join(c.dir, "folders"), ".copy-*")
	if err != nil {
		return "", err
	}
	defer removeTree(tmp)
	dirs := []string{tmp}
	for _, f := range files {
		if f.rel == native && native != "" {
			continue
		}
		target := filepath.Join(tmp, f.rel)
		if parent := filepath.Dir(target); parent != tmp {
			if err := os.MkdirAll(parent, 0o700); err != nil {
				return "", err
			}
			dirs = append(dirs, parent)
		}
		mode := fs.FileMode(0o400)
		if f.executable {
			mode = 0o500
		}
		if _, err := copyFile(f, target, mode); err != nil {
			return "", err
		}
	}
	if err := os.Rename(tmp, to); err != nil {
		return "", err
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		_ = os.Chmod(strings.Replace(dirs[i], tmp, to, 1), 0o500)
	}
	return to, nil
}
