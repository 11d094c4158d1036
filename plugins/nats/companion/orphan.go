package companion

import (
	"context"
	"os"
	"time"
)

// watchEvery is how often a companion looks whether it can still be found.
const watchEvery = 5 * time.Second

// watch calls stop when the socket at path is no longer the one that was made
// there: nobody could find this network any more, so it must not live on. It
// returns when ctx ends.
func watch(ctx context.Context, path string, every time.Duration, stop func()) {
	made, err := os.Lstat(path)
	if err != nil {
		stop()
		return
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if now, err := os.Lstat(path); os.IsNotExist(err) || err == nil && !os.SameFile(made, now) {
			stop()
			return
		}
	}
}
