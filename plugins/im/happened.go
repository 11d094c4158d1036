package im

import (
	"fmt"

	"switchboard/sdk"
)

// happenedEnglish says what was done to a group; by and whom are names.
func happenedEnglish(e event, by, whom, me string) string {
	object := whom
	if e.By == me {
		by = "You"
	}
	if e.Whom == me {
		whom, object = "You", "you"
	}
	switch e.Op {
	case sdk.GroupCreated:
		return by + " made the group"
	case sdk.GroupInvited:
		return by + " invited " + object
	case sdk.GroupJoined:
		if e.By == e.Whom || e.By == "" {
			return whom + " joined"
		}
		return by + " added " + object
	case sdk.GroupLeft:
		return whom + " left"
	case sdk.GroupRemoved:
		return by + " removed " + object
	case sdk.GroupDeclined:
		return whom + " declined the invitation"
	case sdk.GroupRenamed:
		return fmt.Sprintf("%s named the group “%s”", by, e.Name)
	case sdk.GroupPicture:
		return by + " changed the picture"
	case sdk.GroupRole:
		role := map[string]string{"owner": "the owner", "admin": "an admin", "member": "a member"}[e.Role]
		return fmt.Sprintf("%s made %s %s", by, object, role)
	case sdk.GroupEarlier:
		if e.On {
			return by + " lets new members see earlier messages"
		}
		return by + " lets new members see no earlier messages"
	}
	return by + " changed the group"
}

// happenedGerman says it in German.
func happenedGerman(e event, by, whom, me string) string {
	has, is := "hat", "ist"
	object := whom
	if e.By == me {
		by, has = "Sie", "haben"
	}
	whomHas := "hat"
	if e.Whom == me {
		whom, whomHas, is, object = "Sie", "haben", "sind", "Sie"
	}
	switch e.Op {
	case sdk.GroupCreated:
		return fmt.Sprintf("%s %s die Gruppe erstellt", by, has)
	case sdk.GroupInvited:
		return fmt.Sprintf("%s %s %s eingeladen", by, has, object)
	case sdk.GroupJoined:
		if e.By == e.Whom || e.By == "" {
			return fmt.Sprintf("%s %s der Gruppe beigetreten", whom, is)
		}
		return fmt.Sprintf("%s %s %s hinzugefügt", by, has, object)
	case sdk.GroupLeft:
		return fmt.Sprintf("%s %s die Gruppe verlassen", whom, whomHas)
	case sdk.GroupRemoved:
		return fmt.Sprintf("%s %s %s aus der Gruppe entfernt", by, has, object)
	case sdk.GroupDeclined:
		return fmt.Sprintf("%s %s die Einladung abgelehnt", whom, whomHas)
	case sdk.GroupRenamed:
		return fmt.Sprintf("%s %s der Gruppe den Namen „%s“ gegeben", by, has, e.Name)
	case sdk.GroupPicture:
		return fmt.Sprintf("%s %s das Gruppenbild geändert", by, has)
	case sdk.GroupRole:
		return happenedRole(e, by, has, object)
	case sdk.GroupEarlier:
		if e.On {
			return fmt.Sprintf("%s %s eingestellt, dass neue Mitglieder frühere Nachrichten sehen", by, has)
		}
		return fmt.Sprintf("%s %s eingestellt, dass neue Mitglieder keine früheren Nachrichten sehen", by, has)
	}
	return fmt.Sprintf("%s %s die Gruppe geändert", by, has)
}

// happenedRole says in German which role somebody was given.
func happenedRole(e event, by, has, object string) string {
	switch e.Role {
	case "owner":
		return fmt.Sprintf("%s %s %s die Gruppe übergeben", by, has, dative(object))
	case "admin":
		return fmt.Sprintf("%s %s %s zum Admin gemacht", by, has, object)
	case "member":
		return fmt.Sprintf("%s %s %s die Adminrechte entzogen", by, has, dative(object))
	}
	return fmt.Sprintf("%s %s die Rollen der Gruppe geändert", by, has)
}

// dative is the person to whom something is given: names stay as they are.
func dative(object string) string {
	if object == "Sie" {
		return "Ihnen"
	}
	return object
}
