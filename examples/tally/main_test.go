package main

import (
	"bytes"
	"os"
	"testing"

	"go.uber.org/goleak"

	"switchboard/sdk"
	"switchboard/sdk/sdktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestTally: two people, two devices each, kills in the middle.
func TestTally(t *testing.T) {
	r := sdktest.New(t, sdktest.Options{ID: "tally", Offer: []byte{}, Devices: 2,
		Plugin: func() sdk.Plugin { return sdk.PluginFunc(tally) }})
	for range 5 {
		r.Device("alice", 0).Press("Press")
		r.Device("bob", 1).Press("press")
		r.Device("bob", 1).Kill()
	}
	r.Settle()
	for _, d := range r.Devices() {
		d.WaitText("10 presses")
	}
	if n := len(r.Log()); n != 10 {
		t.Fatalf("%d updates", n)
	}
}

// TestSize: thirty lines are the measure for the smallest plugin.
func TestSize(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(source, []byte("\n")); n > 30 {
		t.Fatalf("main.go has %d lines", n)
	}
}
