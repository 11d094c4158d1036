package session

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"switchboard/host/store"
	"switchboard/shared/model"
)

// slowly holds the store, as a disk does that does not answer, until release.
func (h *host) slowly() (release func()) {
	held, let, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		_ = h.store.Update(func(*store.Tx) error {
			close(held)
			<-let
			return nil
		})
	}()
	<-held
	return func() {
		close(let)
		<-done
	}
}

// A window does not wait for the disk: what is sent and typed meanwhile keeps its
// order, and nothing of it is lost or doubled.
func TestActSoonDoesNotWaitForTheDisk(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	release := a1.slowly()
	var want []string
	began := time.Now()
	for i := range 5 {
		text := fmt.Sprint("line ", i)
		want = append(want, text)
		a1.e.Edited(imKey, "composer", text[:3])
		a1.e.Edited(imKey, "composer", text)
		must(t, a1.e.ActSoon(imKey, submit(text)))
		if got := a1.text("composer"); got != "" {
			t.Errorf("the composer still holds %q", got)
		}
	}
	a1.e.Edited(imKey, "composer", "and next")
	if took := time.Since(began); took > 100*time.Millisecond {
		t.Errorf("it took %v while the disk did not answer", took)
	}
	if l := b.log("im", imKey); len(l) != 0 {
		t.Errorf("the plugin has it before the disk: %v", l)
	}
	release()
	eventually(t, "all arrive", func() bool { return len(b.log("im", imKey)) >= len(want) })
	got := b.log("im", imKey)
	if !slices.EqualFunc(got, want, func(line, text string) bool { return len(line) >= len(text) && line[len(line)-len(text):] == text }) {
		t.Errorf("%q arrived", got)
	}
	eventually(t, "what was typed since is there", func() bool { return a1.text("composer") == "and next" })
}

// What could not be taken is in its editor again, with the reason, before what
// was typed since; and too much at once is refused at once.
func TestActSoonGivesBackWhatCouldNotBeTaken(t *testing.T) {
	_, a1, _, b := connected(t)
	defer a1.look()()
	release := a1.slowly()
	a1.e.Edited(imKey, "composer", "lost?")
	must(t, a1.e.ActSoon(imKey, submit("lost?")))
	a1.mu.Lock()
	a1.off["im"] = "Messages are switched off"
	a1.mu.Unlock()
	release()
	eventually(t, "it is refused", func() bool { return a1.refusals() == 1 })
	if v := a1.views.View(imKey); v.Refused != "Messages are switched off." {
		t.Errorf("the reason is %q", v.Refused)
	}
	eventually(t, "it is back", func() bool { return a1.text("composer") == "lost?" })
	if l := b.log("im", imKey); len(l) != 0 {
		t.Errorf("it was sent: %v", l)
	}

	// What is refused does not touch the disk and so holds nothing up.
	a1.mu.Lock()
	delete(a1.off, "im")
	a1.mu.Unlock()
	release = a1.slowly()
	var err error
	n := 0
	for ; err == nil && n <= 2*maxActions; n++ {
		err = a1.e.ActSoon(imKey, model.Action{Node: "composer"})
	}
	release()
	if err == nil || n > maxActions+2 {
		t.Errorf("%d actions wait, %v", n, err)
	}
}

func (h *host) refusals() uint64 {
	if v := h.views.View(imKey); v != nil {
		return v.Refusals
	}
	return 0
}
