package app

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/shared/seek"
)

func searched() *model.Snapshot {
	return &model.Snapshot{
		Account:  &model.Account{Address: "alice@lab", Name: "Alice"},
		Contacts: []model.Contact{{Address: "bob@lab", Name: "Bob Miller"}, {Address: "bobby@lab", Name: "Robert"}},
		Groups:   []model.GroupInfo{{Members: []model.GroupMember{{Address: "carol@lab", Name: "Carol"}, {Address: "bob@lab", Name: "Bob Miller"}}}},
		Conversations: []model.Conversation{{ID: "dm.alice.bob", Title: "Bob Miller", Peer: "bob@lab"}, {ID: "room.a", Title: "The office"},
			{ID: "room.b", Title: "Office party"}},
	}
}

func TestNamesOfASearch(t *testing.T) {
	for text, want := range map[string]string{
		"x": "| |x", "from:bob x": "bob@lab| |x", "from:robert": "bobby@lab| |", `from:"bob miller"`: "bob@lab| |", "from:mill": "bob@lab| |",
		"from:bo": "bob@lab bobby@lab| |", "from:carol from:me": "alice@lab carol@lab| |", "from:gone@lab": "gone@lab| |",
		`in:"the office" x`: "|room.a |x", "in:office": "|room.a room.b |", "in:room.b in:bob@lab": "|dm.alice.bob room.b |",
		`has:link before:2026-11-24 "a b" c`: `| |before:2026-11-24 has:link "a b" c`,
	} {
		parsed, err := seek.Parse(text, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		call, fault := searchCall(parsed, model.Query{}, searched())
		if fault != "" {
			t.Errorf("%s: %s", text, fault)
			continue
		}
		if got := strings.Join(call.From, " ") + "|" + strings.Join(call.Conversations, " ") + " |" + call.Query; strings.ReplaceAll(got, "| |", "||") != strings.ReplaceAll(want, "| |", "||") {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{"from:zed": "Nobody here is called “zed”", "in:zed": "No conversation here is called “zed”",
		strings.Repeat("abcdefgh ", 30): "at most 256 bytes"} {
		parsed, err := seek.Parse(text, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		if _, fault := searchCall(parsed, model.Query{}, searched()); !strings.Contains(fault, want) || !strings.HasSuffix(fault, ".") {
			t.Errorf("%.20s: %q", text, fault)
		}
	}
	parsed, _ := seek.Parse("in:office x", time.UTC)
	if call, fault := searchCall(parsed, model.Query{Conversation: "dm.alice.bob"}, searched()); call != nil || fault != "" {
		t.Errorf("%v %s", call, fault)
	}
	if call, _ := searchCall(parsed, model.Query{Conversation: "room.b"}, searched()); !slices.Equal(call.Conversations, []string{"room.b"}) {
		t.Errorf("%v", call)
	}
}

// TestPagesOfSeveralPlugins: hits come by time, none twice and none left out, however
// the plugins' own pages are cut.
func TestPagesOfSeveralPlugins(t *testing.T) {
	at := func(n int) model.Hit { return model.Hit{Item: string(rune('a' + n)), Time: time.Unix(int64(n), 0)} }
	own := map[string][]model.Hit{"one": {at(9), at(7), at(5), at(3)}, "two": {at(8), at(6)}, "three": {}}
	answer := func(p *part, limit int) {
		from := 0
		if p.Cursor != "" {
			from = int(p.Cursor[0] - '0')
		}
		all := own[p.Plugin]
		page := all[from:min(from+limit+p.Skip, len(all), from+3)]
		if from+len(page) < len(all) {
			p.next = string(rune('0' + from + len(page)))
		}
		p.hits = page[min(p.Skip, len(page)):]
	}
	for limit := 1; limit <= 7; limit++ {
		parts := []part{{Plugin: "one"}, {Plugin: "two"}, {Plugin: "three"}}
		got := ""
		for range 20 {
			for i := range parts {
				answer(&parts[i], limit)
			}
			found := merge(parts, limit)
			for _, h := range found.Hits {
				got += h.Item
			}
			if found.Cursor == "" {
				break
			}
			parts = decoded(t, found.Cursor)
		}
		if got != "jihgfd" {
			t.Errorf("limit %d: %s", limit, got)
		}
	}
	failed := []part{{Plugin: "one", name: "One", hits: own["one"]}, {Plugin: "two", name: "Two", err: errSearchEnded}}
	if found := merge(failed, 9); len(found.Hits) != 4 || found.Fault != "Not everything could be searched: Two: it stopped while it was searching." {
		t.Errorf("%+v", found)
	}
}

func TestFileNames(t *testing.T) {
	for title, want := range map[string]string{"Bob": "Bob", "../../etc/passwd": "etc passwd", "": "Conversation", "a/b\\c\x00d": "a b c d",
		"…": "Conversation", ".hidden": "hidden", "Büro 👍 Straße": "Büro Straße"} {
		if got := fileName(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	if n := len(fileName(strings.Repeat("ü", 500))); n > maxExportName+4 {
		t.Errorf("%d bytes", n)
	}
	dir := t.TempDir()
	for _, want := range []string{"Bob.txt", "Bob (2).txt", "Bob (3).txt"} {
		part := filepath.Join(dir, "part")
		if err := os.WriteFile(part, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		path, err := place(part, dir, "Bob", ".txt")
		if err != nil || filepath.Base(path) != want {
			t.Errorf("%s, %v", path, err)
		}
		_ = os.Remove(part)
	}
	for name, want := range map[string]string{"Bob.txt": "Bob.txt", "Bob (3).txt": "Bob (3).txt"} {
		if data, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(data) != want {
			t.Errorf("%s holds %q, %v", name, data, err)
		}
	}
}

func TestDownloadFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	if got := downloadFolder(); got != home {
		t.Errorf("without any: %s", got)
	}
	for _, dir := range []string{"Downloads", "Runter", ".config"} {
		if err := os.Mkdir(filepath.Join(home, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if got := downloadFolder(); got != filepath.Join(home, "Downloads") {
		t.Errorf("without a word of the desktop: %s", got)
	}
	if err := os.WriteFile(filepath.Join(home, ".config", "user-dirs.dirs"), []byte("# c\nXDG_DESKTOP_DIR=\"$HOME/x\"\nXDG_DOWNLOAD_DIR=\"$HOME/Runter\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := downloadFolder(); got != filepath.Join(home, "Runter") {
		t.Errorf("with one: %s", got)
	}
}

func decoded(t *testing.T, cursor string) []part {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	if err := json.Unmarshal(data, &parts); err != nil {
		t.Fatal(err)
	}
	return parts
}

// TestPagesOfAnImportFit: the largest page is within a command's bound, whatever its
// lines hold.
func TestPagesOfAnImportFit(t *testing.T) {
	line := `{"text":"` + strings.Repeat("<", maxImportLine-11) + `"}`
	header := `{"title":"` + strings.Repeat("&", 4<<10) + `"}`
	data, err := plainJSON(map[string]any{"header": json.RawMessage(header), "lines": []json.RawMessage{json.RawMessage(line)}})
	if err != nil || len(data) > contractv1.MaxCommandArgs {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// TestAnImportDoesNotWaitForAPipe: what is no file is refused at once.
func TestAnImportDoesNotWaitForAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, t.TempDir(), "/dev/zero"} {
		if _, err := (&App{}).Import(t.Context(), "dm.a.b", path); err == nil || !strings.Contains(err.Error(), "is not a file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestWhatWasFoundSteersNothing: a hit's text is shown by terminals too, and its marks
// stay where they are.
func TestWhatWasFoundSteersNothing(t *testing.T) {
	text := "a\x1b[2J\u009bü\u2028b\u202ec\x7f\n"
	got := strings.Map(plainRune, text)
	if len(got) != len(text) || strings.IndexByte(got, 'b') != strings.IndexByte(text, 'b') || strings.ContainsFunc(got, unicode.IsControl) ||
		strings.ContainsAny(got, "\u2028\u202e") || !strings.Contains(got, "ü") {
		t.Errorf("%q", got)
	}
}
