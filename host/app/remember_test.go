package app

import (
	"testing"
	"time"

	"switchboard/host/store"
)

// The window's own state is kept without a frame waiting for the disk: the last
// value of a key counts, is known at once, and is on the disk after the end.
func TestRememberDoesNotWaitForTheDisk(t *testing.T) {
	dir := t.TempDir()
	a, err := New(t.Context(), Options{Profile: dir, Headless: true, Executable: "/nonexistent/switchboard"})
	if err != nil {
		t.Fatal(err)
	}
	held, let := make(chan struct{}), make(chan struct{})
	go func() {
		_ = a.store.Update(func(*store.Tx) error {
			close(held)
			<-let
			return nil
		})
	}()
	<-held
	began := time.Now()
	a.Remember("window.size", "1x1")
	time.Sleep(20 * time.Millisecond) // the first one is being written
	a.Remember("window.size", "2x2")
	a.Remember("sidebar.width", "7")
	a.Remember("long", string(make([]byte, maxRemembered+1)))
	if got := a.Recall("window.size"); got != "2x2" {
		t.Errorf("recalled %q", got)
	}
	if took := time.Since(began); took > 500*time.Millisecond {
		t.Errorf("it took %v while the disk did not answer", took)
	}
	close(let)
	if err := a.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, err = New(t.Context(), Options{Profile: dir, Headless: true, Executable: "/nonexistent/switchboard"}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for key, want := range map[string]string{"window.size": "2x2", "sidebar.width": "7", "long": ""} {
		if got := a.Recall(key); got != want {
			t.Errorf("%s: %q, not %q", key, got, want)
		}
	}
}
