package wire

import (
	"regexp"
	"strings"

	contractv1 "switchboard/shared/contract/v1"
)

// Bounds of groups. How many may be in one is contract's MaxGroupMembers.
const (
	// MaxGroups is how many groups one person is in, invited to or waits for.
	MaxGroups = 200
	// MaxGroupsADay is how many groups one person makes in a day (UTC), unless the
	// operator says otherwise.
	MaxGroupsADay = 50
	// MaxRequests is how many people wait at one time to be let into a group.
	MaxRequests = 100
)

var (
	roomPattern = regexp.MustCompile(`^[a-z0-9]{16,26}$`)
	hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// ValidRoom reports whether s has the form of a group's id.
func ValidRoom(s string) bool { return roomPattern.MatchString(s) }

// ValidHash reports whether s has the form of a blob's name.
func ValidHash(s string) bool { return hashPattern.MatchString(s) }

// RoomConversation is the conversation of a group.
func RoomConversation(room string) string { return "room." + room }

// Room takes the group out of a conversation's id; false for every other conversation.
func Room(conversation string) (string, bool) {
	room, ok := strings.CutPrefix(conversation, "room.")
	return room, ok && ValidRoom(room)
}

// RoomSubject is where user hears the entries of a group.
func RoomSubject(user, room string) string { return "in." + user + ".room." + room }

// PostTo is the subject on which a device stores entries in a conversation.
func PostTo(conversation, user, device string) (string, error) {
	return towards("post", conversation, user, device)
}

// SignalTo is the subject on which a device signals in a conversation.
func SignalTo(conversation, user, device string) (string, error) {
	return towards("sig", conversation, user, device)
}

func towards(what, conversation, user, device string) (string, error) {
	if room, ok := Room(conversation); ok {
		return what + ".room." + room + "." + user + "." + device, nil
	}
	peer, err := Peer(conversation, user)
	if err != nil {
		return "", err
	}
	return what + ".dm." + peer + "." + user + "." + device, nil
}

// ErrNoMember is the answer to everybody outside, whether there is such a group
// or not.
var ErrNoMember = Errorf(contractv1.Error_REFUSED, "You are not a member of this group.")
