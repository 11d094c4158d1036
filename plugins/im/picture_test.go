package im

import (
	"slices"
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
)

var aPicture = contractv1.Picture{Hash: strings.Repeat("0a", 32), Type: "image/jpeg", Width: 1200, Height: 800, Bytes: 70_000}

// TestRoomPictures attaches a picture, takes it away, kills the plugin with it
// attached, sends it without a text and with one, and looks at all four devices.
func TestRoomPictures(t *testing.T) {
	r := room(t)
	alice, bob := r.Devices()[0], r.Devices()[2]
	for _, d := range []int{0, 2} {
		r.Devices()[d].Visible(true, true, true)
	}
	alice.Attach(composerID, aPicture)
	alice.Press(detachID)
	alice.Attach(composerID, aPicture)
	r.Settle()
	alice.Kill()
	alice.Visible(true, true, true)
	alice.Submit(composerID, "")
	r.Settle()
	if err := alice.Command(t.Context(), "send", map[string]string{"text": "look", "picture": aPicture.String()}, nil); err != nil {
		t.Fatal(err)
	}
	r.Settle()
	for _, d := range r.Devices() {
		list := historyOf(t, d)
		if texts(list) != ",look" {
			t.Fatalf("%q", texts(list))
		}
		for _, e := range list {
			if e.Picture == nil || e.Picture.Hash != aPicture.Hash || e.Picture.Width != 1200 {
				t.Fatalf("%+v", e)
			}
		}
	}
	if got := bob.Wanted(); !slices.Contains(got, aPicture.Hash) || len(alice.Wanted()) != 0 {
		t.Fatalf("bob wants %v, alice %v", got, alice.Wanted())
	}
	if got := bob.Summary().GetText(); got != "look" {
		t.Fatalf("%q", got)
	}
	bob.Attach(composerID, aPicture)
	if err := bob.Command(t.Context(), "send", map[string]string{"picture": "rubbish"}, nil); err == nil {
		t.Fatal("rubbish was sent")
	}
	if err := bob.Command(t.Context(), "send", map[string]string{}, nil); err == nil {
		t.Fatal("nothing was sent")
	}
	if err := alice.Command(t.Context(), "delete", map[string]string{"id": historyOf(t, alice)[0].ID}, nil); err != nil {
		t.Fatal(err)
	}
	r.Settle()
	if e := historyOf(t, bob)[0]; !e.Deleted || e.Picture != nil {
		t.Fatalf("%+v", e)
	}
}
