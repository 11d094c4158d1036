// Package wire is what clients and the server of the default network say to
// each other: names, subjects, invitation links, requests and errors. Both
// sides import it, so that neither can drift. It knows neither the server's
// storage nor the host.
package wire

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// Headers of requests and answers. Answers never copy what a client wrote.
const (
	// HeaderRequest carries the token under which the answer is wanted.
	HeaderRequest = "Sb-Req"
	// HeaderCode and HeaderError carry a refusal: a contract error code and one sentence.
	HeaderCode  = "Sb-Code"
	HeaderError = "Sb-Err"
	// HeaderPrevious is the sequence of the entry before in the same
	// conversation, written by the post service only.
	HeaderPrevious = "Sb-Prev"
	// HeaderSequence is the place of an entry that the fan service brings to a
	// member of a group; HeaderPrevious beside it is the newest entry before that
	// this member may see.
	HeaderSequence = "Sb-Seq"
)

// Bounds of this network. Those of the contract hold too.
const (
	// MaxPayload is the largest message that crosses a connection.
	MaxPayload = 512 << 10
	// MaxPageBytes and MaxPageEntries bound one page of catch-up.
	MaxPageBytes   = 256 << 10
	MaxPageEntries = 256
	// MaxContacts bounds a roster.
	MaxContacts = 5000
	// MaxAskedBy bounds those who ask one person and have no answer yet.
	MaxAskedBy = 1000
	// RosterPage is how many contacts one answer holds.
	RosterPage = 200
	// MaxDisplayName bounds display and device names, in bytes.
	MaxDisplayName = 64
	// MaxGreeting bounds the text of a contact request, in bytes.
	MaxGreeting = 256
	// MaxAvatar bounds the picture of a person, in bytes.
	MaxAvatar = 256 << 10
	// MaxDevices bounds the devices of one account.
	MaxDevices = 16
)

// A cut cable shows within twelve seconds on both sides. The client pings all the
// time, and gives up after PingsLost. The server asks only who has said nothing
// for PingEvery, which it finds out up to PingEvery late, and gives up when the
// one ping after ServerPingsLost is due: at most three times PingEvery.
const (
	PingEvery       = 3800 * time.Millisecond
	PingsLost       = 2
	ServerPingsLost = 1
)

// RegisterUser is the user name of a connection that only registers.
const RegisterUser = "register"

var (
	namePattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	tokenPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	devicePattern  = regexp.MustCompile(`^[a-z2-7]{12}$`)
	stateKeyFormat = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
)

// ValidName reports whether s may be a user's or a network's name. Nothing
// else ever becomes a token of a subject.
func ValidName(s string) bool { return namePattern.MatchString(s) }

// ValidToken reports whether s may be a session id, an entry id or a request token.
func ValidToken(s string) bool { return tokenPattern.MatchString(s) }

// ValidDevice reports whether s has the form of a device id.
func ValidDevice(s string) bool { return devicePattern.MatchString(s) }

// ValidStateKey reports whether s may be the key of a state value.
func ValidStateKey(s string) bool {
	return len(s) <= contractv1.MaxStateKey && stateKeyFormat.MatchString(s)
}

// DeviceID derives a device's id from its public key, so that nobody can
// register another device under it.
func DeviceID(publicKey string) string {
	sum := sha256.Sum256([]byte(publicKey))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:12])
}

// Address joins a user and a network.
func Address(user, network string) string { return user + "@" + network }

// User takes the user out of an address, which may be written without its network.
func User(address, network string) (string, error) {
	user, at, found := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	if found && at != network {
		return "", Errorf(contractv1.Error_NOT_FOUND, "%s is on another network than yours (%s).", address, network)
	}
	if !ValidName(user) {
		return "", Errorf(contractv1.Error_INVALID, "%q is not an address on this network.", address)
	}
	return user, nil
}

// Conversation is the one between a and b, the same whoever asks.
func Conversation(a, b string) string {
	if b < a {
		a, b = b, a
	}
	return "dm." + a + "." + b
}

// Members takes the two members out of a conversation's id. They are equal in
// a person's conversation with itself.
func Members(conversation string) (lo, hi string, err error) {
	parts := strings.Split(conversation, ".")
	if len(parts) != 3 || parts[0] != "dm" || !ValidName(parts[1]) || !ValidName(parts[2]) || parts[1] > parts[2] {
		return "", "", Errorf(contractv1.Error_INVALID, "%q is not a conversation of this network.", conversation)
	}
	return parts[1], parts[2], nil
}

// Peer is the other member of a conversation of user: user itself in its own.
func Peer(conversation, user string) (string, error) {
	lo, hi, err := Members(conversation)
	if err != nil {
		return "", err
	}
	switch user {
	case lo:
		return hi, nil
	case hi:
		return lo, nil
	}
	return "", Errorf(contractv1.Error_REFUSED, "You are not a member of %s.", conversation)
}

// Error is a refusal or failure that crosses the wire: a contract code and one
// sentence for a person.
type Error struct {
	Code    contractv1.Error_Code
	Message string
}

// Error is the sentence.
func (e *Error) Error() string { return e.Message }

// Errorf makes an Error.
func Errorf(code contractv1.Error_Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// AsError finds the Error in err; anything else becomes an internal one whose
// words are for people.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return Errorf(contractv1.Error_INTERNAL, "The network failed: %v.", err)
}
