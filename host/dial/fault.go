package dial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// What can be wrong with a proxy; errors of Dial are told apart by errors.Is.
var (
	ErrUnreachable = errors.New("the proxy cannot be reached")
	ErrRefused     = errors.New("the proxy does not connect")
	ErrLogin       = errors.New("the proxy does not accept the user name or password")
	ErrProtocol    = errors.New("the proxy does not speak this protocol")
)

// fault is what a proxy did, before a sentence is made of it.
type fault struct {
	kind error
	said string
}

func faultf(kind error, format string, args ...any) error {
	return &fault{kind, fmt.Sprintf(format, args...)}
}

// Error is for callers within this package only.
func (f *fault) Error() string { return f.kind.Error() + ": " + f.said }

// Unwrap gives the kind.
func (f *fault) Unwrap() error { return f.kind }

// Error is a failed dial: one sentence for people, and what it came from.
type Error struct {
	sentence string
	cause    error
}

// Error is the sentence.
func (e *Error) Error() string { return e.sentence }

// Unwrap gives what it came from.
func (e *Error) Unwrap() error { return e.cause }

func sentence(address string, way Way, err error) error {
	if way.Kind != Direct {
		return proxySentence(address, way, err)
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return fmt.Errorf("could not find the computer of %s: %w", address, err)
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return fmt.Errorf("%s did not answer in time: %w", address, err)
	}
	return fmt.Errorf("could not reach %s: %w", address, cause(err))
}

func proxySentence(address string, way Way, err error) error {
	say := func(format string, args ...any) error {
		return &Error{fmt.Sprintf(format, args...), err}
	}
	var f *fault
	switch {
	case errors.Is(err, context.Canceled):
		return say("the connection to %s through the proxy %s was given up", address, way.Proxy)
	case errors.Is(err, ErrUnreachable):
		return say("the proxy %s cannot be reached (%v): check its address and port", way.Proxy, cause(err))
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return say("the proxy %s did not connect to %s in time: check the proxy's type, or try later", way.Proxy, address)
	case !errors.As(err, &f):
		return say("the proxy %s hung up before it was connected to %s: check the proxy's type, and what it allows", way.Proxy, address)
	case f.kind == ErrLogin && way.User == "":
		return say("the proxy %s wants a user name and a password: give them in the settings of the network", way.Proxy)
	case f.kind == ErrLogin:
		return say("the proxy %s does not accept the user name or the password", way.Proxy)
	case f.kind == ErrProtocol:
		return say("what answers at %s is not a proxy of the type %s (%s): check the proxy's type", way.Proxy, way.Kind.title(), f.said)
	}
	return say("the proxy %s does not connect to %s: %s", way.Proxy, address, f.said)
}

// unreachable marks a failure to connect to the proxy itself.
type unreachable struct{ error }

// Unwrap gives the mark and the cause.
func (u unreachable) Unwrap() []error { return []error{ErrUnreachable, u.error} }

// hangUp tells whether the other side ended the connection.
func hangUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// socks5Fault tells what the proxy package means: it has words only. Words that
// are not known are those of a proxy that does not keep to the protocol.
func socks5Fault(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && strings.HasPrefix(op.Op, "socks") {
		err = op.Err
	}
	var network net.Error
	if hangUp(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, ErrUnreachable) || errors.As(err, &network) {
		return err
	}
	words := err.Error()
	switch {
	case strings.Contains(words, "no acceptable authentication"), strings.Contains(words, "authentication failed"):
		return faultf(ErrLogin, "")
	case strings.Contains(words, "not allowed by ruleset"):
		return faultf(ErrRefused, "its rules forbid it")
	case strings.HasPrefix(words, "unknown error "):
		return faultf(ErrRefused, "it says %s", strings.TrimPrefix(words, "unknown error "))
	}
	return faultf(ErrProtocol, "%s", words)
}

// cause leaves out what the sentence says already: the operation and the address.
func cause(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	var call *os.SyscallError
	if errors.As(err, &call) && call.Err != nil {
		err = call.Err
	}
	return err
}
