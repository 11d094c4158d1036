package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	controlv1 "switchboard/shared/contract/control/v1"
)

// offlineIn is how soon the contacts of a program that was killed must see it go.
const offlineIn = time.Second

// offline NAME VIEWER: the host NAME is killed with SIGKILL, and VIEWER sees it
// offline within a second. It tries three times and takes the best, since this
// machine runs other tests at once; NAME runs again between.
func cmdOffline(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	best := patience
	for range 3 {
		took, err := w.seenGoing(args[0], args[1])
		ts.Check(err)
		if best = min(best, took); best <= offlineIn {
			ts.Logf("%s was offline at %s after %v", args[0], args[1], best.Round(time.Millisecond))
			return
		}
		ts.Check(w.start(args[0]))
	}
	ts.Fatalf("%s was offline at %s after %v at best", args[0], args[1], best)
}

// seenGoing kills a host and tells how long a contact took to see it.
func (w *world) seenGoing(name, viewer string) (time.Duration, error) {
	there, err := w.dial(viewer)
	if err != nil {
		return 0, err
	}
	defer there.Close()
	shown := func(status string) error {
		for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			all, err := there.Contacts(ctx, &controlv1.Empty{})
			cancel()
			if err != nil {
				return err
			}
			for _, c := range all.Contacts {
				if strings.HasPrefix(c.Address, name+"@") && c.Presence.GetStatus() == status {
					return nil
				}
			}
			if time.Now().After(end) {
				return fmt.Errorf("%s is not %s at %s", name, status, viewer)
			}
		}
	}
	if err := shown("available"); err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := w.kill(name, "host"); err != nil {
		return 0, err
	}
	err = shown("offline")
	return time.Since(begin), err
}
