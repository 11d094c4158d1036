package bridge

import (
	"errors"
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// TestBounds: each published bound, by answer or by the end.
func TestBounds(t *testing.T) {
	big := func(n int) []byte { return make([]byte, n+1) }
	calls := map[string]*contractv1.HostCall{
		"update":    {Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{Body: big(contractv1.MaxUpdate)}}},
		"state":     {Call: &contractv1.HostCall_SetState{SetState: &contractv1.StateCall{Key: "k", Scope: 1, Value: big(contractv1.MaxState)}}},
		"state key": {Call: &contractv1.HostCall_SetState{SetState: &contractv1.StateCall{Key: "K!", Scope: 1}}},
		"scope":     {Call: &contractv1.HostCall_SetState{SetState: &contractv1.StateCall{Key: "k"}}},
		"summary":   {Call: &contractv1.HostCall_Summary{Summary: &contractv1.SummaryCall{Text: string(big(contractv1.MaxSummary))}}},
		"title":     {Call: &contractv1.HostCall_Offer{Offer: &contractv1.OfferCall{Title: string(big(contractv1.MaxOfferTitle))}}},
		"offer":     {Call: &contractv1.HostCall_Offer{Offer: &contractv1.OfferCall{Payload: big(contractv1.MaxOffer)}}},
		"blob":      {Call: &contractv1.HostCall_BlobPut{BlobPut: &contractv1.BlobPutCall{Data: big(contractv1.MaxPluginBlob)}}},
		"no blob":   {Call: &contractv1.HostCall_BlobPut{BlobPut: &contractv1.BlobPutCall{}}},
		"no hash":   {Call: &contractv1.HostCall_BlobGet{BlobGet: &contractv1.BlobGetCall{Hash: "../x"}}},
		"secret":    {Call: &contractv1.HostCall_Secret{Secret: &contractv1.SecretCall{Name: "n", Value: big(contractv1.MaxSecret)}}},
		"unknown":   {},
	}
	_, p, h := connect(t, Feature, "secrets")
	for name, c := range calls {
		p.say(on(1, call(c)()))
		e := p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetReply() != nil }).GetReply().GetError()
		if e.GetCode() != contractv1.Error_TOO_LARGE && e.GetCode() != contractv1.Error_INVALID || e.GetMessage() == "" {
			t.Errorf("%s: %v", name, e)
		}
	}
	if len(h.frames) > 0 {
		t.Error("the sink heard some of it")
	}
	text := func(n int) string { return strings.Repeat("x", n+1) }
	ends := map[string][]*contractv1.PluginFrame{
		"a signal of":          {{Session: 1, Body: &contractv1.PluginFrame_Signal{Signal: &contractv1.Signal{Body: big(contractv1.MaxSignal)}}}},
		"a reason of":          {{Session: 1, Body: &contractv1.PluginFrame_Handled{Handled: &contractv1.Handled{Failed: text(maxReason)}}}},
		"201 list items":       {{Session: 1, Body: &contractv1.PluginFrame_Items{Items: &contractv1.ListItems{Items: make([]*contractv1.ListItem, 201)}}}},
		"201 list changes":     {{Session: 1, Body: &contractv1.PluginFrame_Patch{Patch: &contractv1.ListPatch{Ops: make([]*contractv1.ListOp, 201)}}}},
		"a negative position":  {{Session: 1, Body: &contractv1.PluginFrame_SessionReady{SessionReady: &contractv1.SessionReady{FromSeq: -1}}}},
		"not JSON":             {{Session: 1, Body: &contractv1.PluginFrame_CommandReply{CommandReply: &contractv1.CommandReply{Result: []byte("{")}}}},
		"a second ready":       {readyFrame(&contractv1.Ready{})},
		"a batch of 65 frames": make([]*contractv1.PluginFrame, 65),
		"a frame of 11":        {{Session: 1, Body: &contractv1.PluginFrame_Items{Items: &contractv1.ListItems{List: text(1_100_000)}}}},
		"more credit":          {{Session: 1, Body: &contractv1.PluginFrame_Credit{Credit: &contractv1.Credit{Messages: 1 << 31}}}},
		"two open calls":       {on(1, samples["call.fetch"]()), on(1, samples["call.fetch"]())},
	}
	for want, frames := range ends {
		for i, f := range frames {
			if f == nil {
				frames[i] = &contractv1.PluginFrame{}
			}
		}
		c, p, _ := connect(t, Feature)
		p.say(frames...)
		if got := broken(t, c); !strings.Contains(got, want) || !strings.Contains(got, "broke the contract") {
			t.Errorf("want %q, got %q", want, got)
		}
	}
}

// TestUnknown: what this host does not know is ignored.
func TestUnknown(t *testing.T) {
	_, p, h := connect(t, Feature)
	p.say(&contractv1.PluginFrame{Session: 77}, on(1, samples["ack"]()))
	if f := h.next(t); f.GetAck() == nil {
		t.Fatal(f)
	}
}

// TestShowFlood: the pace of views is enforced, with room for what a busy host
// made arrive together.
func TestShowFlood(t *testing.T) {
	c, p, h := connect(t, Feature)
	for range showBurst / 10 {
		batch := []*contractv1.PluginFrame{}
		for range 10 {
			batch = append(batch, on(1, samples["show"]()))
		}
		p.say(batch...)
	}
	for range showBurst / 10 * 10 {
		h.next(t)
	}
	for range 30 {
		p.say(on(1, samples["show"]()))
	}
	if got := broken(t, c); !strings.Contains(got, "more than 30 views a second") {
		t.Fatal(got)
	}
}

// TestFreeFlood: frames that cost no credit come at a bounded pace, and none of
// them is lost; a connection that waits for that still ends at once.
func TestFreeFlood(t *testing.T) {
	c, p, h := connect(t, Feature)
	c.free.SetBurst(100)
	c.free.SetLimit(1000)
	began := time.Now()
	batch := []*contractv1.PluginFrame{{Session: 77}} // not even known
	for range 25 {
		batch = append(batch, on(1, samples["ack"]()), on(1, samples["handled"]()))
	}
	for range 8 {
		p.say(batch...)
	}
	for range 400 {
		h.next(t)
	}
	if took := time.Since(began); took < 250*time.Millisecond {
		t.Errorf("400 frames passed in %s", took)
	}
	c.free.SetLimit(0.01)
	for range 4 {
		p.say(batch...)
	}
	c.Close(t.Context(), 50*time.Millisecond)
	if c.Err() != nil {
		t.Error(c.Err())
	}
}

// TestReadyTwice: a session begins once.
func TestReadyTwice(t *testing.T) {
	c, p, h := connect(t, Feature)
	p.say(on(1, samples["session_ready"]()))
	h.next(t)
	if err := c.Send(openFrame(2)); err != nil {
		t.Fatal(err)
	}
	p.say(on(2, samples["session_ready"]()))
	h.next(t)
	p.say(on(1, samples["session_ready"]()))
	if got := broken(t, c); !strings.Contains(got, "a second session_ready on handle 1") {
		t.Fatal(got)
	}
}

// TestBusy: more open calls than the bound are refused, later ones pass again.
func TestBusy(t *testing.T) {
	c, p, h := connect(t, Feature)
	for i := range contractv1.MaxOpenCalls + 1 {
		f := on(1, samples["call.fetch"]())
		f.GetCall().Id = uint64(i + 1)
		p.say(f)
	}
	r := p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetReply() != nil }).GetReply()
	if r.GetId() != contractv1.MaxOpenCalls+1 || r.GetError().GetCode() != contractv1.Error_UNAVAILABLE {
		t.Fatal(r)
	}
	for range contractv1.MaxOpenCalls {
		h.next(t)
	}
	if err := c.Send(&contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Reply{Reply: &contractv1.HostReply{Id: 1}}}); err != nil {
		t.Fatal(err)
	}
	f := on(1, samples["call.fetch"]())
	f.GetCall().Id = 100
	p.say(f)
	if got := h.next(t); got.GetCall().GetId() != 100 {
		t.Fatal(got)
	}
}

func eventFrame(handle uint32, e *contractv1.Event) *contractv1.HostFrame {
	return &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Event{Event: e}}
}

// TestOverflow: a session that takes nothing fills its own queue only; signals
// are dropped; room is told once it is there.
func TestOverflow(t *testing.T) {
	c, p, h := connect(t, Feature)
	if err := c.Send(openFrame(2)); err != nil {
		t.Fatal(err)
	}
	update := &contractv1.Event{Event: &contractv1.Event_Update{Update: &contractv1.Update{Id: "u"}}}
	sent := 0
	for ; sent < 10_000; sent++ {
		if err := c.Send(eventFrame(1, update)); err != nil {
			if !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			break
		}
	}
	if sent < contractv1.WindowMessages || sent > 4*contractv1.WindowMessages {
		t.Fatalf("%d events until full", sent)
	}
	signal := &contractv1.Event{Event: &contractv1.Event_Signal{Signal: &contractv1.Signal{}}}
	if err := c.Send(eventFrame(1, signal)); err != nil {
		t.Fatalf("a signal: %v", err)
	}
	if err := c.Send(eventFrame(2, update)); err != nil {
		t.Fatalf("the neighbour: %v", err)
	}
	p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetSession() == 2 && f.GetEvent() != nil })
	size := uint32(0)
	for range contractv1.WindowMessages {
		size += 12 // at most what each of these frames has
	}
	p.say(on(1, &contractv1.PluginFrame{Body: &contractv1.PluginFrame_Credit{Credit: &contractv1.Credit{
		Messages: contractv1.WindowMessages, Bytes: min(size, 1)}}}))
	select {
	case n := <-h.room:
		if n != 1 {
			t.Fatalf("room on %d", n)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("room was not told")
	}
	if err := c.Send(eventFrame(1, update)); err != nil {
		t.Fatal(err)
	}
}

// TestHandles: what may be sent to which session.
func TestHandles(t *testing.T) {
	c, p, h := connect(t, Feature)
	update := &contractv1.Event{Event: &contractv1.Event_CaughtUp{CaughtUp: &contractv1.CaughtUp{}}}
	if err := c.Send(eventFrame(5, update)); !errors.Is(err, ErrNoSession) {
		t.Fatalf("an unopened handle: %v", err)
	}
	if err := c.Send(openFrame(1)); err == nil {
		t.Fatal("a handle was opened twice")
	}
	closing := &contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Close{Close: &contractv1.SessionClose{Reason: contractv1.SessionClose_IDLE}}}
	if err := c.Send(closing); err != nil {
		t.Fatal(err)
	}
	if err := c.Send(eventFrame(1, update)); !errors.Is(err, ErrNoSession) {
		t.Fatalf("an event after close: %v", err)
	}
	// While the plugin finishes, its calls are still answered.
	p.say(on(1, samples["call.summary"]()))
	h.next(t)
	if err := c.Send(&contractv1.HostFrame{Session: 1, Body: &contractv1.HostFrame_Reply{Reply: &contractv1.HostReply{Id: 1}}}); err != nil {
		t.Fatal(err)
	}
	p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetReply() != nil })
	p.say(on(1, samples["session_done"]()))
	h.next(t)
	p.say(on(1, samples["ack"]()))
	if got := broken(t, c); !strings.Contains(got, "not open") {
		t.Fatal(got)
	}
	if err := c.Send(eventFrame(1, update)); !errors.Is(err, ErrClosed) {
		t.Fatalf("an event after the end: %v", err)
	}
}

// TestText: a text that is not UTF-8 costs its frame, not the plugin.
func TestText(t *testing.T) {
	c, p, _ := connect(t, Feature)
	bad := &contractv1.Event{Event: &contractv1.Event_Seen{Seen: &contractv1.Seen{Key: "\xff"}}}
	good := &contractv1.Event{Event: &contractv1.Event_Seen{Seen: &contractv1.Seen{Key: "good"}}}
	for _, e := range []*contractv1.Event{bad, good} {
		if err := c.Send(eventFrame(1, e)); err != nil {
			t.Fatal(err)
		}
	}
	if f := p.hear(t, func(f *contractv1.HostFrame) bool { return f.GetEvent() != nil }); f.GetEvent().GetSeen().GetKey() != "good" {
		t.Fatal(f)
	}
}
