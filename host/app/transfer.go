package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a conversation on its way to a file and back.
const (
	pageTime       = 30 * time.Second // for one page
	maxExportPages = 1 << 20
	maxImportLine  = 112 << 10 // bytes of one line
	importPage     = 112 << 10 // bytes of lines in one command
	importLines    = 500       // in one command
	maxExportName  = 120       // bytes
	maxSameNames   = 1000
)

// exportFormats are the formats with what their files' names end in.
var exportFormats = map[string]string{"text": ".txt", "json": ".jsonl"}

// Export writes a conversation into a new file of a folder and answers its path. The
// format is text or json; an empty folder is the person's one for downloads. No
// file is ever replaced, and an unfinished one has a name of its own.
func (a *App) Export(ctx context.Context, conversation, format, folder string) (string, error) {
	suffix, known := exportFormats[format]
	if !known {
		return "", fmt.Errorf("a conversation is exported as text or json, not as %.40q", format)
	}
	if folder == "" {
		folder = downloadFolder()
	}
	if !filepath.IsAbs(folder) {
		return "", fmt.Errorf("a folder is named by its whole path, not %.80q", folder)
	}
	part, err := os.CreateTemp(folder, ".export-*.part")
	if err != nil {
		return "", fmt.Errorf("nothing can be written into the folder %s: %w", folder, reasonOf(err))
	}
	defer os.Remove(part.Name()) // gone already where all went well
	err = a.ExportTo(ctx, conversation, format, part)
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return "", err
	}
	return place(part.Name(), folder, fileName(a.titleOf(conversation)), suffix)
}

// ExportTo writes a conversation page by page, so that its length costs no memory.
func (a *App) ExportTo(ctx context.Context, conversation, format string, w io.Writer) error {
	if _, known := exportFormats[format]; !known {
		return fmt.Errorf("a conversation is exported as text or json, not as %.40q", format)
	}
	cursor := ""
	for range maxExportPages {
		var page struct{ Text, Cursor string }
		if err := a.page(ctx, conversation, "export", map[string]any{"format": format, "cursor": cursor}, &page); err != nil {
			return err
		}
		if _, err := io.WriteString(w, page.Text); err != nil {
			return fmt.Errorf("the export cannot be written: %w", reasonOf(err))
		}
		if page.Cursor == "" {
			return nil
		}
		if page.Cursor == cursor {
			break
		}
		cursor = page.Cursor
	}
	return errors.New("the export does not come to an end: the plugin gives the same part again")
}

// Import adds to a conversation what a file of Export (json) has and this computer has
// not. Nobody else learns of it, and a repeat adds nothing.
func (a *App) Import(ctx context.Context, conversation, path string) (added int, err error) {
	if !filepath.IsAbs(path) {
		return 0, fmt.Errorf("a file is named by its whole path, not %.80q", path)
	}
	// Opening a pipe would wait for somebody who writes into it.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("the file %s cannot be read: %w", path, reasonOf(err))
	}
	defer f.Close()
	return a.ImportFrom(ctx, conversation, f)
}

// ImportFrom is Import from a stream. What was added before an error stays.
func (a *App) ImportFrom(ctx context.Context, conversation string, r io.Reader) (added int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxImportLine)
	var header json.RawMessage
	var page []json.RawMessage
	size, number := 0, 0
	send := func() error {
		var answer struct{ Added int }
		err := a.page(ctx, conversation, "import", map[string]any{"header": header, "lines": page}, &answer)
		added, page, size = added+answer.Added, page[:0], 0
		return err
	}
	for lines.Scan() {
		number++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if !json.Valid(line) || !utf8.Valid(line) {
			return added, fmt.Errorf("line %d of the file is not one of an export as json", number)
		}
		if header == nil {
			header = bytes.Clone(line)
			continue
		}
		if len(page) == importLines || len(page) > 0 && size+len(line) > importPage-len(header) {
			if err := send(); err != nil {
				return added, err
			}
		}
		page, size = append(page, bytes.Clone(line)), size+len(line)+1
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return added, fmt.Errorf("line %d of the file is longer than any of an export", number+1)
	case err != nil:
		return added, fmt.Errorf("the file cannot be read: %w", reasonOf(err))
	case header == nil:
		return added, errors.New("the file is empty: it is no export of a conversation")
	}
	return added, send() // without lines, too: the header is looked at
}

// page runs one command and reads its answer.
func (a *App) page(ctx context.Context, conversation, name string, args map[string]any, answer any) error {
	data, err := plainJSON(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	result, err := a.Command(ctx, conversation, "", name, data)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(result, answer); err != nil {
		return fmt.Errorf("the plugin's answer to %s cannot be understood: %w", name, err)
	}
	return nil
}

// plainJSON leaves signs such as < as they are, which would each grow to six bytes.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write a command: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func (a *App) titleOf(conversation string) string {
	for _, c := range a.current().Conversations {
		if c.ID == conversation && c.Title != "" {
			return c.Title
		}
	}
	return conversation
}

// place gives a finished file a name that nothing has yet.
func place(part, folder, name, suffix string) (string, error) {
	for n := 1; n <= maxSameNames; n++ {
		path := filepath.Join(folder, name+suffix)
		if n > 1 {
			path = filepath.Join(folder, fmt.Sprintf("%s (%d)%s", name, n, suffix))
		}
		// A link fails where something is, which a rename would replace.
		err := os.Link(part, path)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil { // a file system without links
			if _, gone := os.Lstat(path); !errors.Is(gone, os.ErrNotExist) {
				continue
			}
			err = os.Rename(part, path)
		}
		if err != nil {
			return "", fmt.Errorf("nothing can be written into the folder %s: %w", folder, reasonOf(err))
		}
		return path, nil
	}
	return "", fmt.Errorf("there are %d files named %s in %s: move some of them", maxSameNames, name, folder)
}

// fileName makes a name that every file system takes from a title of a person's choice.
func fileName(title string) string {
	var b strings.Builder
	for _, r := range title {
		switch {
		case b.Len() >= maxExportName:
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune("-_.,()@+", r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), " "):
			b.WriteByte(' ')
		}
	}
	name := strings.Trim(b.String(), " .-")
	if name == "" || name == "@" {
		return "Conversation"
	}
	return name
}

// downloadFolder is where the desktop puts what a person downloads, or their home.
func downloadFolder() string {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		return os.TempDir()
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(home, ".config")
	}
	if data, err := os.ReadFile(filepath.Join(config, "user-dirs.dirs")); err == nil {
		for line := range strings.Lines(string(data)) {
			value, ok := strings.CutPrefix(strings.TrimSpace(line), "XDG_DOWNLOAD_DIR=")
			if !ok {
				continue
			}
			path := strings.Trim(value, `"`)
			if rest, inside := strings.CutPrefix(path, "$HOME"); inside {
				path = home + rest
			}
			if isFolder(path) {
				return path
			}
		}
	}
	if path := filepath.Join(home, "Downloads"); isFolder(path) {
		return path
	}
	return home
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return filepath.IsAbs(path) && err == nil && info.IsDir()
}

// reasonOf is what a person needs of an error of the file system.
func reasonOf(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
