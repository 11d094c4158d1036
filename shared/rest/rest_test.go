package rest

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var sink []byte

func TestGivesBackOnlyWhatWasNeeded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	freed := make(chan struct{}, 1000)
	done := make(chan struct{})
	sink = make([]byte, enough)
	go func() {
		defer close(done)
		run(ctx, time.Millisecond, time.Millisecond, func() { freed <- struct{}{} })
	}()
	<-freed // for what was allocated before
	time.Sleep(30 * time.Millisecond)
	if n := len(freed); n > 1 {
		t.Errorf("%d times with nothing to give back", n)
	}
	for len(freed) > 0 {
		<-freed
	}
	sink = make([]byte, 2*enough)
	select {
	case <-freed:
	case <-time.After(5 * time.Second):
		t.Error("what was needed for a while is not given back")
	}
	cancel()
	<-done
}
