package sdk

import (
	"errors"
	"fmt"

	contractv1 "switchboard/shared/contract/v1"
)

// ErrClosed: the session or the connection to the host is over.
var ErrClosed = errors.New("the session is closed")

// Error is a refusal or a failure that crossed the stream, or is to cross it.
type Error struct {
	Code contractv1.Error_Code
	// Message is one clear sentence for a person.
	Message string
}

// Error is the sentence.
func (e *Error) Error() string { return e.Message }

// Is lets errors.Is compare by code: an *Error without message matches every
// error of its code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Message == "" || t.Message == e.Message)
}

// Errorf makes an Error.
func Errorf(code contractv1.Error_Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
