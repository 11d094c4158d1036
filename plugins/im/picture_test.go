package im

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	"switchboard/sdk/view"
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

// several are different pictures.
func several(n int) []contractv1.Picture {
	out := make([]contractv1.Picture, n)
	for i := range out {
		out[i] = aPicture
		out[i].Hash = fmt.Sprintf("%064x", i+1)
	}
	return out
}

// hashes are the pictures of messages, each with its text.
func hashes(list []Entry) string {
	var out []string
	for _, e := range list {
		one := e.Text
		if e.Picture != nil {
			one += "/" + strings.TrimLeft(e.Picture.Hash, "0")
		}
		out = append(out, one)
	}
	return strings.Join(out, " ")
}

// TestRoomSeveralPictures attaches several, takes one away, and sends them: the text goes
// with the first, the others follow, in their order, and all of it once.
func TestRoomSeveralPictures(t *testing.T) {
	r := room(t)
	alice, bob := r.Device("alice", 0), r.Device("bob", 0)
	alice.Visible(true, true, true)
	all := several(contractv1.MaxPictures + 1)
	for _, p := range append(all[:4:4], all[2]) { // one of them twice
		alice.Attach(composerID, p)
	}
	alice.WaitText(fmt.Sprintf(englishChat.pictures, 4))
	alice.Press(detachID + ":" + all[1].Hash)
	alice.WaitText(fmt.Sprintf(englishChat.pictures, 3))
	r.Settle()
	alice.Kill()
	alice.Visible(true, true, true)
	alice.WaitText(fmt.Sprintf(englishChat.pictures, 3))
	alice.Submit(composerID, "look")
	r.Settle()
	for _, d := range r.Devices() {
		if got := hashes(historyOf(t, d)); got != "look/1 /3 /4" {
			t.Fatalf("%q", got)
		}
	}
	for _, p := range all {
		alice.Attach(composerID, p)
	}
	r.Settle()
	alice.WaitText(fmt.Sprintf(englishChat.pictures, contractv1.MaxPictures))
	if got := alice.Failures(); len(got) != 1 || got[0] != fmt.Sprintf(englishChat.tooManyPictures, contractv1.MaxPictures) {
		t.Errorf("of one too many it says %q", got)
	}
	if err := view.Check(alice.View(), false); err != nil {
		t.Error(err)
	}
	alice.Press(detachID)
	alice.Submit(composerID, "without")
	r.Settle()
	if got := hashes(historyOf(t, bob)); got != "look/1 /3 /4 without" {
		t.Errorf("%q", got)
	}
}

// TestSeveralPicturesThroughAKillAnywhere: wherever the plugin ends while it sends them,
// each is sent once, or nothing is and all are still there.
func TestSeveralPicturesThroughAKillAnywhere(t *testing.T) {
	for dies := 1; dies <= 7; dies++ {
		st := newStage(t, bob)
		st.start(sdk.Visible{Full: true})
		for i, p := range several(3) {
			st.do(sdk.Action{ID: fmt.Sprint("p", i), Node: composerID, Kind: sdk.Attach, Value: p.String()})
		}
		st.dies = dies
		st.do(sdk.Action{ID: "a1", Node: composerID, Kind: sdk.Submit, Value: "look"})
		st.dies = 0
		if dies%2 == 0 { // what was made has reached the network before the next start
			st.reopen(bob)
			st.do(sdk.Started{})
			st.network()
			st.do(sdk.CaughtUp{})
		} else {
			st.reopen(bob)
			var told sdk.Started
			for _, id := range st.order {
				told.Pending = append(told.Pending, sdk.Pending{ID: sdk.ID(id), Body: st.bodies[id], Time: st.clock})
			}
			st.do(told, sdk.CaughtUp{})
		}
		st.network()
		want, attached := "look/1 /2 /3", 0
		if dies == 1 {
			want, attached = "", 3
		}
		st.command("h", "history", map[string]any{})
		if got := hashes(st.replies["h"].([]Entry)); got != want || len(st.c.composer.pictures) != attached {
			t.Errorf("killed at %d: %q is there, %d attached", dies, got, len(st.c.composer.pictures))
		}
		if s, err := st.c.log.Sending(t.Context()); err != nil || s.Key != "" {
			t.Errorf("killed at %d: %+v is still being sent, %v", dies, s, err)
		}
	}
}

// TestRefusedInTheMiddleOfSeveral: what was made goes, what was not stays attached.
func TestRefusedInTheMiddleOfSeveral(t *testing.T) {
	st := newStage(t, bob)
	st.start(sdk.Visible{Full: true})
	for i, p := range several(3) {
		st.do(sdk.Action{ID: fmt.Sprint("p", i), Node: composerID, Kind: sdk.Attach, Value: p.String()})
	}
	st.dies = 2 // the first is made, and its answer lost
	st.do(sdk.Action{ID: "a1", Node: composerID, Kind: sdk.Submit, Value: "look"})
	st.dies = 0
	body, err := wire.Encode(wire.Body{Kind: wire.Text, Text: "look", Picture: several(1)[0]})
	if err != nil {
		t.Fatal(err)
	}
	st.do(sdk.Pending{ID: "a1", Body: body, Time: st.clock})
	st.refuse = sdk.Errorf(contractv1.Error_REFUSED, "Your administrator does not allow it.")
	st.do(sdk.Action{ID: "a2", Node: composerID, Kind: sdk.Submit, Value: "more"})
	if got := st.failures[len(st.failures)-1]; got != "Your administrator does not allow it." || len(st.c.composer.pictures) != 2 {
		t.Fatalf("%q, %d attached", got, len(st.c.composer.pictures))
	}
	st.refuse = nil
	st.do(sdk.Action{ID: "a3", Node: composerID, Kind: sdk.Submit, Value: "more"})
	st.network()
	st.command("h", "history", map[string]any{})
	if got := hashes(st.replies["h"].([]Entry)); got != "look/1 more/2 /3" {
		t.Errorf("%q", got)
	}
}

// TestTextIsNotGivenBackWhenAPictureIsRefused: the text goes with the first picture; what
// is refused after it stays attached with the reason, and the text does not come twice.
func TestTextIsNotGivenBackWhenAPictureIsRefused(t *testing.T) {
	st := newStage(t, bob)
	st.start(sdk.Visible{Full: true})
	for i, p := range several(3) {
		st.do(sdk.Action{ID: fmt.Sprint("p", i), Node: composerID, Kind: sdk.Attach, Value: p.String()})
	}
	st.refuseFrom = 2
	st.refuse = sdk.Errorf(contractv1.Error_REFUSED, "Your administrator does not allow it.")
	st.do(sdk.Action{ID: "a1", Node: composerID, Kind: sdk.Submit, Value: "look"})
	if len(st.failures) != 0 || st.c.composer.draft != "" || len(st.c.composer.pictures) != 2 || st.c.composer.refused != "Your administrator does not allow it." {
		t.Fatalf("failed %q, draft %q, %d attached because of %q", st.failures, st.c.composer.draft, len(st.c.composer.pictures), st.c.composer.refused)
	}
	st.refuse, st.refuseFrom = nil, 0
	st.do(sdk.Action{ID: "a2", Node: composerID, Kind: sdk.Submit, Value: ""})
	st.network()
	st.command("h", "history", map[string]any{})
	if got := hashes(st.replies["h"].([]Entry)); got != "look/1 /2 /3" || st.c.composer.refused != "" {
		t.Errorf("%q, %q", got, st.c.composer.refused)
	}
}

// TestRefusedAfterAStartIsSaid: what was left when the program ended is refused when it
// goes on; the reason stands beside what is still attached.
func TestRefusedAfterAStartIsSaid(t *testing.T) {
	st := newStage(t, bob)
	st.start(sdk.Visible{Full: true})
	for i, p := range several(3) {
		st.do(sdk.Action{ID: fmt.Sprint("p", i), Node: composerID, Kind: sdk.Attach, Value: p.String()})
	}
	st.dies = 3 // before the second
	st.do(sdk.Action{ID: "a1", Node: composerID, Kind: sdk.Submit, Value: "look"})
	st.dies = 0
	st.reopen(bob)
	st.do(sdk.Started{})
	st.network()
	st.refuse = sdk.Errorf(contractv1.Error_REFUSED, "Your administrator does not allow it.")
	st.do(sdk.CaughtUp{})
	if c := st.c.composer; c.refused != "Your administrator does not allow it." || len(c.pictures) != 2 {
		t.Errorf("%d are attached because of %q", len(c.pictures), c.refused)
	}
}

// TestRoomSeveralPicturesThroughChaos does the same over the real stream with kills at
// any frame.
func TestRoomSeveralPicturesThroughChaos(t *testing.T) {
	r := room(t)
	alice := r.Device("alice", 0)
	var want []string
	for round := range 6 {
		alice.Visible(true, true, true)
		pictures := several(3)
		for i := range pictures {
			pictures[i].Hash = fmt.Sprintf("%064x", 16*(round+1)+i)
			alice.Attach(composerID, pictures[i])
		}
		r.Settle()
		text := fmt.Sprint("round", round)
		for i := range pictures {
			want = append(want, []string{text, "", ""}[i]+"/"+strings.TrimLeft(pictures[i].Hash, "0"))
		}
		sent := func(d *sdktest.Device) bool { return strings.Contains(hashes(historyOf(t, d)), text) }
		for !sent(alice) {
			alice.Chaos(4 + 3*round)
			alice.Submit(composerID, text)
			r.Settle()
			alice.Chaos(0)
			r.Settle()
		}
	}
	for _, d := range r.Devices() {
		if got := hashes(historyOf(t, d)); got != strings.Join(want, " ") {
			t.Fatalf("%q\nwant %q", got, strings.Join(want, " "))
		}
	}
	t.Logf("%d starts", alice.Starts())
}
