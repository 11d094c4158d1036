// Package nats is the default network as a plugin: it keeps this device's
// account as a secret at the host, signs in with it and answers the host's
// calls. The protocol is in its sub-packages: client and wire here, server and
// companion on the other side. It knows the host only through sdk/network.
package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/companion"
	"switchboard/plugins/nats/wire"
	"switchboard/sdk/network"
	contractv1 "switchboard/shared/contract/v1"
)

// Names of the plugin's secrets.
const (
	secretAccount = "account"
	secretPending = "pending"
)

// Main serves the plugin and never returns.
func Main() { network.Main(new(plugin)) }

// CompanionMain runs the companion or a server of its own ("companion", "serve")
// from the process's arguments, and ends the process.
func CompanionMain() { os.Exit(companion.Main(os.Args[1:])) }

// host is what the plugin needs of its host.
type host interface {
	Emit(ctx context.Context, e *contractv1.NetEvent) error
	Dial(ctx context.Context, network, address string) (net.Conn, error)
	Companion(ctx context.Context, onlyIfRunning bool) (net.Conn, error)
	Browse(ctx context.Context, service string, wait time.Duration) ([]*contractv1.Nearby, error)
	Secret(ctx context.Context, name string) ([]byte, bool, error)
	SetSecret(ctx context.Context, name string, value []byte) error
}

// plugin is one network plugin with at most one account.
type plugin struct {
	h *network.Host
	// seam is h, or a test's.
	seam host

	signing sync.Mutex // one sign-up, sign-in or sign-out at a time

	mu      sync.Mutex
	account *client.Account
	client  *client.Client
	queued  int    // who waits for the turn of signing
	giveUp  func() // ends a sign-up that waits for somebody; nil when none does
}

// Start remembers the host.
func (p *plugin) Start(_ context.Context, h *network.Host) error {
	p.h, p.seam = h, h
	return nil
}

// Stop signs out.
func (p *plugin) Stop(ctx context.Context) error {
	p.signOut(ctx)
	return nil
}

// Call answers one question of the host.
func (p *plugin) Call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	r, err := p.call(ctx, c)
	if err != nil {
		var e *wire.Error
		switch {
		case errors.As(err, &e):
			return nil, network.Errorf(e.Code, "%s", e.Message)
		case errors.Is(err, wire.ErrWrongKey):
			return nil, network.Errorf(contractv1.Error_UNAUTHENTICATED,
				"The server shows another key than the link names; nothing was sent to it. Ask for a new link.")
		case errors.Is(err, context.DeadlineExceeded):
			return nil, network.Errorf(contractv1.Error_DEADLINE, "The network did not answer in time.")
		}
		return nil, err
	}
	return r, nil
}

func (p *plugin) call(ctx context.Context, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	switch q := c.Call.(type) {
	case *contractv1.NetCall_SignUp:
		a, err := p.signUp(ctx, q.SignUp)
		if err != nil {
			return nil, err
		}
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Account{Account: a.Contract()}}, nil
	case *contractv1.NetCall_SignIn:
		a, err := p.signIn(ctx, q.SignIn)
		if err != nil {
			return nil, err
		}
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Account{Account: a.Contract()}}, nil
	case *contractv1.NetCall_SignOut:
		p.signOut(ctx)
		return &contractv1.NetReply{}, nil
	case *contractv1.NetCall_Discover:
		l, err := p.discover(ctx, q.Discover)
		if err != nil {
			return nil, err
		}
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Found{Found: l}}, nil
	case *contractv1.NetCall_Carry:
		v, err := p.carry(ctx, q.Carry)
		if err != nil {
			return nil, err
		}
		return &contractv1.NetReply{Reply: &contractv1.NetReply_Carry{Carry: v}}, nil
	case *contractv1.NetCall_IceServers:
		// This network carries none yet; an empty list is the true answer.
		return &contractv1.NetReply{Reply: &contractv1.NetReply_IceServers{IceServers: &contractv1.IceServerList{}}}, nil
	}
	p.mu.Lock()
	cl := p.client
	p.mu.Unlock()
	if cl == nil {
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "You are not signed in to a network.")
	}
	return ask(ctx, cl, c)
}

// ask answers what is about conversations and who is in them.
func ask(ctx context.Context, cl *client.Client, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	r := &contractv1.NetReply{}
	switch q := c.Call.(type) {
	case *contractv1.NetCall_Post:
		v, err := cl.Post(ctx, q.Post)
		r.Reply = &contractv1.NetReply_Post{Post: v}
		return r, err
	case *contractv1.NetCall_Fetch:
		v, err := cl.Fetch(ctx, q.Fetch)
		r.Reply = &contractv1.NetReply_Fetch{Fetch: v}
		return r, err
	case *contractv1.NetCall_SetState:
		return r, cl.SetState(ctx, q.SetState)
	case *contractv1.NetCall_Signal:
		return r, cl.Signal(q.Signal)
	case *contractv1.NetCall_Presence:
		return r, cl.SetPresence(ctx, q.Presence)
	case *contractv1.NetCall_Roster:
		return r, cl.Roster(ctx, q.Roster)
	case *contractv1.NetCall_Group:
		v, err := cl.Group(ctx, q.Group)
		r.Reply = &contractv1.NetReply_Group{Group: v}
		return r, err
	case *contractv1.NetCall_BlobPut:
		v, err := cl.BlobPut(ctx, q.BlobPut)
		r.Reply = &contractv1.NetReply_BlobStored{BlobStored: v}
		return r, err
	case *contractv1.NetCall_BlobGet:
		v, err := cl.BlobGet(ctx, q.BlobGet)
		r.Reply = &contractv1.NetReply_BlobPart{BlobPart: v}
		return r, err
	}
	return askAccount(ctx, cl, c)
}

// askAccount answers what is about the account: its devices, and who comes in.
func askAccount(ctx context.Context, cl *client.Client, c *contractv1.NetCall) (*contractv1.NetReply, error) {
	r := &contractv1.NetReply{}
	switch q := c.Call.(type) {
	case *contractv1.NetCall_Profile:
		return r, cl.Profile(ctx, q.Profile)
	case *contractv1.NetCall_Invite:
		v, err := cl.Invite(ctx, q.Invite)
		r.Reply = &contractv1.NetReply_Invite{Invite: v}
		return r, err
	case *contractv1.NetCall_Invites:
		v, err := cl.Invites(ctx)
		r.Reply = &contractv1.NetReply_Invites{Invites: v}
		return r, err
	case *contractv1.NetCall_InviteRevoke:
		return r, cl.InviteRevoke(ctx, q.InviteRevoke)
	case *contractv1.NetCall_JoinAnswer:
		return r, cl.JoinAnswer(ctx, q.JoinAnswer)
	case *contractv1.NetCall_Devices:
		v, err := cl.Devices(ctx)
		r.Reply = &contractv1.NetReply_Devices{Devices: v}
		return r, err
	case *contractv1.NetCall_DeviceLink:
		v, err := cl.DeviceLink(ctx, q.DeviceLink)
		r.Reply = &contractv1.NetReply_DeviceCode{DeviceCode: v}
		return r, err
	case *contractv1.NetCall_DeviceRename:
		return r, cl.DeviceRename(ctx, q.DeviceRename)
	case *contractv1.NetCall_LinkAnswer:
		return r, cl.LinkAnswer(ctx, q.LinkAnswer)
	case *contractv1.NetCall_Recovery:
		v, err := cl.Recovery(ctx)
		r.Reply = &contractv1.NetReply_Recovery{Recovery: v}
		return r, err
	case *contractv1.NetCall_DeviceRevoke:
		return r, cl.DeviceRevoke(ctx, q.DeviceRevoke)
	}
	return nil, wire.Errorf(contractv1.Error_INVALID, "This network does not know the call; the host may be newer.")
}

// stored is the account as the host keeps it.
func (p *plugin) stored(ctx context.Context) (*client.Account, error) {
	p.mu.Lock()
	a := p.account
	p.mu.Unlock()
	if a != nil {
		return a, nil
	}
	data, found, err := p.seam.Secret(ctx, secretAccount)
	if err != nil {
		return nil, fmt.Errorf("read the account: %w", err)
	}
	if !found || len(data) == 0 {
		return nil, nil
	}
	if a, err = client.ParseAccount(data); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.account = a
	p.mu.Unlock()
	return a, nil
}

func (p *plugin) store(ctx context.Context, a *client.Account) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("store the account: %w", err)
	}
	if err := p.seam.SetSecret(ctx, secretAccount, data); err != nil {
		return fmt.Errorf("store the account: %w", err)
	}
	p.mu.Lock()
	p.account = a
	p.mu.Unlock()
	return nil
}

func (p *plugin) signIn(ctx context.Context, s *contractv1.SignIn) (*client.Account, error) {
	defer p.turn()()
	a, err := p.stored(ctx)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, wire.Errorf(contractv1.Error_NOT_FOUND, "There is no account on this device yet; set one up.")
	}
	p.leave(ctx) // a sign-in begins anew
	o := client.Options{Account: a, Dial: p.seam.Dial, Emit: p.seam.Emit, Learned: func(l []string) { p.learned(a, l) }}
	if p.h != nil {
		o.Log = p.h.Log()
	}
	w := &whereabouts{p: p}
	o.Where = w.addresses
	o.Record = p.recorded
	o.Found = w.found
	c, err := client.SignIn(o, s.Cursors, s.Presence)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.client = c
	p.mu.Unlock()
	return a, nil
}

func (p *plugin) signOut(ctx context.Context) {
	defer p.turn()()
	p.leave(ctx)
}

func (p *plugin) leave(ctx context.Context) {
	p.mu.Lock()
	c := p.client
	p.client = nil
	p.mu.Unlock()
	if c != nil {
		c.SignOut(ctx)
	}
}

// where finds the companion, starting it after this computer was off.
func (p *plugin) where(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, contractv1.CallTimeout)
	defer cancel()
	r, err := p.companion(ctx, "info")
	if err != nil {
		return nil, wire.Errorf(contractv1.Error_UNAVAILABLE, "The network on this computer does not start (%v).", err)
	}
	if r.Moved {
		l, err := wire.ParseLink(r.Link)
		if err != nil {
			return nil, errMovedAway
		}
		return l.Addresses, errMovedAway
	}
	return []string{r.Local}, nil
}

func (p *plugin) companion(ctx context.Context, op string) (companion.Reply, error) {
	return p.control(ctx, companion.Request{Op: op})
}

func (p *plugin) control(ctx context.Context, r companion.Request) (companion.Reply, error) {
	conn, err := p.seam.Companion(ctx, false)
	if err != nil {
		return companion.Reply{}, err
	}
	defer conn.Close()
	return companion.Ask(ctx, conn, r)
}

// learned keeps the addresses that the server names for the next time: a server
// may move, its key stays. Those of the link are kept behind them.
func (p *plugin) learned(a *client.Account, addresses []string) {
	if a.Local {
		return
	}
	p.mu.Lock()
	now := *p.account
	p.mu.Unlock()
	all := slices.Clone(addresses)
	for _, old := range now.Addresses {
		if !slices.Contains(all, old) {
			all = append(all, old)
		}
	}
	all = all[:min(len(all), 8)]
	if slices.Equal(all, now.Addresses) {
		return
	}
	now.Addresses = all
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := p.store(ctx, &now); err != nil && p.h != nil {
		p.h.Log().Warn("keep the server's addresses", "error", err)
	}
}
