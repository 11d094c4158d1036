package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	contractv1 "switchboard/shared/contract/v1"
)

func TestGroupsAreKept(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	lab := &contractv1.Group{Id: "g1", Name: "Lab", Members: []*contractv1.GroupMember{{Address: "a@n"}, {Address: "b@n"}}}
	if err := s.SaveGroups(t.Context(), []*contractv1.Group{lab, {Id: "g2", Name: "Old"}}, nil); err != nil {
		t.Fatal(err)
	}
	lab.Name = "Laboratory"
	if err := s.SaveGroups(t.Context(), []*contractv1.Group{lab}, []string{"g2", "never"}); err != nil {
		t.Fatal(err)
	}
	list, err := s.Groups(t.Context())
	if err != nil || len(list) != 1 || !proto.Equal(list[0], lab) {
		t.Fatal(list, err)
	}
}

func TestTimelineHoldsMembershipAmongUpdates(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	const room = "room.g1"
	err := s.Update(func(tx *Tx) error {
		for _, session := range []string{"im", "other"} {
			if err := tx.AddSession(&SessionRow{Conversation: room, ID: session, Plugin: session, Open: true}); err != nil {
				return err
			}
		}
		for seq := int64(1); seq <= 30; seq++ {
			e := &contractv1.Envelope{Id: fmt.Sprint("e", seq), Conversation: room, Seq: seq, From: "a@n", Kind: contractv1.Envelope_UPDATE}
			var err error
			switch seq % 3 {
			case 0:
				e.Kind = contractv1.Envelope_MEMBERSHIP
				_, err = tx.AddMembership(e)
				if again, err := tx.AddMembership(e); again || err != nil {
					t.Errorf("a repeat was stored: %v %v", again, err)
				}
			case 1:
				e.Session = "im"
				_, err = tx.AddEnvelope(e)
			default:
				e.Session = "other"
				_, err = tx.AddEnvelope(e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []int64
	for seq := int64(1); seq <= 30; seq++ {
		if seq%3 != 2 {
			want = append(want, seq)
		}
	}
	for after, more := int64(0), true; more; {
		var list []*contractv1.Envelope
		if list, more, err = s.Timeline(t.Context(), room, "im", after, 4); err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		for _, e := range list {
			if (e.GetKind() == contractv1.Envelope_MEMBERSHIP) != (e.GetSeq()%3 == 0) {
				t.Errorf("%d is %v", e.GetSeq(), e.GetKind())
			}
			got, after = append(got, e.GetSeq()), e.GetSeq()
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%v, not %v", got, want)
	}
	if list, _, err := s.Timeline(t.Context(), room, "nobody", 0, 100); err != nil || len(list) != 10 {
		t.Fatal(len(list), err)
	}
}
