package cli

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// LeaveWindow has the program exit, with a sentence, when its window is still
// there some time after ctx has ended: the window system may hang, and then holds
// the main thread for ever. Whoever is done in time just exits, or says with closed
// that the window is gone and the rest may take its time.
func LeaveWindow(ctx context.Context, limit time.Duration, say io.Writer, exit func(code int)) (closed func()) {
	gone := make(chan struct{})
	context.AfterFunc(ctx, func() {
		select {
		case <-time.After(limit):
			fmt.Fprintln(say, "the window did not close in time; nothing that was acknowledged is lost")
			exit(ExitFailed)
		case <-gone:
		}
	})
	return sync.OnceFunc(func() { close(gone) })
}
