// Package im is the plugin "Messages": a standing chat in every conversation,
// with one contact, with a group, or with oneself. It owns what a message is,
// the history of messages, and how they are shown. It uses the SDK as any third
// party would and knows no host, no window and no network.
package im

import (
	"cmp"
	"context"
	"time"

	"switchboard/plugins/im/history"
	"switchboard/sdk"
)

// Plugin is the plugin's process: one history, many sessions.
type Plugin struct {
	store  *history.Store
	keeper *keeper
	people people
	now    func() time.Time
}

// New makes the plugin for sdk.Main.
func New() *Plugin { return &Plugin{now: time.Now} }

// Start opens the history.
func (p *Plugin) Start(ctx context.Context, h *sdk.Host) error {
	store, err := history.Open(ctx, h.DataDir())
	if err != nil {
		return err
	}
	p.store = store
	p.keeper = newKeeper(store, func() string { return h.Setting(keepKey) }, p.now, h.Log())
	h.OnSetting(func(key, _ string) {
		if key == keepKey {
			p.keeper.wake()
		}
	})
	return nil
}

// Stop closes the history. Everything that was answered is on disk already.
func (p *Plugin) Stop(context.Context) error {
	if p.store == nil {
		return nil
	}
	p.keeper.close()
	return p.store.Close()
}

// Position is how far the history has come in a conversation.
func (p *Plugin) Position(ctx context.Context, conversation, session string) (int64, error) {
	return p.store.Position(ctx, conversation, session)
}

// Run is one conversation.
func (p *Plugin) Run(ctx context.Context, s *sdk.Session) error {
	log, err := p.store.Log(ctx, s.Conversation().GetId(), s.ID())
	if err != nil {
		return err
	}
	h := s.Host()
	c := newChat(s, log, about{
		self: s.Self(), conversation: s.Conversation(), words: wordsFor(h.Locale()), locale: h.Locale(),
		setting: func(key string) bool { return h.Setting(key) != "false" }, log: h.Log(),
		kept:   func() string { return h.Setting(keepKey) },
		dated:  p.keeper.dated,
		people: &p.people, elsewhere: func(ctx context.Context, conversation, session string) (*history.Log, error) {
			return p.store.Other(ctx, conversation, cmp.Or(session, s.ID()))
		},
	})
	if err := c.load(ctx); err != nil {
		return err
	}
	p.keeper.know(c.me)
	defer p.keeper.join(history.Conversation{Name: s.Conversation().GetId(), Session: s.ID()}, func() {
		s.Go(func(context.Context) sdk.Event { return aged{} })
	})()
	for e := range s.Events() {
		if err := c.handle(ctx, e); err != nil {
			return err
		}
	}
	return c.finish(ctx)
}

// Main serves the plugin to the host that started the program, and never
// returns.
func Main() { sdk.Main(New()) }
