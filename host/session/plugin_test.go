package session

import (
	"fmt"
	"sync"

	"switchboard/host/bridge"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// pluginData is a plugin's own store: it survives its process.
type pluginData struct {
	mu       sync.Mutex
	sessions map[model.SessionKey]*sessionData
	faults   []string
	noAck    bool
}

type sessionData struct {
	pos int64
	log []string // "seq:body" in order
	ids map[string]bool
}

// process is one life of a plugin that speaks frames: a chat that appends what
// it is told, keeps its position with it, and sends what is submitted.
type process struct {
	h    *host
	e    *Engine
	id   string
	data *pluginData
	in   chan *contractv1.HostFrame
	quit chan struct{}
	gone sync.WaitGroup
	once sync.Once

	mu       sync.Mutex
	queued   map[uint32]int // events not handled, by session
	blocked  map[uint32]bool
	limit    int
	pause    chan struct{}           // when set, the process waits before each frame
	open     map[uint32]*openSession // what the process knows
	calls    map[uint64]func(*contractv1.HostReply)
	nextCall uint64
	seen     []*contractv1.HostFrame
	// hooks of tests
	onAction func(p *process, s *openSession, a *contractv1.Action) bool
	onOpen   func(s *openSession) *contractv1.PluginFrame
}

type openSession struct {
	handle   uint32
	key      model.SessionKey
	open     *contractv1.SessionOpen
	data     *sessionData
	events   []*contractv1.Event
	caughtUp bool
}

func startProcess(h *host, e *Engine, id string, d *pluginData) *process {
	p := &process{h: h, e: e, id: id, data: d, in: make(chan *contractv1.HostFrame, 4096), quit: make(chan struct{}),
		queued: map[uint32]int{}, blocked: map[uint32]bool{}, limit: 64, open: map[uint32]*openSession{},
		calls: map[uint64]func(*contractv1.HostReply){}}
	e.PluginUp(id)
	p.gone.Add(1)
	go p.run()
	return p
}

// stop ends the process; true for the one who did it.
func (p *process) stop() (first bool) {
	p.once.Do(func() {
		close(p.quit)
		first = true
	})
	p.gone.Wait()
	return first
}

// send is the host's end: events are bounded as in the bridge.
func (p *process) send(f *contractv1.HostFrame) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, f)
	if f.GetEvent() != nil {
		if p.queued[f.GetSession()] >= p.limit {
			p.blocked[f.GetSession()] = true
			p.seen = p.seen[:len(p.seen)-1]
			return bridge.ErrFull
		}
		p.queued[f.GetSession()]++
	}
	select {
	case p.in <- f:
	default:
		panic("the plugin's queue is full")
	}
	return nil
}

func (p *process) run() {
	defer p.gone.Done()
	for {
		select {
		case <-p.quit:
			return
		case f := <-p.in:
			p.mu.Lock()
			pause := p.pause
			p.mu.Unlock()
			if pause != nil {
				select {
				case <-pause:
				case <-p.quit:
					return
				}
			}
			p.handle(f)
			p.handledEvent(f)
		}
	}
}

func (p *process) handledEvent(f *contractv1.HostFrame) {
	if f.GetEvent() == nil {
		return
	}
	p.mu.Lock()
	h := f.GetSession()
	p.queued[h]--
	room := p.blocked[h] && p.queued[h] < p.limit/2
	if room {
		p.blocked[h] = false
	}
	p.mu.Unlock()
	if room {
		p.e.PluginRoom(p.id, h)
	}
}

func (p *process) say(f *contractv1.PluginFrame) {
	select {
	case <-p.quit:
	default:
		p.e.PluginFrame(p.id, f)
	}
}

func (p *process) call(handle uint32, c *contractv1.HostCall, then func(*contractv1.HostReply)) {
	p.mu.Lock()
	p.nextCall++
	c.Id = p.nextCall
	p.calls[c.Id] = then
	p.mu.Unlock()
	p.say(&contractv1.PluginFrame{Session: handle, Body: &contractv1.PluginFrame_Call{Call: c}})
}

func (p *process) update(handle uint32, body []byte, action string, ordinal uint32, then func(*contractv1.HostReply)) {
	p.call(handle, &contractv1.HostCall{Call: &contractv1.HostCall_Update{Update: &contractv1.UpdateCall{
		Body: body, ActionId: action, Ordinal: ordinal}}}, then)
}

func (p *process) handle(f *contractv1.HostFrame) {
	switch b := f.GetBody().(type) {
	case *contractv1.HostFrame_Open:
		p.opened(f.GetSession(), b.Open)
	case *contractv1.HostFrame_Close:
		p.mu.Lock()
		delete(p.open, f.GetSession())
		p.mu.Unlock()
		p.say(&contractv1.PluginFrame{Session: f.GetSession(), Body: &contractv1.PluginFrame_SessionDone{SessionDone: &contractv1.SessionDone{}}})
	case *contractv1.HostFrame_Reply:
		p.mu.Lock()
		then := p.calls[b.Reply.GetId()]
		delete(p.calls, b.Reply.GetId())
		p.mu.Unlock()
		if then != nil {
			then(b.Reply)
		}
	case *contractv1.HostFrame_Command:
		p.command(f.GetSession(), b.Command)
	case *contractv1.HostFrame_Event:
		p.mu.Lock()
		s := p.open[f.GetSession()]
		p.mu.Unlock()
		if s != nil {
			p.event(s, b.Event)
		}
	}
}

func (p *process) opened(handle uint32, o *contractv1.SessionOpen) {
	k := model.SessionKey{Conversation: o.GetConversation().GetId(), Session: o.GetSessionId()}
	p.data.mu.Lock()
	d := p.data.sessions[k]
	if d == nil {
		d = &sessionData{ids: map[string]bool{}}
		p.data.sessions[k] = d
	}
	pos := d.pos
	p.data.mu.Unlock()
	s := &openSession{handle: handle, key: k, open: o, data: d}
	p.mu.Lock()
	p.open[handle] = s
	hook := p.onOpen
	p.mu.Unlock()
	ready := &contractv1.PluginFrame{Session: handle, Body: &contractv1.PluginFrame_SessionReady{
		SessionReady: &contractv1.SessionReady{FromSeq: pos}}}
	if hook != nil {
		ready = hook(s)
	}
	if ready != nil {
		p.say(ready)
	}
}

func (p *process) command(handle uint32, c *contractv1.CommandCall) {
	answer := func(r *contractv1.CommandReply) {
		r.Id = c.GetId()
		p.say(&contractv1.PluginFrame{Session: handle, Body: &contractv1.PluginFrame_CommandReply{CommandReply: r}})
	}
	if c.GetName() != "send" {
		answer(&contractv1.CommandReply{Result: []byte(`"pong"`)})
		return
	}
	p.update(handle, c.GetArgs(), c.GetId(), 0, func(r *contractv1.HostReply) {
		if r.GetError() != nil {
			answer(&contractv1.CommandReply{Error: r.GetError()})
			return
		}
		answer(&contractv1.CommandReply{Result: []byte(r.GetUpdate().GetId())})
	})
}

func (p *process) event(s *openSession, ev *contractv1.Event) {
	p.mu.Lock()
	s.events = append(s.events, ev)
	hook := p.onAction
	p.mu.Unlock()
	switch b := ev.GetEvent().(type) {
	case *contractv1.Event_Update:
		p.take(s, b.Update)
	case *contractv1.Event_Membership:
		m := b.Membership
		p.take(s, &contractv1.Update{Id: m.GetId(), Seq: m.GetSeq(), From: m.GetBy().GetAddress(),
			Body: fmt.Appendf(nil, "%s %s %s", m.GetOp(), m.GetBy().GetAddress(), m.GetWhom().GetAddress())})
	case *contractv1.Event_CaughtUp:
		p.mu.Lock()
		s.caughtUp = true
		p.mu.Unlock()
	case *contractv1.Event_Action:
		if hook != nil && !hook(p, s, b.Action) {
			return
		}
		p.update(s.handle, []byte(b.Action.GetValue()), b.Action.GetId(), 0, func(r *contractv1.HostReply) {
			p.say(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Handled{
				Handled: &contractv1.Handled{ActionId: b.Action.GetId(), Failed: r.GetError().GetMessage()}}})
		})
	}
}

// take commits an update together with its position, and checks the promise.
func (p *process) take(s *openSession, u *contractv1.Update) {
	p.data.mu.Lock()
	d := s.data
	id := u.GetFrom() + "/" + u.GetDevice() + "/" + u.GetId()
	switch {
	case u.GetSeq() <= d.pos:
		p.data.faults = append(p.data.faults, fmt.Sprintf("%s: seq %d after %d", s.key, u.GetSeq(), d.pos))
	case d.ids[id]:
		p.data.faults = append(p.data.faults, fmt.Sprintf("%s: %s twice", s.key, u.GetBody()))
	default:
		d.pos = u.GetSeq()
		d.ids[id] = true
		d.log = append(d.log, fmt.Sprintf("%d:%s", u.GetSeq(), u.GetBody()))
	}
	noAck := p.data.noAck
	p.data.mu.Unlock()
	if !noAck {
		p.say(&contractv1.PluginFrame{Session: s.handle, Body: &contractv1.PluginFrame_Ack{Ack: &contractv1.Ack{Seq: u.GetSeq()}}})
	}
}

// sessionOf finds an open session.
func (p *process) sessionOf(k model.SessionKey) *openSession {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.open {
		if s.key == k {
			return s
		}
	}
	return nil
}

func (p *process) eventsOf(s *openSession) []*contractv1.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*contractv1.Event(nil), s.events...)
}
