package session

import (
	"errors"
	"strings"
	"testing"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

func forward(source model.SessionKey, keys ...string) model.Action {
	return model.Action{Kind: contractv1.Action_FORWARD, Value: "forwarded", Source: source, Keys: keys}
}

func TestForwardNamesAReadableSessionOfTheSamePlugin(t *testing.T) {
	_, a1, _, _ := connected(t)
	long := make([]string, contractv1.MaxForward+1)
	for i := range long {
		long[i] = "m"
	}
	react := func(emoji string) model.Action {
		return model.Action{Kind: contractv1.Action_REACT, List: "log", Item: "m", Value: emoji}
	}
	press := model.Action{Kind: contractv1.Action_PRESS, Source: imKey}
	for name, c := range map[string]struct {
		action model.Action
		want   string
	}{
		"another plugin":         {forward(model.SessionKey{Conversation: ab, Session: "tally"}, "m"), "not there"},
		"somebody else's":        {forward(model.SessionKey{Conversation: "dm.carol.dave", Session: "im"}, "m"), "not there"},
		"a group that is not":    {forward(model.SessionKey{Conversation: "room.nope", Session: "im"}, "m"), "not there"},
		"nothing":                {forward(imKey), "nothing to forward"},
		"too much":               {forward(imKey, long...), "at most 100"},
		"a long key":             {forward(imKey, strings.Repeat("x", 200)), "not there"},
		"a source of a press":    {press, "only what is forwarded"},
		"an empty reaction":      {react(""), "an emoji"},
		"a very long reaction":   {react(strings.Repeat("x", contractv1.MaxEmoji+1)), "an emoji"},
		"an item that cannot be": {model.Action{Kind: contractv1.Action_REACT, Item: strings.Repeat("x", 200), Value: "x"}, "cannot be"},
	} {
		if err := a1.e.Act(imKey, c.action); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
	if rows, err := a1.store.Actions(t.Context()); err != nil || len(rows) > 0 {
		t.Errorf("journalled all the same: %v %v", rows, err)
	}
}

// What is forwarded goes on when the plugin or the host dies in the middle, with
// the same id: what it made before is not made twice.
func TestForwardIsGivenAgain(t *testing.T) {
	for _, how := range []string{"plugin", "host"} {
		t.Run(how, func(t *testing.T) {
			_, a1, _, b := connected(t)
			release := a1.e.OpenView(imKey)
			eventually(t, "open", func() bool { return a1.process("im").sessionOf(imKey) != nil })
			got := make(chan *contractv1.Action, 1)
			p := a1.process("im")
			p.mu.Lock()
			p.onAction = func(p *process, s *openSession, a *contractv1.Action) bool {
				p.update(s.handle, []byte(a.GetValue()), a.GetId(), 0, func(*contractv1.HostReply) { got <- a })
				return false // it dies before it says handled
			}
			p.mu.Unlock()
			must(t, a1.e.Act(imKey, forward(imKey, "m1", "m2")))
			first := <-got
			if first.GetSourceConversation() != ab || first.GetSourceSession() != "im" || strings.Join(first.GetKeys(), " ") != "m1 m2" {
				t.Errorf("the plugin was told %v", first)
			}
			release()
			if how == "plugin" {
				a1.kill("im", errors.New("killed"))
			} else {
				a1.crash()
				a1.connect()
			}
			eventually(t, "handled", func() bool { rows, err := a1.store.Actions(t.Context()); return err == nil && len(rows) == 0 })
			eventually(t, "there", func() bool { return len(b.log("im", imKey)) == 1 })
			second := false
			p = a1.process("im")
			for _, ev := range p.eventsOf(p.sessionOf(imKey)) {
				a := ev.GetAction()
				second = second || a.GetId() == first.GetId() && strings.Join(a.GetKeys(), " ") == "m1 m2" && a.GetSourceConversation() == ab
			}
			if !second {
				t.Error("it was not given again with what it names")
			}
		})
	}
}
