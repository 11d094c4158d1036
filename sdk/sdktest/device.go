package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/flow"
)

// handle is the one session's handle on every stream.
const handle = 1

// Device is one person's host: what it holds survives kills of the plugin.
type Device struct {
	room   *Room
	person string
	number int
	dir    string

	// All below is guarded by the room's lock.
	proc    *process
	online  bool
	held    bool // the plugin is not started again
	fault   string
	starts  int
	outbox  []*contractv1.Pending
	waiting map[string]string // (action, ordinal) → id of its update
	actions []*contractv1.Action
	texts   map[string]string // editors
	failed  []string          // reasons of failed actions
	summary *contractv1.SummaryCall
	wanted  []string // hashes of blobs
	acked   int64
	secrets map[string][]byte
	command map[string]chan *contractv1.CommandReply
	calls   map[string]*contractv1.CommandCall // commands that are not answered
	// searches that are not answered, by their number
	searches map[uint64]chan *contractv1.SearchReply
	searched uint64

	// Of the running plugin.
	ready    bool
	backlog  []*contractv1.HostFrame
	fed      int64 // position up to which updates were put into the backlog
	caught   bool
	revision int64
	full     *contractv1.Node
	compact  *contractv1.Node
	lists    map[string]*list
	wants    uint64
	kills    int // frames until the next kill by Chaos, 0 for none
	chaos    int
}

func newDevice(r *Room, person string, n int) *Device {
	dir, err := os.MkdirTemp("", "room")
	if err != nil {
		r.t.Fatalf("sdktest: %v", err)
	}
	r.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &Device{room: r, person: person, number: n, dir: dir, online: true,
		waiting: map[string]string{}, texts: map[string]string{}, secrets: map[string][]byte{},
		command: map[string]chan *contractv1.CommandReply{}, calls: map[string]*contractv1.CommandCall{}}
}

func (d *Device) name() string    { return d.person + "/" + d.device() }
func (d *Device) address() string { return d.person + "@room" }
func (d *Device) device() string  { return d.person + "-" + strconv.Itoa(d.number) }

func (d *Device) mayKnow(v *contractv1.StateValue) bool {
	return v.GetScope() == contractv1.StateValue_EVERYONE || v.GetAuthor() == d.address()
}

// quiet is called with the lock held.
func (d *Device) quiet() bool {
	if d.held || d.fault != "" {
		return true
	}
	if d.room.ended != nil {
		return !d.ready
	}
	if !d.ready || !d.caught || len(d.backlog) > 0 || len(d.actions) > 0 || len(d.calls) > 0 || d.online && len(d.outbox) > 0 {
		return false
	}
	for _, l := range d.lists {
		if !l.loaded {
			return false
		}
	}
	return d.proc.quiet()
}

// event puts an event into the backlog of the running plugin. Called with the
// lock held; without a running plugin it is dropped, as its next start learns
// all that lasts from the log. What changes after the session was described and
// before the plugin is ready waits until it is; actions are then given anyway.
func (d *Device) event(e *contractv1.Event) {
	if d.proc == nil || !d.ready && (e.GetAction() != nil || e.GetSignal() != nil) {
		return
	}
	d.backlog = append(d.backlog, &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Event{Event: e}})
	if d.ready {
		d.pump()
	}
}

// feed puts updates that are due into the backlog.
func (d *Device) feed() {
	if d.proc == nil || !d.ready {
		return
	}
	for d.online && d.fed < int64(len(d.room.order)) {
		one := d.room.order[d.fed]
		known := one.to == nil || one.to[d.address()]
		if !known && d.room.members[d.address()] != contractv1.Member_JOINED {
			break // it may be told of it once it is in again
		}
		if d.fed++; known {
			d.backlog = append(d.backlog, &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Event{Event: one.event}})
		}
	}
	if !d.caught {
		d.caught = true
		d.backlog = append(d.backlog, &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Event{
			Event: &contractv1.Event{Event: &contractv1.Event_CaughtUp{CaughtUp: &contractv1.CaughtUp{
				Seq: d.fed, ServerTimeMs: d.room.now.UnixMilli()}}}}})
	}
	d.pump()
}

// pump moves the backlog to the plugin as far as it has room.
func (d *Device) pump() {
	for len(d.backlog) > 0 {
		f := d.backlog[0]
		class := flow.Ordered
		if f.GetEvent().GetSignal() != nil {
			class = flow.Droppable
		}
		var err error
		if f.GetClose() != nil {
			err = d.proc.sender.Final(f, false)
		} else {
			err = d.proc.sender.Item(f, class)
		}
		if errors.Is(err, flow.ErrFull) {
			return // room comes with credit
		}
		d.backlog = d.backlog[1:]
	}
}

func (d *Device) closeSession(reason contractv1.SessionClose_Reason) {
	if d.proc == nil || !d.ready {
		return
	}
	d.backlog = append(d.backlog, &contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Close{
		Close: &contractv1.SessionClose{Reason: reason}}})
	d.pump()
}

// Online connects a device to the others, or cuts it off. Offline updates wait.
func (d *Device) Online(on bool) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.online = on
	if on {
		d.feed()
		d.room.post(d)
	}
	d.room.touch()
}

// Command runs a contributed command of the session and decodes its result,
// unless result is nil. It survives kills, as in the real host.
func (d *Device) Command(ctx context.Context, name string, args, result any) error {
	c := &contractv1.CommandCall{Id: newID(), Name: name, Args: marshal(d.room.t, args)}
	answer := make(chan *contractv1.CommandReply, 1)
	d.room.mu.Lock()
	d.command[c.GetId()] = answer
	d.calls[c.GetId()] = c
	if d.proc != nil && d.ready {
		_ = d.proc.sender.Control(&contractv1.HostFrame{Session: handle, Body: &contractv1.HostFrame_Command{Command: c}})
	}
	d.room.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, d.room.o.Timeout)
	defer cancel()
	select {
	case r := <-answer:
		if e := r.GetError(); e != nil {
			return &sdk.Error{Code: e.GetCode(), Message: e.GetMessage()}
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(r.GetResult(), result)
	case <-ctx.Done():
		return fmt.Errorf("command %s: %w", name, ctx.Err())
	}
}

// Set changes one of the plugin's settings.
func (d *Device) Set(key, value string) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	if d.proc != nil {
		_ = d.proc.sender.Control(&contractv1.HostFrame{Body: &contractv1.HostFrame_Setting{
			Setting: &contractv1.SettingValue{Key: key, Value: value}}})
	}
}

// Summary is the session's line in the list of conversations; nil before there
// is one.
func (d *Device) Summary() *contractv1.SummaryCall {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.summary
}

// Acked is the position that the plugin says it has in its own store.
func (d *Device) Acked() int64 {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.acked
}

// Failures are the sentences of actions that failed.
func (d *Device) Failures() []string {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return append([]string(nil), d.failed...)
}

// Fault is why the session stopped in the plugin, "" while it runs.
func (d *Device) Fault() string {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.fault
}

// Dir is the plugin's data folder; it survives kills.
func (d *Device) Dir() string { return d.dir }

// Starts is how often the plugin was started.
func (d *Device) Starts() int {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return d.starts
}

// Queued is the number of own updates that wait to be sent.
func (d *Device) Queued() int {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return len(d.outbox)
}

// Unhandled is the number of actions that the plugin has not handled yet.
func (d *Device) Unhandled() int {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	return len(d.actions)
}

// Kill kills the plugin's process: nothing that it has not written counts. It
// is started again at once.
func (d *Device) Kill() {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	if d.proc != nil {
		d.proc.kill()
	}
}

// Hold kills the plugin and keeps it from starting until Hold(false).
func (d *Device) Hold(on bool) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.held = on
	if on && d.proc != nil {
		d.proc.kill()
	}
	d.room.touch()
}

// Chaos kills the plugin again and again, after a random number of its frames
// that is every on average. 0 stops it.
func (d *Device) Chaos(every int) {
	d.room.mu.Lock()
	defer d.room.mu.Unlock()
	d.chaos = every
	d.arm()
}

func (d *Device) arm() {
	d.kills = 0
	if d.chaos > 0 {
		d.kills = 1 + d.room.random.IntN(2*d.chaos)
	}
}
