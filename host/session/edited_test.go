package session

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// heard are the texts and actions that im was told of in its open session, in order.
func (h *host) heard() (list []string) {
	p := h.process("im")
	s := p.sessionOf(imKey)
	if s == nil {
		return nil
	}
	for _, ev := range p.eventsOf(s) {
		switch b := ev.GetEvent().(type) {
		case *contractv1.Event_Edited:
			list = append(list, "typed "+b.Edited.GetText())
		case *contractv1.Event_Action:
			list = append(list, b.Action.GetKind().String()+" "+b.Action.GetValue())
		}
	}
	return list
}

func TestWhatWasTypedIsToldBeforeWhatWasDoneNext(t *testing.T) {
	_, a1, _, _ := connected(t)
	defer a1.look()()
	for i := range 5 {
		a1.e.Edited(imKey, "composer", fmt.Sprint("draft ", i))
		must(t, a1.e.Act(imKey, model.Action{Node: "composer", Kind: contractv1.Action_CANCEL}))
	}
	a1.e.Edited(imKey, "composer", "sent")
	must(t, a1.e.Act(imKey, submit("sent")))
	want := "typed draft 0,CANCEL ,typed draft 1,CANCEL ,typed draft 2,CANCEL ,typed draft 3,CANCEL ,typed draft 4,CANCEL ,SUBMIT sent"
	eventually(t, "heard", func() bool { return strings.Join(a1.heard(), ",") == want })
	time.Sleep(editedEvery + 100*time.Millisecond)
	if got := strings.Join(a1.heard(), ","); got != want {
		t.Errorf("it heard %s", got)
	}
}

func TestATextThatWasReplacedIsNotHeardAfterwards(t *testing.T) {
	_, a1, _, _ := connected(t)
	defer a1.look()()
	p := a1.process("im")
	must(t, a1.e.Act(imKey, model.Action{Node: "composer", Kind: contractv1.Action_CANCEL}))
	a1.e.Edited(imKey, "composer", "of an edit")
	set := func(text string, base int64) {
		p.say(&contractv1.PluginFrame{Session: p.sessionOf(imKey).handle, Body: &contractv1.PluginFrame_ViewCommand{
			ViewCommand: &contractv1.ViewCommand{Command: &contractv1.ViewCommand_SetText{
				SetText: &contractv1.SetText{Node: "composer", Text: text, BaseRevision: base}}}}})
	}
	set("of another device", 0) // refused: the person typed
	set("the draft", math.MaxInt64)
	eventually(t, "replaced", func() bool { return a1.text("composer") == "the draft" })
	time.Sleep(editedEvery + 100*time.Millisecond)
	if got := strings.Join(a1.heard(), ","); got != "CANCEL " {
		t.Errorf("it heard %s", got)
	}
	set("", math.MaxInt64) // sent by another device
	eventually(t, "nothing is kept", func() bool {
		m, err := a1.store.Editors(t.Context(), ab, "im")
		return err == nil && len(m) == 0
	})
}

func TestAPluginThatCrashedIsToldWhatStandsInTheEditor(t *testing.T) {
	_, a1, _, _ := connected(t)
	defer a1.look()()
	a1.e.Edited(imKey, "composer", "written ")
	eventually(t, "heard", func() bool { return strings.Join(a1.heard(), ",") == "typed written " })
	a1.kill("im", errors.New("killed"))
	a1.e.Edited(imKey, "composer", "written meanwhile")
	eventually(t, "told again", func() bool { return strings.Join(a1.heard(), ",") == "typed written meanwhile" })
	a1.kill("im", errors.New("killed"))
	eventually(t, "and again", func() bool { return strings.Join(a1.heard(), ",") == "typed written meanwhile" })
}

func TestAPluginIsToldWhatStandsInTheEditorWhenItOpens(t *testing.T) {
	_, a1, _, _ := connected(t)
	release := a1.look()
	a1.e.Edited(imKey, "composer", "half a sen")
	eventually(t, "kept", func() bool {
		m, err := a1.store.Editors(t.Context(), ab, "im")
		return err == nil && m["composer"] != ""
	})
	release()
	a1.crash()
	defer a1.look()()
	eventually(t, "told", func() bool { return strings.Join(a1.heard(), ",") == "typed half a sen" })
}

func TestTextOfAFailedActionIsToldAgain(t *testing.T) {
	_, a1, _, _ := connected(t)
	defer a1.look()()
	a1.mu.Lock()
	a1.refused = "The administrator forbids it."
	a1.mu.Unlock()
	a1.e.Edited(imKey, "composer", "forbidden")
	must(t, a1.e.Act(imKey, submit("forbidden")))
	eventually(t, "told", func() bool { return strings.Join(a1.heard(), ",") == "SUBMIT forbidden,typed forbidden" })
}

func TestWritingDoesNotWaitForWhatMustBeFetched(t *testing.T) {
	n := newNetwork()
	h := newHost(t, n, "a@n", "a1")
	h.mu.Lock()
	h.missing["im"] = true
	h.mu.Unlock()
	h.connect()
	n.inject("b@n", "b9", &contractv1.Envelope{Id: "id", Conversation: ab, Session: "im", Plugin: "im",
		Kind: contractv1.Envelope_UPDATE, Body: []byte("old")})
	eventually(t, "read past", func() bool { return len(h.e.Cursors()) == 1 })
	h.disconnect()
	h.mu.Lock()
	delete(h.missing, "im") // installed, and the network is gone
	h.mu.Unlock()
	h.e.PluginEnabled("im")
	for i := range 3 {
		_, err := h.send(ab, fmt.Sprint("new", i))
		must(t, err)
	}
	h.connect()
	eventually(t, "all in order", func() bool { return strings.Join(h.log("im", imKey), ",") == "1:old,2:new0,3:new1,4:new2" })
}
