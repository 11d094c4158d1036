package sdk

import (
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

// fromWire translates an event; nil for one that this SDK does not know.
func fromWire(e *contractv1.Event) Event {
	switch v := e.GetEvent().(type) {
	case *contractv1.Event_Update:
		return updateFromWire(v.Update)
	case *contractv1.Event_Pending:
		return pendingFromWire(v.Pending)
	case *contractv1.Event_Sent:
		return Sent{ID: ID(v.Sent.GetId()), Seq: v.Sent.GetSeq(), Time: ms(v.Sent.GetTimeMs())}
	case *contractv1.Event_Failed:
		return Failed{ID: ID(v.Failed.GetId()), Reason: v.Failed.GetReason(), Ended: v.Failed.GetEnded()}
	case *contractv1.Event_State:
		return stateFromWire(v.State)
	case *contractv1.Event_Signal:
		return Signal{From: v.Signal.GetFrom(), Device: v.Signal.GetDevice(), Body: v.Signal.GetBody()}
	case *contractv1.Event_Action:
		a := v.Action
		return Action{ID: a.GetId(), Node: a.GetNode(), Kind: ActionKind(a.GetKind()), Value: a.GetValue(),
			Revision: a.GetRevision(), List: a.GetList(), Item: a.GetItem(),
			Source: Source{Conversation: a.GetSourceConversation(), Session: a.GetSourceSession(), Keys: a.GetKeys()}}
	case *contractv1.Event_Want:
		w := v.Want
		return Want{List: w.GetList(), Anchor: w.GetAnchor(), Before: int(w.GetBefore()), After: int(w.GetAfter()), ID: w.GetId()}
	case *contractv1.Event_Seen:
		return Seen{List: v.Seen.GetList(), Key: v.Seen.GetKey()}
	case *contractv1.Event_Member:
		return MemberChanged{Member: memberFromWire(v.Member, nil)}
	case *contractv1.Event_Membership:
		return membershipFromWire(v.Membership)
	case *contractv1.Event_Conversation:
		return ConversationChanged{Title: v.Conversation.GetTitle(), ReadOnly: v.Conversation.GetReadOnly()}
	case *contractv1.Event_Visible:
		return Visible{Full: v.Visible.GetFull(), Compact: v.Visible.GetCompact(), Focused: v.Visible.GetFocused()}
	case *contractv1.Event_CaughtUp:
		e := CaughtUp{Seq: v.CaughtUp.GetSeq(), Trimmed: v.CaughtUp.GetTrimmed()}
		if ms := v.CaughtUp.GetServerTimeMs(); ms > 0 {
			e.ServerTime = time.UnixMilli(ms)
		}
		return e
	case *contractv1.Event_Ended:
		return Ended{Reason: v.Ended.GetReason(), By: v.Ended.GetBy()}
	case *contractv1.Event_Edited:
		return Edited{Node: v.Edited.GetNode(), Text: v.Edited.GetText(), Revision: v.Edited.GetRevision()}
	case *contractv1.Event_Presence:
		return Presence{Address: v.Presence.GetAddress(), Status: v.Presence.GetStatus(), Text: v.Presence.GetText()}
	}
	return nil
}

func updateFromWire(u *contractv1.Update) Update {
	return Update{ID: ID(u.GetId()), Seq: u.GetSeq(), From: u.GetFrom(), Device: u.GetDevice(),
		Time: ms(u.GetTimeMs()), Body: u.GetBody(), Protocol: int(u.GetProtocol())}
}

func membershipFromWire(m *contractv1.Membership) Membership {
	person := func(p *contractv1.Person) Person { return Person{Address: p.GetAddress(), Name: p.GetName()} }
	return Membership{ID: ID(m.GetId()), Seq: m.GetSeq(), Time: ms(m.GetTimeMs()), Op: MembershipOp(m.GetOp()),
		By: person(m.GetBy()), Whom: person(m.GetWhom()), Name: m.GetName(), Role: m.GetRole(), On: m.GetOn()}
}

func pendingFromWire(p *contractv1.Pending) Pending {
	return Pending{ID: ID(p.GetId()), Body: p.GetBody(), Time: ms(p.GetTimeMs()), ActionID: p.GetActionId()}
}

func stateFromWire(v *contractv1.StateValue) State {
	return State{Author: v.GetAuthor(), Key: v.GetKey(), Value: v.GetValue(), Scope: Scope(v.GetScope()), Time: ms(v.GetTimeMs())}
}

// memberFromWire takes the name from the conversation's members.
func memberFromWire(m *contractv1.Member, people []*contractv1.Person) Member {
	out := Member{Address: m.GetAddress(), Device: m.GetDevice(), Name: m.GetName()}
	for _, p := range people {
		if p.GetAddress() == out.Address && out.Name == "" {
			out.Name = p.GetName()
		}
	}
	switch m.GetState() {
	case contractv1.Member_INVITED:
		out.State = Invited
	case contractv1.Member_JOINED:
		out.State = Joined
	case contractv1.Member_LEFT:
		out.State = Left
	case contractv1.Member_DECLINED:
		out.State = Declined
	}
	return out
}

// ms is a Unix time in milliseconds; 0 is no time.
func ms(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(t)
}

func toMs(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
