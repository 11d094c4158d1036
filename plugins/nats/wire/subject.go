package wire

import "strings"

// Subjects a client may publish to. U is its user, D its device; both come from
// the certificate of its connection, never from its words.
//
//	post.dm.<peer>.U.D   store entries
//	box.U.D              catch-up
//	dir.<op>.U.D         directory, presence, state
//	sig.dm.<peer>.U.D    signals
//	post.room.<R>.U.D, sig.room.<R>.U.D   the same in the group R
//	reg.<KEY>            registration, before there is a user

// PostSubject stores entries in the conversation with peer.
func PostSubject(peer, user, device string) string {
	return "post.dm." + peer + "." + user + "." + device
}

// BoxSubject asks for what was missed.
func BoxSubject(user, device string) string { return "box." + user + "." + device }

// DirSubject asks the directory for op.
func DirSubject(op, user, device string) string { return "dir." + op + "." + user + "." + device }

// SignalSubject hands a signal to the signal service.
func SignalSubject(peer, user, device string) string {
	return "sig.dm." + peer + "." + user + "." + device
}

// RegisterSubject asks for registration with a device's public key.
func RegisterSubject(key string) string { return "reg." + key }

// Subjects a client may listen to.

// LiveSubject is where the entries of a conversation appear.
func LiveSubject(lo, hi string) string { return "live.dm." + lo + "." + hi }

// AnswerSubject is where a device gets the answer to a request.
func AnswerSubject(user, device, request string) string {
	return "in." + user + "." + device + ".re." + request
}

// RegisterAnswer is where the answer to a registration arrives.
func RegisterAnswer(key, request string) string { return "regre." + key + "." + request }

// PushSubject is what the services tell all devices of a user: roster, state,
// devices, presence (its own).
func PushSubject(user, what string) string { return "in." + user + ".me." + what }

// PresenceSubject is where user hears about a contact.
func PresenceSubject(user, contact string) string { return "pres." + user + "." + contact }

// EphemeralSubject is where user hears a signal of a device.
func EphemeralSubject(user, from, device string) string {
	return "eph." + user + "." + from + "." + device
}

// ConvSubject is the one subject, and so the one order, of a conversation.
func ConvSubject(conversation string) string { return "conv." + conversation }

// Grants lists what a device's connection may publish and hear: constant in
// size, whatever its user's contacts are.
func Grants(user, device string) (publish, subscribe []string) {
	publish = []string{
		"post.*.*." + user + "." + device,
		BoxSubject(user, device),
		DirSubject("*", user, device),
		"sig.*.*." + user + "." + device,
	}
	subscribe = []string{
		LiveSubject(user, "*"),
		LiveSubject("*", user),
		"in." + user + "." + device + ".>",
		"in." + user + ".me.*",
		RoomSubject(user, "*"),
		"eph." + user + ".>",
		PresenceSubject(user, "*"),
	}
	return publish, subscribe
}

// RegisterGrants lists what a connection with an unknown key may do.
func RegisterGrants(key string) (publish, subscribe []string) {
	return []string{RegisterSubject(key)}, []string{RegisterAnswer(key, "*")}
}

// Tokens splits a subject and checks that it has n tokens.
func Tokens(subject string, n int) ([]string, bool) {
	t := strings.Split(subject, ".")
	return t, len(t) == n
}
