package flow

import (
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

// Window is the receiving half of one session's credit: it notices who sends
// without, and says when to return some. Safe for concurrent use. Make it with
// NewWindow.
type Window struct {
	mu           sync.Mutex
	messages     int // what the other end may still send
	bytes        int
	usedMessages int // consumed, not yet returned
	usedBytes    int
}

// NewWindow makes a full window.
func NewWindow() *Window {
	return &Window{messages: contractv1.WindowMessages, bytes: contractv1.WindowBytes}
}

// Arrived counts an item of a size. False means that it was sent without credit.
func (w *Window) Arrived(size int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.messages < 1 || w.bytes < 1 {
		return false
	}
	w.messages--
	w.bytes -= size
	return true
}

// Consumed counts an item that was dealt with. The result is the credit to
// return now, nil while less than half a window has been consumed.
func (w *Window) Consumed(size int) *contractv1.Credit {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.usedMessages++
	w.usedBytes += size
	if w.usedMessages < contractv1.WindowMessages/2 && w.usedBytes < contractv1.WindowBytes/2 {
		return nil
	}
	c := &contractv1.Credit{Messages: uint32(w.usedMessages), Bytes: uint32(w.usedBytes)}
	w.messages += w.usedMessages
	w.bytes += w.usedBytes
	w.usedMessages, w.usedBytes = 0, 0
	return c
}

// Each checks a received batch against the bounds and hands out its frames with
// their sizes.
func Each[F Frame](frames []F, handle func(f F, size int) error) error {
	if n := len(frames); n > contractv1.MaxBatch {
		return fmt.Errorf("a batch of %d frames, more than %d", n, contractv1.MaxBatch)
	}
	for _, f := range frames {
		size := proto.Size(f)
		if size > contractv1.MaxFrame {
			return fmt.Errorf("a frame of %d bytes, more than %d", size, contractv1.MaxFrame)
		}
		if err := handle(f, size); err != nil {
			return err
		}
	}
	return nil
}
