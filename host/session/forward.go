package session

import (
	"errors"
	"fmt"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
	"switchboard/shared/viewcheck"
)

// maxAgain is how often a forward is given to its plugin once more, when that went
// before it was done.
const maxAgain = 2

// mayAct checks what an action says beyond its text. Only a forward names another
// session: one of the same plugin, in a conversation that this account can read.
func (e *Engine) mayAct(s *session, a model.Action) error {
	switch {
	case len(a.Node) > viewcheck.MaxID || len(a.List) > viewcheck.MaxID || len(a.Item) > viewcheck.MaxID:
		return errors.New("the action names what there cannot be")
	case a.Kind == contractv1.Action_REACT && (a.Value == "" || len(a.Value) > contractv1.MaxEmoji):
		return fmt.Errorf("a reaction is an emoji of at most %d bytes", contractv1.MaxEmoji)
	case a.Kind != contractv1.Action_FORWARD && (a.Source != (model.SessionKey{}) || len(a.Keys) > 0):
		return errors.New("only what is forwarded comes from another conversation")
	case a.Kind != contractv1.Action_FORWARD:
		return nil
	case len(a.Keys) == 0:
		return errors.New("there is nothing to forward: choose a message first")
	case len(a.Keys) > contractv1.MaxForward:
		return fmt.Errorf("at most %d messages can be forwarded at once", contractv1.MaxForward)
	}
	for _, k := range a.Keys {
		if k == "" || len(k) > viewcheck.MaxID {
			return errors.New("what is to be forwarded is not there")
		}
	}
	address, _ := e.self()
	source := e.sessions[a.Source]
	standing := a.Source.Session == s.plugin // it need not be open, nor ever have been here
	if !e.canRead(a.Source.Conversation, address) || source == nil && !standing || source != nil && source.plugin != s.plugin {
		return errors.New("what is to be forwarded is not there")
	}
	if sentence := e.readOnly(s.key.Conversation); sentence != "" {
		return errors.New(sentence)
	}
	return nil
}

// repeat tells whether an action is given to its plugin again after that went: a
// forward of many messages, whose updates have the same ids then.
func (a *action) repeat() bool {
	if a.row.Action.GetKind() != contractv1.Action_FORWARD || a.again >= maxAgain {
		return false
	}
	if a.sent {
		a.sent = false
		a.again++
	}
	return true
}

// takeUp goes on with a forward that was journalled before this host began.
func (e *Engine) takeUp(r *store.ActionRow) bool {
	if r.Action.GetKind() != contractv1.Action_FORWARD {
		return false
	}
	s := e.viewSession(model.SessionKey{Conversation: r.Conversation, Session: r.Session})
	if s == nil || s.plugin != r.Plugin || len(s.actions) >= maxActions {
		return false
	}
	s.actions = append(s.actions, &action{row: r, again: maxAgain - 1})
	return true
}
