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
	has, whomHas := "hat", "hat"
	object := whom
	if e.By == me {
		by, has = "Sie", "haben"
	}
	if e.Whom == me {
		whom, whomHas, object = "Sie", "haben", "Sie"
	}
	switch e.Op {
	case sdk.GroupCreated:
		return fmt.Sprintf("%s %s die Gruppe angelegt", by, has)
	case sdk.GroupInvited:
		return fmt.Sprintf("%s %s %s eingeladen", by, has, object)
	case sdk.GroupJoined:
		if e.By == e.Whom || e.By == "" {
			return fmt.Sprintf("%s %s die Gruppe betreten", whom, whomHas)
		}
		return fmt.Sprintf("%s %s %s hinzugefügt", by, has, object)
	case sdk.GroupLeft:
		return fmt.Sprintf("%s %s die Gruppe verlassen", whom, whomHas)
	case sdk.GroupRemoved:
		return fmt.Sprintf("%s %s %s entfernt", by, has, object)
	case sdk.GroupDeclined:
		return fmt.Sprintf("%s %s die Einladung abgelehnt", whom, whomHas)
	case sdk.GroupRenamed:
		return fmt.Sprintf("%s %s die Gruppe „%s“ genannt", by, has, e.Name)
	case sdk.GroupPicture:
		return fmt.Sprintf("%s %s das Bild geändert", by, has)
	case sdk.GroupRole:
		role := map[string]string{"owner": "zum Eigentümer", "admin": "zum Verwalter", "member": "zum Mitglied"}[e.Role]
		return fmt.Sprintf("%s %s %s %s gemacht", by, has, object, role)
	case sdk.GroupEarlier:
		if e.On {
			return fmt.Sprintf("%s %s früheren Verlauf für neue Mitglieder freigegeben", by, has)
		}
		return fmt.Sprintf("%s %s früheren Verlauf für neue Mitglieder verborgen", by, has)
	}
	return fmt.Sprintf("%s %s die Gruppe geändert", by, has)
}
