//go:build linux && !android && cgo

package drop

/*
#cgo pkg-config: x11
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <X11/Xlib.h>
#include <X11/Xlibint.h>

// Client messages are sent to the window's owner alone, and that is Gio's
// connection: where its messages are unpacked, those of drag and drop are copied
// into a pipe. One window of a program is watched at a time; the hook stays when
// it is no longer, with no pipe to write to.
static int hook_pipe = -1;
static unsigned long hook_types[4];
static Bool (*hook_before)(Display *, XEvent *, xEvent *);

static Bool hook_unpack(Display *d, XEvent *to, xEvent *from) {
	unsigned long type = from->u.clientMessage.u.l.type;
	int pipe = __atomic_load_n(&hook_pipe, __ATOMIC_ACQUIRE);
	if (pipe >= 0) {
		for (int i = 0; i < 4; i++) {
			if (type == hook_types[i]) {
				// The pipe does not block: what does not fit is lost, and a lost
				// message is a drop that does not happen.
				ssize_t n = write(pipe, from, 32);
				(void)n;
			}
		}
	}
	return hook_before ? hook_before(d, to, from) : False;
}

static void hook_set(void *display, int pipe, unsigned long enter, unsigned long position, unsigned long leave, unsigned long drop) {
	hook_types[0] = enter; hook_types[1] = position; hook_types[2] = leave; hook_types[3] = drop;
	__atomic_store_n(&hook_pipe, pipe, __ATOMIC_RELEASE);
	Bool (*before)(Display *, XEvent *, xEvent *) = XESetWireToEvent((Display *)display, ClientMessage, hook_unpack);
	if (before != hook_unpack) hook_before = before;
}

static void hook_clear(void) { __atomic_store_n(&hook_pipe, -1, __ATOMIC_RELEASE); }
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hook lets one watcher at a time have the messages; a second one is refused, for
// whoever waited here would be a window that does not move.
var hook sync.Mutex

var errBusy = errors.New("drops on another window are watched already")

// hookMessages copies the client messages of four types that reach a display into
// the pipe that it gives, until unhook. The display is Xlib's.
func hookMessages(display unsafe.Pointer, types [4]uint32) (read *os.File, unhook func(), err error) {
	if !hook.TryLock() {
		return nil, nil, errBusy
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		hook.Unlock()
		return nil, nil, fmt.Errorf("watch for drops: %w", err)
	}
	C.hook_set(display, C.int(p[1]), C.ulong(types[0]), C.ulong(types[1]), C.ulong(types[2]), C.ulong(types[3]))
	return os.NewFile(uintptr(p[0]), "drops"), func() {
		C.hook_clear()
		_ = unix.Close(p[1]) // the reader learns of the end by it
		hook.Unlock()
	}, nil
}
