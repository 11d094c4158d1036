package sdktest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/viewcheck"
)

var errKilled = errors.New("killed")

// take handles one frame of the plugin, as a host would.
func (d *Device) take(p *process, f *contractv1.PluginFrame, size int) error {
	r := d.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if d.kills > 0 {
		if d.kills--; d.kills == 0 {
			p.kill()
			return errKilled
		}
	}
	defer r.touch()
	p.received.Add(1)
	switch f.GetBody().(type) {
	case *contractv1.PluginFrame_Show, *contractv1.PluginFrame_Items, *contractv1.PluginFrame_Patch,
		*contractv1.PluginFrame_ViewCommand, *contractv1.PluginFrame_Signal:
		if !p.window.Arrived(size) {
			return errors.New("an item without credit")
		}
		if err := d.item(f); err != nil {
			return err
		}
		if c := p.window.Consumed(size); c != nil {
			_ = p.sender.Control(&contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Credit{Credit: c}})
		}
		return nil
	}
	return d.control(p, f)
}

// item handles what costs credit.
func (d *Device) item(f *contractv1.PluginFrame) error {
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_Show:
		if err := viewcheck.Tree(b.Show.GetRoot(), b.Show.GetCompact()); err != nil {
			return err
		}
		d.show(b.Show)
	case *contractv1.PluginFrame_Items:
		if err := viewcheck.Items(b.Items); err != nil {
			return err
		}
		d.items(b.Items)
	case *contractv1.PluginFrame_Patch:
		if err := viewcheck.Patch(b.Patch); err != nil {
			return err
		}
		d.patch(b.Patch)
	case *contractv1.PluginFrame_ViewCommand:
		if err := viewcheck.Command(b.ViewCommand); err != nil {
			return err
		}
		if t := b.ViewCommand.GetSetText(); t != nil {
			d.texts[t.GetNode()] = t.GetText()
		}
	case *contractv1.PluginFrame_Signal:
		if len(b.Signal.GetBody()) > contractv1.MaxSignal {
			return errors.New("a signal beyond the bound")
		}
		d.room.signal(d, b.Signal)
	}
	return nil
}

// control handles what costs nothing.
func (d *Device) control(p *process, f *contractv1.PluginFrame) error {
	switch b := f.GetBody().(type) {
	case *contractv1.PluginFrame_SessionReady:
		d.began(b.SessionReady.GetFromSeq())
	case *contractv1.PluginFrame_SessionDone:
		d.ready, d.backlog = false, nil
		d.fault = b.SessionDone.GetError()
		p.sender.Drop(handle)
	case *contractv1.PluginFrame_Call:
		return d.call(p, b.Call)
	case *contractv1.PluginFrame_Handled:
		d.handled(b.Handled)
	case *contractv1.PluginFrame_Ack:
		d.acked = b.Ack.GetSeq()
	case *contractv1.PluginFrame_Credit:
		if _, err := p.sender.Credit(f.GetSession(), b.Credit); err != nil {
			return err
		}
		if d.ready {
			d.pump()
		}
	case *contractv1.PluginFrame_CommandReply:
		if c := d.command[b.CommandReply.GetId()]; c != nil {
			delete(d.command, b.CommandReply.GetId())
			delete(d.calls, b.CommandReply.GetId())
			c <- b.CommandReply
		}
	case *contractv1.PluginFrame_SearchReply:
		if c := d.searches[b.SearchReply.GetId()]; c != nil {
			delete(d.searches, b.SearchReply.GetId())
			c <- b.SearchReply
		}
	case *contractv1.PluginFrame_Ready, *contractv1.PluginFrame_NetReply, *contractv1.PluginFrame_NetEvent:
		return fmt.Errorf("an unexpected frame %T", b)
	}
	return nil
}

// began delivers what is due since a position: updates, then actions and
// commands whose handling a kill cut short.
func (d *Device) began(from int64) {
	d.ready = true
	d.fed = min(from, int64(len(d.room.order)))
	d.feed()
	for _, a := range d.actions {
		d.event(&contractv1.Event{Event: &contractv1.Event_Action{Action: a}})
	}
	for _, c := range d.calls {
		_ = d.proc.sender.Control(&contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Command{Command: c}})
	}
}

func (d *Device) handled(h *contractv1.Handled) {
	i := slices.IndexFunc(d.actions, func(a *contractv1.Action) bool { return a.GetId() == h.GetActionId() })
	if i < 0 {
		return
	}
	a := d.actions[i]
	d.actions = slices.Delete(d.actions, i, i+1)
	if h.GetFailed() != "" {
		d.failed = append(d.failed, h.GetFailed())
		if a.GetKind() == contractv1.Action_SUBMIT {
			d.texts[a.GetNode()] = a.GetValue() // it returns to its editor
		}
	}
}

// call answers the plugin's questions.
func (d *Device) call(p *process, c *contractv1.HostCall) error {
	reply := &contractv1.HostReply{Id: c.GetId(), Reply: &contractv1.HostReply_Done{Done: &contractv1.Empty{}}}
	fail := func(code contractv1.Error_Code, text string) {
		reply.Reply, reply.Error = nil, &contractv1.Error{Code: code, Message: text}
	}
	after := func() {}
	switch q := c.GetCall().(type) {
	case *contractv1.HostCall_Update:
		switch {
		case len(q.Update.GetBody()) > contractv1.MaxUpdate:
			fail(contractv1.Error_TOO_LARGE, "The update is too large.")
		case d.room.ended != nil:
			fail(contractv1.Error_ENDED, "The session has ended.")
		default:
			reply.Reply = &contractv1.HostReply_Update{Update: &contractv1.UpdateReply{Id: d.queue(q.Update)}}
			after = func() { d.room.post(d) }
		}
	case *contractv1.HostCall_Discard:
		d.outbox = slices.DeleteFunc(d.outbox, func(p *contractv1.Pending) bool { return p.GetId() == q.Discard.GetId() })
	case *contractv1.HostCall_BlobWant:
		if !contractv1.ValidBlob(q.BlobWant.GetHash()) || q.BlobWant.GetSize() < 1 || q.BlobWant.GetSize() > wantable(q.BlobWant) {
			fail(contractv1.Error_INVALID, "This is no blob that is fetched without being asked for.")
			break
		}
		d.wanted = append(d.wanted, q.BlobWant.GetHash())
	case *contractv1.HostCall_BlobPut:
		data := q.BlobPut.GetData()
		if len(data) == 0 || len(data) > contractv1.MaxPluginBlob {
			fail(contractv1.Error_TOO_LARGE, "A blob of a plugin has 1 byte to 512 KiB.")
			break
		}
		reply.Reply = &contractv1.HostReply_BlobPut{BlobPut: &contractv1.BlobPutReply{Hash: d.room.keepBlob(data)}}
	case *contractv1.HostCall_BlobGet:
		data, found := d.room.blobs[q.BlobGet.GetHash()]
		if !found {
			fail(contractv1.Error_NOT_FOUND, "The network has no such blob.")
			break
		}
		reply.Reply = &contractv1.HostReply_BlobGet{BlobGet: &contractv1.BlobGetReply{Data: data}}
	case *contractv1.HostCall_SetState:
		d.room.set(d, q.SetState)
	case *contractv1.HostCall_Summary:
		d.summary = q.Summary
	case *contractv1.HostCall_End:
		after = func() { d.room.end(q.End.GetReason(), d.address()) }
	case *contractv1.HostCall_Leave:
		after = func() {
			d.room.leave(d.address())
			d.closeSession(contractv1.SessionClose_ENDED)
		}
	case *contractv1.HostCall_Offer:
		d.room.offers = append(d.room.offers, q.Offer)
		reply.Reply = &contractv1.HostReply_Offer{Offer: &contractv1.OfferReply{SessionId: newID()}}
	case *contractv1.HostCall_Fetch:
		reply.Reply = &contractv1.HostReply_Fetch{Fetch: d.room.between(q.Fetch)}
	case *contractv1.HostCall_Secret:
		if !slices.Contains(d.room.o.Grants, "secrets") {
			fail(contractv1.Error_REFUSED, "The plugin has no grant secrets.")
			break
		}
		if q.Secret.GetSet() {
			d.secrets[q.Secret.GetName()] = q.Secret.GetValue()
			break
		}
		v, found := d.secrets[q.Secret.GetName()]
		reply.Reply = &contractv1.HostReply_Secret{Secret: &contractv1.SecretReply{Value: v, Found: found}}
	default:
		fail(contractv1.Error_REFUSED, "A room has no such thing.")
	}
	err := p.sender.Control(&contractv1.HostFrame{Body: &contractv1.HostFrame_Reply{Reply: reply}})
	after()
	return err
}

// queue puts an update on the device's disk. The same action and ordinal give
// the same id.
func (d *Device) queue(c *contractv1.UpdateCall) string {
	key := c.GetActionId() + "/" + strconv.Itoa(int(c.GetOrdinal()))
	if id := d.waiting[key]; id != "" && c.GetActionId() != "" {
		return id
	}
	id := c.GetId()
	if id == "" {
		id = newID()
	}
	if c.GetActionId() != "" {
		d.waiting[key] = id
	}
	p := &contractv1.Pending{Id: id, Body: c.GetBody(), TimeMs: d.room.now.UnixMilli(), ActionId: c.GetActionId()}
	d.outbox = append(d.outbox, p)
	d.event(&contractv1.Event{Event: &contractv1.Event_Pending{Pending: p}})
	return id
}

// wantable is the bound of a blob that is to be fetched, or given anew.
func wantable(w *contractv1.BlobWantCall) int64 {
	if w.GetGive() {
		return contractv1.MaxSentPicture
	}
	return contractv1.MaxWanted
}
