package session

import (
	"strings"

	"github.com/google/uuid"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// Bounds of names that come from outside.
const (
	maxID           = 64
	maxConversation = 128
	maxAddress      = 256
)

// directNames splits the id of a conversation between two people, or with
// oneself: "dm.alice.bob".
func directNames(conversation string) (lo, hi string, ok bool) {
	rest, ok := strings.CutPrefix(conversation, "dm.")
	if !ok {
		return "", "", false
	}
	lo, hi, ok = strings.Cut(rest, ".")
	return lo, hi, ok && lo != "" && hi != "" && !strings.Contains(hi, ".") && lo <= hi
}

// otherAddress is the other person of a direct conversation.
func otherAddress(address, lo, hi string) string {
	user, network, _ := strings.Cut(address, "@")
	if user == lo {
		lo = hi
	}
	if network == "" {
		return lo
	}
	return lo + "@" + network
}

// kindOf tells what sort of conversation an id names, and the peer of a direct one.
func kindOf(conversation, self string) (kind model.ConversationKind, peer string) {
	lo, hi, direct := directNames(conversation)
	switch {
	case !direct:
		return model.Group, ""
	case lo == hi:
		return model.Self, self
	}
	return model.Direct, otherAddress(self, lo, hi)
}

// takesPart tells whether an account is one of the two people of a conversation.
func takesPart(conversation, self string) bool {
	lo, hi, direct := directNames(conversation)
	user, _, _ := strings.Cut(self, "@")
	return direct && (user == lo || user == hi)
}

// ofOthers tells whether an id names a conversation of two others, of which no
// network has anything to tell this account.
func ofOthers(conversation, self string) bool {
	_, _, direct := directNames(conversation)
	return direct && self != "" && !takesPart(conversation, self)
}

var conversationKinds = map[model.ConversationKind]contractv1.Conversation_Kind{
	model.Direct: contractv1.Conversation_DIRECT,
	model.Group:  contractv1.Conversation_GROUP,
	model.Self:   contractv1.Conversation_SELF,
}

// goodID tells whether an id may be stored: bounded and printable.
func goodID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// offerID tells whether an id may be an offer's: a UUID of any version, in its
// usual form of 36 characters.
func offerID(id string) bool { return len(id) == 36 && uuid.Validate(id) == nil }

// goodKey tells whether a state key is [a-z0-9._-]{1,64}.
func goodKey(key string) bool {
	if key == "" || len(key) > contractv1.MaxStateKey {
		return false
	}
	return strings.TrimLeft(key, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}
