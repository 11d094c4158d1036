package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"switchboard/host/store"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
	"switchboard/shared/model"
)

// Offer proposes a session of a plugin.
func (e *Engine) Offer(ctx context.Context, conversation, plugin, title string, payload []byte) (k model.SessionKey, err error) {
	if err := ctx.Err(); err != nil {
		return k, err
	}
	if asked := e.ask(func(e *Engine) { k, err = e.offer(conversation, plugin, title, payload) }); asked != nil {
		return k, asked
	}
	return k, err
}

func (e *Engine) offer(conversation, plugin, title string, payload []byte) (k model.SessionKey, err error) {
	m, err := e.mayOffer(conversation, plugin, title, payload)
	if err != nil {
		return k, err
	}
	address, device := e.self()
	protocol, err := e.common(m, conversation, address)
	if err != nil {
		return k, err
	}
	body := &contractv1.OfferBody{Title: title, Payload: payload, TtlMs: m.Session.OfferTTL.Milliseconds(),
		MaxMembers: uint32(max(m.Session.MaxMembers, 0)), Solo: m.Session.Solo(), Ends: endsOf(m.Session.Ends)}
	data, err := proto.Marshal(body)
	if err != nil {
		return k, err
	}
	id := newID()
	r := &store.OutRow{ID: id, Conversation: conversation, Session: id, Plugin: plugin, Protocol: uint32(protocol),
		Kind: contractv1.Envelope_OFFER, Body: data, TimeMs: e.now()}
	if err := e.room(plugin, len(data)); err != nil {
		return k, err
	}
	if err := e.write(func(tx *store.Tx) error { return tx.AddOut(r) }); err != nil {
		return k, err
	}
	s := e.foresee(r, data, address, device)
	if s == nil {
		return k, fmt.Errorf("%s cannot be offered here", m.Name)
	}
	e.queueOut(r)
	return s.key, nil
}

func endsOf(rule manifest.EndRule) contractv1.OfferBody_Ends {
	switch rule {
	case manifest.EndLast:
		return contractv1.OfferBody_LAST
	case manifest.EndNever:
		return contractv1.OfferBody_NEVER
	}
	return contractv1.OfferBody_OWNER
}

// mayOffer checks everything but the other side.
func (e *Engine) mayOffer(conversation, plugin, title string, payload []byte) (*manifest.Manifest, error) {
	address, _ := e.self()
	m, known := e.o.Catalog.Manifest(plugin)
	switch {
	case address == "":
		return nil, errors.New("set up an account first")
	case !e.canRead(conversation, address):
		return nil, fmt.Errorf("there is no conversation %q", conversation)
	case e.readOnly(conversation) != "":
		return nil, errors.New(e.readOnly(conversation))
	case !known:
		return nil, fmt.Errorf("the plugin %q is not installed", plugin)
	case !m.Session.Offered() && !m.Session.Solo():
		return nil, fmt.Errorf("%s is not something that can be offered", m.Name)
	case m.Session.Solo():
		if kind, _ := kindOf(conversation, address); kind != model.Self {
			return nil, fmt.Errorf("%s runs in the conversation with yourself only", m.Name)
		}
	}
	if len(title) > contractv1.MaxOfferTitle || len(payload) > contractv1.MaxOffer {
		return nil, fmt.Errorf("the offer is too large: at most %d bytes of title and %d of content",
			contractv1.MaxOfferTitle, contractv1.MaxOffer)
	}
	if ok, reason := e.o.Catalog.Enabled(plugin); !ok {
		return nil, errors.New(cmp.Or(reason, m.Name+" is switched off"))
	}
	if ok, reason := e.o.Permit(PermitOffer, plugin); !ok {
		return nil, errors.New(cmp.Or(reason, m.Name+" is not allowed"))
	}
	if n := e.offersOpen(conversation, address); n >= MaxOffersOpen {
		return nil, fmt.Errorf("%d offers of yours are open in this conversation already: end one first", n)
	}
	return m, nil
}

func (e *Engine) offersOpen(conversation, address string) (n int) {
	for _, s := range e.conversation(conversation).sessions {
		if !s.standing && s.fold.By == address && !e.over(s) {
			n++
		}
	}
	return n
}

// common picks the highest protocol that both sides speak. What the other side
// can is unknown while none of its devices was ever seen: then ours is used.
func (e *Engine) common(m *manifest.Manifest, conversation, self string) (int, error) {
	kind, peer := kindOf(conversation, self)
	if kind != model.Direct {
		return m.Protocol, nil
	}
	list, known := e.o.Capabilities(peer)
	if !known {
		return m.Protocol, nil
	}
	best, has := -1, false
	for _, c := range list {
		id, version, _ := strings.Cut(c, "/")
		if id != m.ID {
			continue
		}
		has = true
		if n, err := strconv.Atoi(version); err == nil && m.Speaks(n) {
			best = max(best, n)
		}
	}
	switch {
	case !has:
		return 0, fmt.Errorf("%s does not have %s", e.o.Name(peer), m.Name)
	case best < 0:
		return 0, fmt.Errorf("%s has another version of %s that does not understand this one", e.o.Name(peer), m.Name)
	}
	return best, nil
}
