package sdk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	"switchboard/sdk/view"
)

// chronicle shows what it was told of a group, in the order in which it was.
func chronicle(ctx context.Context, s *sdk.Session) error {
	var told []string
	readOnly := s.Conversation().GetReadOnly()
	for e := range s.Events() {
		switch e := e.(type) {
		case sdk.Update:
			told = append(told, string(e.Body))
		case sdk.Membership:
			words := map[sdk.MembershipOp]string{sdk.GroupJoined: "joined", sdk.GroupRemoved: "removed", sdk.GroupLeft: "left", sdk.GroupRenamed: "renamed"}
			told = append(told, fmt.Sprintf("(%s %s%s)", words[e.Op], e.Whom.Name, e.Name))
		case sdk.ConversationChanged:
			readOnly = e.ReadOnly
		case sdk.Action:
			if _, err := s.Update(ctx, []byte(e.Value)); err != nil {
				return err
			}
		}
		in := 0
		for _, m := range s.Members() {
			if m.State == sdk.Joined && m.Name != "" {
				in++
			}
		}
		text := fmt.Sprintf("%s %d in %s", strings.Join(told, " "), in, readOnly)
		if err := s.Show(view.Column(view.Field("say"), view.Text(text))); err != nil {
			return err
		}
	}
	return nil
}

func TestGroup(t *testing.T) {
	for _, earlier := range []bool{false, true} {
		t.Run(fmt.Sprint("earlier ", earlier), func(t *testing.T) {
			r := sdktest.New(t, sdktest.Options{Plugin: plugin(chronicle), Group: "Lab", People: []string{"alice", "bob", "carol"},
				Outside: []string{"carol"}, Earlier: earlier})
			alice, bob, carol := r.Device("alice", 0), r.Device("bob", 0), r.Device("carol", 0)
			alice.Submit("say", "one")
			bob.WaitText("one 2 in")
			carol.WaitText("2 in You are no longer in this group.")
			r.Join("alice", "carol")
			carol.Submit("say", "two")
			bob.WaitText("one (joined carol) two 3 in")
			if earlier {
				carol.WaitText("one (joined carol) two 3 in")
			} else {
				carol.WaitText("(joined carol) two 3 in")
			}
			r.Remove("alice", "bob")
			r.Rename("alice", "Workshop")
			alice.Submit("say", "three")
			alice.WaitText("two (removed bob) (renamed Workshop) three 2 in")
			bob.WaitText("two (removed bob) 2 in You are no longer in this group.")
			bob.Kill()
			bob.WaitText("two (removed bob) 2 in You are no longer in this group.")
			if text := bob.Text(); strings.Contains(text, "three") {
				t.Errorf("who was removed reads on: %s", text)
			}
		})
	}
}
