package sdk

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// panicError is a panic that was caught.
type panicError struct {
	value any
	stack []byte
}

// Error names the panic; the stack goes to the log only.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// protect runs f and turns a panic into an error.
func protect(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	return f()
}

func asPanic(err error, p **panicError) bool { return errors.As(err, p) }
