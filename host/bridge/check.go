package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// Bounds of this host for short texts that the contract does not number.
const (
	maxID     = 128
	maxReason = 4 << 10
)

// frame checks one frame and passes it on. An error ends the connection.
func (c *Conn) frame(f *contractv1.PluginFrame, size int) error {
	name := nameOf(f)
	if !costs(name) {
		if err := c.pace(); err != nil {
			return err
		}
	}
	rule, known := ruleOf[name]
	if name == "ready" {
		return fmt.Errorf("a second ready")
	}
	call := f.GetCall()
	if !known {
		if call != nil {
			c.refuse(f, contractv1.Error_INVALID, "This host does not know the call.")
		}
		return nil
	}
	refusal, err := c.allowed(rule, f.GetSession())
	if err != nil {
		return err
	}
	s := c.session(f.GetSession())
	if s == nil && f.GetSession() != 0 {
		return fmt.Errorf("%s on handle %d, which is not open", name, f.GetSession())
	}
	if call != nil {
		return c.call(f, call, refusal)
	}
	if refusal != "" {
		return fmt.Errorf("%s from a %s plugin", name, c.o.Kind)
	}
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_Credit:
		return c.credit(f.GetSession(), b.Credit)
	case *contractv1.PluginFrame_Pong:
		c.mu.Lock()
		c.pong = b.Pong.GetNonce()
		c.mu.Unlock()
		return nil
	}
	if err := check(f); err != nil {
		return err
	}
	if costs(name) {
		return c.item(f, s, size)
	}
	return c.told(f, s)
}

// told passes a frame that costs nothing, unless nobody waits for it.
func (c *Conn) told(f *contractv1.PluginFrame, s *session) error {
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_SessionReady:
		if s.ready {
			return fmt.Errorf("a second session_ready on handle %d", f.GetSession())
		}
		s.ready = true
	case *contractv1.PluginFrame_CommandReply:
		if !c.takeAsked(commandKey(b.CommandReply.GetId())) {
			return nil // too late
		}
	case *contractv1.PluginFrame_SearchReply:
		if !c.takeAsked(searchKey(b.SearchReply.GetId())) {
			return nil
		}
	case *contractv1.PluginFrame_NetReply:
		if !c.takeAsked(netKey(b.NetReply.GetId())) {
			return nil
		}
	case *contractv1.PluginFrame_SessionDone:
		c.forget(f.GetSession())
	}
	c.pass(f)
	return nil
}

// pace waits while frames that cost no credit come too fast.
func (c *Conn) pace() error {
	if err := c.free.Wait(c.life); err != nil {
		return cmp.Or(context.Cause(c.life), err)
	}
	return nil
}

func (c *Conn) session(handle uint32) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sessions[handle]
}

// forget ends a handle.
func (c *Conn) forget(handle uint32) {
	c.mu.Lock()
	delete(c.sessions, handle)
	c.mu.Unlock()
	c.sender.Drop(handle)
}

func (c *Conn) pass(f *contractv1.PluginFrame) {
	c.sink.Lock()
	defer c.sink.Unlock()
	c.o.Sink.PluginFrame(c.o.ID, f)
}

func (c *Conn) credit(handle uint32, m *contractv1.Credit) error {
	room, err := c.sender.Credit(handle, m)
	if err != nil {
		return err
	}
	if room {
		c.sink.Lock()
		c.o.Sink.PluginRoom(c.o.ID, handle)
		c.sink.Unlock()
	}
	return nil
}

// item passes a frame that cost credit, and returns credit.
func (c *Conn) item(f *contractv1.PluginFrame, s *session, size int) error {
	w := c.window
	if s != nil {
		w = s.window
	}
	if !w.Arrived(size) {
		return fmt.Errorf("%s without credit", nameOf(f))
	}
	if f.GetShow() != nil && !s.shows.Allow() {
		return fmt.Errorf("more than %d views a second", contractv1.MaxShows)
	}
	c.pass(f)
	if m := w.Consumed(size); m != nil {
		if err := c.sender.Control(&contractv1.HostFrame{Session: f.GetSession(),
			Body: &contractv1.HostFrame_Credit{Credit: m}}); err == flow.ErrFull {
			return fmt.Errorf("it does not read")
		}
	}
	return nil
}

// call passes a question on, or refuses it by itself.
func (c *Conn) call(f *contractv1.PluginFrame, m *contractv1.HostCall, refusal string) error {
	if refusal != "" {
		c.refuse(f, contractv1.Error_REFUSED, refusal)
		return nil
	}
	if code, what := checkCall(m); what != "" {
		c.refuse(f, code, what)
		return nil
	}
	c.mu.Lock()
	_, twice := c.calls[m.GetId()]
	busy := len(c.calls) >= contractv1.MaxOpenCalls
	if !twice && !busy {
		c.calls[m.GetId()] = f.GetSession()
	}
	c.mu.Unlock()
	if twice {
		return fmt.Errorf("two open calls with the id %d", m.GetId())
	}
	if busy {
		c.refuse(f, contractv1.Error_UNAVAILABLE, "busy")
		return nil
	}
	c.pass(f)
	return nil
}

func (c *Conn) refuse(f *contractv1.PluginFrame, code contractv1.Error_Code, sentence string) {
	_ = c.sender.Control(&contractv1.HostFrame{Session: f.GetSession(), Body: &contractv1.HostFrame_Reply{
		Reply: &contractv1.HostReply{Id: f.GetCall().GetId(), Error: &contractv1.Error{Code: code, Message: sentence}}}})
}

// check holds a frame against the published bounds.
func check(f *contractv1.PluginFrame) error {
	over := func(what string, n, limit int) error {
		if n > limit {
			return fmt.Errorf("%s of %d bytes, more than %d", what, n, limit)
		}
		return nil
	}
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_SessionReady:
		if b.SessionReady.GetFromSeq() < 0 {
			return fmt.Errorf("a negative position")
		}
	case *contractv1.PluginFrame_SessionDone:
		return over("an error", len(b.SessionDone.GetError()), maxReason)
	case *contractv1.PluginFrame_Items:
		if n := len(b.Items.GetItems()); n > contractv1.MaxListItems {
			return fmt.Errorf("%d list items at once, more than %d", n, contractv1.MaxListItems)
		}
	case *contractv1.PluginFrame_Patch:
		if n := len(b.Patch.GetOps()); n > contractv1.MaxListItems {
			return fmt.Errorf("%d list changes at once, more than %d", n, contractv1.MaxListItems)
		}
	case *contractv1.PluginFrame_Signal:
		return over("a signal", len(b.Signal.GetBody()), contractv1.MaxSignal)
	case *contractv1.PluginFrame_Handled:
		if err := over("an action's id", len(b.Handled.GetActionId()), maxID); err != nil {
			return err
		}
		return over("a reason", len(b.Handled.GetFailed()), maxReason)
	case *contractv1.PluginFrame_Ack:
		if b.Ack.GetSeq() < 0 {
			return fmt.Errorf("a negative position")
		}
	case *contractv1.PluginFrame_SearchReply:
		return checkSearch(b.SearchReply)
	case *contractv1.PluginFrame_CommandReply:
		if err := over("a command's result", len(b.CommandReply.GetResult()), contractv1.MaxCommandReply); err != nil {
			return err
		}
		if b.CommandReply.GetError() == nil && !json.Valid(b.CommandReply.GetResult()) {
			return fmt.Errorf("a command's result that is not JSON")
		}
	}
	return nil
}

// checkCall holds a call against the published bounds; the answer is a sentence.
func checkCall(m *contractv1.HostCall) (contractv1.Error_Code, string) {
	over := func(what string, n, limit int) (contractv1.Error_Code, string) {
		if n > limit {
			return contractv1.Error_TOO_LARGE, fmt.Sprintf("%s has %d bytes, more than %d.", what, n, limit)
		}
		return 0, ""
	}
	switch b := m.GetCall().(type) {
	case *contractv1.HostCall_Update:
		if n := max(len(b.Update.GetId()), len(b.Update.GetActionId())); n > maxID {
			return over("The id of an update", n, maxID)
		}
		return over("The update", len(b.Update.GetBody()), contractv1.MaxUpdate)
	case *contractv1.HostCall_SetState:
		if !validKey(b.SetState.GetKey()) {
			return contractv1.Error_INVALID, "A state's key has 1 to 64 of a-z, 0-9, dot, dash and underscore."
		}
		switch b.SetState.GetScope() {
		case contractv1.StateValue_EVERYONE, contractv1.StateValue_MY_DEVICES:
		default:
			return contractv1.Error_INVALID, "A state needs a scope."
		}
		return over("The state", len(b.SetState.GetValue()), contractv1.MaxState)
	case *contractv1.HostCall_Summary:
		return over("The summary", max(len(b.Summary.GetText()), len(b.Summary.GetDraft()), len(b.Summary.GetFrom())), contractv1.MaxSummary)
	case *contractv1.HostCall_End:
		return over("The reason", len(b.End.GetReason()), maxReason)
	case *contractv1.HostCall_Offer:
		if code, what := over("The title", len(b.Offer.GetTitle()), contractv1.MaxOfferTitle); what != "" {
			return code, what
		}
		return over("The offer", len(b.Offer.GetPayload()), contractv1.MaxOffer)
	case *contractv1.HostCall_Discard:
		return over("The id of an update", len(b.Discard.GetId()), maxID)
	case *contractv1.HostCall_BlobWant:
		switch w := b.BlobWant; {
		case !contractv1.ValidBlob(w.GetHash()) || w.GetSize() < 1:
			return contractv1.Error_INVALID, "A blob is named by its hash, 64 lower-case hex digits, and has a size."
		case w.GetGive() && w.GetSize() > contractv1.MaxSentPicture:
			return contractv1.Error_TOO_LARGE, fmt.Sprintf("At most %d bytes are given to the network anew.", contractv1.MaxSentPicture)
		case !w.GetGive() && w.GetSize() > contractv1.MaxWanted:
			return contractv1.Error_TOO_LARGE, fmt.Sprintf("At most %d bytes are fetched without being asked for.", contractv1.MaxWanted)
		}
	case *contractv1.HostCall_BlobPut:
		if len(b.BlobPut.GetData()) == 0 {
			return contractv1.Error_INVALID, "A blob has at least one byte."
		}
		return over("The blob", len(b.BlobPut.GetData()), contractv1.MaxPluginBlob)
	case *contractv1.HostCall_BlobGet:
		if !contractv1.ValidBlob(b.BlobGet.GetHash()) {
			return contractv1.Error_INVALID, "A blob is named by its hash, 64 lower-case hex digits."
		}
	case *contractv1.HostCall_Secret:
		if n := len(b.Secret.GetName()); n == 0 || n > maxID {
			return contractv1.Error_INVALID, "A secret needs a name of 1 to 128 bytes."
		}
		return over("The secret", len(b.Secret.GetValue()), contractv1.MaxSecret)
	case *contractv1.HostCall_Dial:
		return over("The address", max(len(b.Dial.GetAddress()), len(b.Dial.GetNetwork())), 512)
	}
	return 0, ""
}

func validKey(key string) bool {
	if key == "" || len(key) > contractv1.MaxStateKey {
		return false
	}
	for _, r := range []byte(key) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
		default:
			return false
		}
	}
	return true
}
