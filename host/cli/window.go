package cli

import (
	"context"
	"fmt"
	"io"
	"time"
)

// LeaveWindow has the program exit, with a sentence, when its window is still
// there some time after ctx has ended: the window system may hang, and then holds
// the main thread for ever. Whoever is done in time just exits.
func LeaveWindow(ctx context.Context, limit time.Duration, say io.Writer, exit func(code int)) {
	context.AfterFunc(ctx, func() {
		time.AfterFunc(limit, func() {
			fmt.Fprintln(say, "the window did not close in time; nothing that was acknowledged is lost")
			exit(ExitFailed)
		})
	})
}
