package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"switchboard/host/policy"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// network is the one network plugin that the account lives on: its calls and
// the loop that keeps it signed in. It also is the engine's way to the network.
type network struct {
	a     *App
	slots chan struct{} // calls in flight
	poked chan struct{}

	mu       sync.Mutex
	next     uint64
	waiting  map[uint64]*waiter
	signedIn bool
	starts   int // counts ups and downs, so that a sign-in belongs to one process
}

type waiter struct {
	plugin string
	reply  chan *contractv1.NetReply
	err    error
}

// maxCalls bounds the calls in flight; the plugin takes 64.
const maxCalls = 48

// Pauses between tries to start the plugin and to sign in; the plugin itself
// reconnects once it is signed in.
const (
	retryFirst = 500 * time.Millisecond
	retryMost  = 30 * time.Second
	signInTime = 30 * time.Second
)

func newNetwork(a *App) *network {
	return &network{a: a, slots: make(chan struct{}, maxCalls), poked: make(chan struct{}, 1), waiting: map[uint64]*waiter{}}
}

// plugin is the network plugin of the account, or before there is one the first
// that is enabled.
func (n *network) plugin() (string, error) {
	n.a.mu.Lock()
	chosen := n.a.people.network
	n.a.mu.Unlock()
	reason := "no network plugin is installed"
	for _, e := range n.a.catalog {
		if e.Err != nil || e.Manifest.Kind != manifest.Network || chosen != "" && e.ID != chosen {
			continue
		}
		on, why := n.a.enabled(e.ID)
		if on {
			return e.ID, nil
		}
		reason = why
	}
	return "", errors.New(reason)
}

// Call asks the network plugin and waits for its answer.
func (n *network) Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	id, err := n.plugin()
	if err != nil {
		return nil, err
	}
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, contractv1.CallTimeout)
		defer cancel()
	}
	select {
	case n.slots <- struct{}{}:
		defer func() { <-n.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("the network is busy: %w", ctx.Err())
	}
	w := &waiter{plugin: id, reply: make(chan *contractv1.NetReply, 1)}
	n.mu.Lock()
	n.next++
	call := &contractv1.NetCall{Id: n.next, TimeoutMs: timeoutMs(ctx), Call: c.Call}
	n.waiting[call.Id] = w
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		delete(n.waiting, call.Id)
		n.mu.Unlock()
	}()
	if err := n.a.sup.Send(id, &contractv1.HostFrame{Body: &contractv1.HostFrame_Net{Net: call}}); err != nil {
		return nil, fmt.Errorf("the network cannot be asked: %w", err)
	}
	select {
	case reply := <-w.reply:
		if reply == nil {
			return nil, w.err
		}
		return reply, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("the network did not answer: %w", ctx.Err())
	}
}

func timeoutMs(ctx context.Context) uint32 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return uint32(contractv1.CallTimeout.Milliseconds())
	}
	return uint32(max(time.Until(deadline).Milliseconds(), 1))
}

// ask is Call for the app's own questions: a refusal becomes an error.
func (n *network) ask(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	reply, err := n.Call(ctx, c)
	if err != nil {
		return nil, err
	}
	if reply.ErrorCode != 0 {
		return nil, &refused{contractv1.Error_Code(reply.ErrorCode), reply.Error}
	}
	return reply, nil
}

// refused is a network's refusal: the sentence is for people.
type refused struct {
	code    contractv1.Error_Code
	message string
}

// Error is the sentence.
func (r *refused) Error() string {
	if r.message == "" {
		return "the network refused without saying why"
	}
	return r.message
}

// answer hands a reply to who asked; one that comes too late is dropped.
func (n *network) answer(plugin string, r *contractv1.NetReply) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if w := n.waiting[r.Id]; w != nil && w.plugin == plugin {
		delete(n.waiting, r.Id)
		w.reply <- r
	}
}

// fail ends every waiting call with err.
func (n *network) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, w := range n.waiting {
		delete(n.waiting, id)
		w.err = err
		w.reply <- nil
	}
}

// up and down follow the plugin's process.
func (n *network) up() {
	n.mu.Lock()
	n.signedIn = false
	n.starts++
	n.mu.Unlock()
	n.poke()
}

func (n *network) down(err error) {
	n.mu.Lock()
	n.signedIn = false
	n.starts++
	n.mu.Unlock()
	if err == nil {
		err = errors.New("the network plugin was stopped")
	}
	n.fail(err)
	n.poke()
}

func (n *network) poke() {
	select {
	case n.poked <- struct{}{}:
	default:
	}
}

// run keeps the account signed in until the app ends.
func (n *network) run() {
	wait := retryFirst
	for {
		err := n.step()
		var retry <-chan time.Time
		if err != nil && n.a.ctx.Err() == nil {
			n.a.log.Warn("network", "error", err)
			n.a.networkLost(model.Connection{State: stateOf(err), Detail: err.Error(), RetryAt: time.Now().Add(wait)})
			retry = time.After(wait)
			wait = min(wait*2, retryMost)
		} else {
			wait = retryFirst
		}
		select {
		case <-retry:
		case <-n.poked:
		case <-n.a.ctx.Done():
			return
		}
	}
}

func stateOf(err error) model.ConnectionState {
	var r *refused
	if errors.As(err, &r) && (r.code == contractv1.Error_REFUSED || r.code == contractv1.Error_UNAUTHENTICATED) {
		return model.RefusedState
	}
	return model.Disconnected
}

// step signs in if there is an account that is not.
func (n *network) step() error {
	if _, _, ok := n.a.self(); !ok {
		return nil
	}
	n.mu.Lock()
	signedIn := n.signedIn
	n.mu.Unlock()
	if signedIn {
		return nil
	}
	id, err := n.plugin()
	if err != nil {
		return err
	}
	if v := n.a.decide(policy.Question{Ask: policy.AskSend, Plugin: id}); !v.Allowed {
		return errors.New(v.Reason)
	}
	ctx, cancel := context.WithTimeout(n.a.ctx, signInTime)
	defer cancel()
	if err := n.a.sup.Ensure(ctx, id); err != nil {
		return err
	}
	n.mu.Lock()
	start := n.starts
	n.mu.Unlock()
	_, err = n.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_SignIn{SignIn: &contractv1.SignIn{
		Cursors: n.a.engine.Cursors(), Presence: n.a.presenceToSend(),
	}}})
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.starts == start { // the same process still
		n.signedIn = true
	}
	return nil
}

// signOut says goodbye so that others see it at once.
func (n *network) signOut(ctx context.Context) {
	n.mu.Lock()
	was := n.signedIn
	n.mu.Unlock()
	if !was {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	if _, err := n.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_SignOut{SignOut: &contractv1.SignOut{}}}); err != nil {
		n.a.log.Debug("sign out", "error", err)
	}
}

// networkLost is what the host says itself when the plugin cannot: the engine
// must stop draining too.
func (a *App) networkLost(c model.Connection) {
	a.engine.NetEvent(&contractv1.NetEvent{Event: &contractv1.NetEvent_Connection{Connection: &contractv1.ConnectionChanged{
		State: contractv1.ConnectionChanged_OFFLINE, Detail: c.Detail}}})
	a.connectionChanged(c)
}

// presenceToSend is mine with the capabilities of what is enabled.
func (a *App) presenceToSend() *contractv1.SetPresence {
	a.mu.Lock()
	mine, idle := a.people.presence, a.people.idle
	a.people.idleTold = idle
	a.mu.Unlock()
	return &contractv1.SetPresence{Status: statusCode(mine.Status), Text: mine.Text, Capabilities: a.capabilities(), Idle: idle}
}
