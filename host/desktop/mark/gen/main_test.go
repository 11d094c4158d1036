package main

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png" // what the pictures are
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// kept is where the icon lies in the repository.
const kept = "../../../../deploy/desktop"

// TestIconsAreWhatIsDrawn: what is kept is what the program draws, pixel by pixel.
func TestIconsAreWhatIsDrawn(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	const vector = "switchboard.svg"
	if a, b := bytesOf(t, filepath.Join(dir, vector)), bytesOf(t, filepath.Join(kept, "icons", vector)); !bytes.Equal(a, b) {
		t.Error("the drawing differs: run go run ./host/desktop/mark/gen deploy/desktop/icons")
	}
	for _, edge := range Sizes {
		name := fmt.Sprintf("switchboard-%d.png", edge)
		a, b := pictureOf(t, filepath.Join(dir, name)), pictureOf(t, filepath.Join(kept, "icons", name))
		if a.Bounds() != b.Bounds() || a.Bounds().Dx() != edge {
			t.Fatalf("%s is %v", name, b.Bounds())
		}
		for i := range edge * edge {
			if x, y := i%edge, i/edge; a.At(x, y) != b.At(x, y) {
				t.Fatalf("%s differs at %d, %d", name, x, y)
			}
		}
	}
}

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func pictureOf(t *testing.T, path string) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(bytesOf(t, path)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return img
}

// TestDesktopFile: it names what the program is called by the window system, what
// it opens, and its actions, and says so in German, too.
func TestDesktopFile(t *testing.T) {
	path := filepath.Join(kept, "switchboard.desktop")
	text := string(bytesOf(t, path))
	for _, line := range []string{"StartupWMClass=switchboard", "MimeType=x-scheme-handler/switchboard;", "Exec=switchboard open %u", "Icon=switchboard", "Actions=window;quit;"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for _, key := range []string{"GenericName", "Comment", "Keywords"} {
		if !strings.Contains(text, "\n"+key+"=") || !strings.Contains(text, "\n"+key+"[de]=") {
			t.Errorf("%s is not there in both languages", key)
		}
	}
	if out, err := exec.Command("desktop-file-validate", path).CombinedOutput(); err != nil {
		t.Errorf("%v: %s (.ci/deps test)", err, out)
	}
}
