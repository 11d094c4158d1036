package ui_test

import (
	"errors"
	"image"
	"strings"
	"testing"
	"time"

	"gioui.org/io/key"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// hash is a blob whose picture is the one of a letter.
func hash(letter string) string { return strings.Repeat(letter, 64) }

var sharedPicture = contractv1.Picture{Hash: hash("b"), Type: "image/png", Width: 900, Height: 600, Bytes: 90_000}

// gallery is the lab with faces, and messages with pictures in every state.
func gallery() *world {
	w := lab()
	w.snap.Account.Avatar = hash("a")
	for i := range w.snap.Contacts {
		if w.snap.Contacts[i].Address == "bob@lab" {
			w.snap.Contacts[i].Avatar = hash("a")
		}
	}
	day := func(h, m int) time.Time { return time.Date(2026, 11, 24, h, m, 0, 0, time.UTC) }
	w.views[chat("bob")] = transcript("bob", []line{
		{"bob", "Look what I found behind the shelf.", day(9, 58), 0},
		{"alice", "This one was there too", day(9, 59), contractv1.Message_READ},
		{"bob", "", day(10, 2), 0},
	})
	items := w.views[chat("bob")].Lists["log"].Items
	for i, letter := range []string{"b", "c", "d"} {
		n, bytes := 0, int64(90_000)
		for j := range items {
			if m := items[j].GetNode().GetMessage(); m != nil {
				if letter == "d" {
					bytes = 7 << 20
				}
				if n == i {
					m.Extra = []*contractv1.Node{{Id: "do:picture", Label: "Picture " + letter, Body: &contractv1.Node_Image{
						Image: &contractv1.Image{Blob: hash(letter), Width: 900 / uint32(i+1), Height: 600 / uint32(i+2), Bytes: bytes}}}}
				}
				n++
			}
		}
	}
	composer(w.views[chat("bob")].Root).Pictures = true
	return w
}

// composer is the editor of a view in which messages are written.
func composer(n *contractv1.Node) *contractv1.Editor {
	if e := n.GetEditor(); e.GetComposer() {
		return e
	}
	for _, c := range n.GetColumn().GetChildren() {
		if e := composer(c); e != nil {
			return e
		}
	}
	return nil
}

func openBob(t *testing.T) *shown {
	s := show(t, gallery(), image.Pt(1000, 760), 1)
	s.wait()
	s.wait()
	return s
}

func TestPicturesInMessages(t *testing.T) {
	s := openBob(t)
	if !s.world.asked("picture b false") || !s.world.asked("picture c false") {
		t.Fatal(s.world.all())
	}
	if s.world.asked("picture d false") || s.world.asked("picture d true") {
		t.Fatal("a large picture was fetched without being asked for")
	}
	s.Golden("pictures-light")
	s.Click("Picture b")
	s.wait()
	if !s.world.asked("picture b true") {
		t.Fatal("not enlarged")
	}
	s.Golden("picture-large-light")
	s.Key(key.NameEscape, 0)
	s.wait()
	s.Golden("pictures-light")
	s.Click("Picture d") // asks for it
	s.wait()
	if !s.world.asked("picture d true") {
		t.Fatal("asked for, and not fetched")
	}
}

func TestAttachingWithTheOwnDialog(t *testing.T) {
	s := openBob(t)
	s.world.mu.Lock()
	s.world.fail["choose"] = errors.New("no dialog here")
	s.world.mu.Unlock()
	s.Click("Attach a picture")
	s.wait()
	s.wait()
	s.Golden("choose-light")
	s.Click("Work")
	s.wait()
	if !s.world.asked("folder /home/alice/Pictures/Work") || !s.Has("There are no pictures in this folder.") {
		t.Fatal(s.Tree())
	}
	s.Click("Folder above")
	s.wait()
	s.Click("cat.png")
	s.wait()
	s.wait()
	if !s.world.asked("share /home/alice/Pictures/cat.png") || !s.world.asked("act dm.alice.bob text PICTURE "+sharedPicture.String()) {
		t.Fatal(s.world.all())
	}
}

func TestAPastedNameIsOffered(t *testing.T) {
	s := openBob(t)
	s.Click("Message Bob")
	s.Type("see /tmp/x.png")
	if s.Has("Attach it") {
		t.Fatal("a sentence is not a file")
	}
	s = openBob(t)
	s.Click("Message Bob")
	s.Type("file:///tmp/my%20cat.PNG")
	s.Click("Attach it")
	s.wait()
	if !s.world.asked("share file:///tmp/my%20cat.PNG") {
		t.Fatal(s.world.all())
	}
}

func TestMyPictureIsChosenAndRemoved(t *testing.T) {
	s := show(t, gallery(), image.Pt(1000, 760), 1)
	s.wait()
	s.world.mu.Lock()
	s.world.fail["choose"] = errors.New("no dialog here")
	s.world.mu.Unlock()
	s.Click("My presence: Available")
	s.Click("Choose my picture…")
	s.wait()
	s.wait()
	s.Click("IMG_2031.jpg")
	s.wait()
	if !s.world.asked("avatar /home/alice/Pictures/IMG_2031.jpg") {
		t.Fatal(s.world.all())
	}
	s.Click("My presence: Available")
	s.Click("Remove my picture")
	s.wait()
	if !s.world.asked("avatar ") {
		t.Fatal(s.world.all())
	}
}

func TestFacesOfStrangersAreNotFetched(t *testing.T) {
	w := lab()
	w.change(func(s *model.Snapshot) {
		for i := range s.Contacts {
			if s.Contacts[i].State == model.Request {
				s.Contacts[i].Avatar = hash("a")
			}
		}
	})
	s := show(t, w, image.Pt(1000, 760), 1)
	s.wait()
	if w.asked("picture a false") {
		t.Fatal("somebody who asks has a picture fetched here")
	}
}
