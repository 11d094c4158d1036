package sdk

import (
	"fmt"

	contractv1 "switchboard/shared/contract/v1"

	"switchboard/sdk/internal/link"
)

// ErrClosed: the session or the connection to the host is over.
var ErrClosed = link.ErrClosed

// Error is a refusal or a failure that crossed the stream, or is to cross it,
// with a code of the contract and one clear sentence for a person. errors.Is
// compares by code: a target without message matches every error of its code.
type Error = link.Error

// Errorf makes an Error.
func Errorf(code contractv1.Error_Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
