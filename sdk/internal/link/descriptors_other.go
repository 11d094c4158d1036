//go:build !unix

package link

import (
	"context"
	"errors"
	"os"
)

// Descriptors cannot be received on this system.
type Descriptors struct{}

// Close does nothing.
func (*Descriptors) Close() {}

// Take always fails.
func (*Descriptors) Take(context.Context, []byte) (*os.File, error) {
	return nil, errors.ErrUnsupported
}
