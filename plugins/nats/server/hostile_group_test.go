package server_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// hostileGroups is a network with three groups: one that mallory has nothing to
// do with, one that mallory is a plain member of, and one that mallory was
// removed from.
type hostileGroups struct {
	*hostile
	foreign, own, former *contractv1.Group
	mallory2             *peer // the same account with good manners
	removedAt            int64
}

func newHostileGroups(t *testing.T) *hostileGroups {
	h := &hostileGroups{hostile: newHostile(t)}
	h.mallory2 = signIn(t, h.mallory.a)
	h.foreign = with(h.alice, h.bob)
	h.own = with(h.eve, h.mallory2)
	h.former = with(h.eve)
	befriend(t, h.eve, h.bob)
	h.eve.say(h.former.Conversation, "before")
	h.eve.do(contractv1.GroupChange_INVITE, h.former.Id, about(h.mallory2))
	h.eve.say(h.former.Conversation, "during")
	h.eve.do(contractv1.GroupChange_REMOVE, h.former.Id, about(h.mallory2))
	h.removedAt = h.mallory2.waitEntries(h.former.Conversation, 3)[2].Seq
	h.eve.say(h.former.Conversation, "after")
	h.alice.say(h.foreign.Conversation, "secret")
	return h
}

// insist asks again when a busy machine does not answer in time.
func (r *raw) insist(subject string, data []byte, header nats.Header, reply string) *nats.Msg {
	r.t.Helper()
	for range 30 {
		if msg, err := r.request(subject, data, header, reply); err == nil {
			return msg
		}
	}
	r.t.Fatalf("%s: no answer", subject)
	return nil
}

func (h *hostileGroups) postRoom(room string, all ...*contractv1.Envelope) (*nats.Msg, error) {
	m := h.mallory
	return m.request("post.room."+room+"."+m.a.User+"."+m.a.Device, batch("room."+room, all...), nil, "")
}

// taken reports whether a post was answered with anything but refusals.
func taken(t *testing.T, msg *nats.Msg, err error) bool {
	t.Helper()
	if err != nil || msg.Header.Get(wire.HeaderError) != "" {
		return false
	}
	var r contractv1.PostReply
	if err := proto.Unmarshal(msg.Data, &r); err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		if x.GetRefused() == nil {
			return true
		}
	}
	return false
}

func TestHostileGroupPosts(t *testing.T) {
	t.Parallel()
	h := newHostileGroups(t)
	forged := func(f func(*contractv1.Envelope)) *contractv1.Envelope { e := entry("x"); f(e); return e }
	membership := func(e *contractv1.Envelope) { e.Kind = contractv1.Envelope_MEMBERSHIP }
	for name, c := range map[string]struct {
		room string
		e    *contractv1.Envelope
	}{
		"a group of others":              {h.foreign.Id, entry("x")},
		"a group one was removed from":   {h.former.Id, entry("x")},
		"no group":                       {strings.Repeat("a", 20), entry("x")},
		"every group":                    {"%2A", entry("x")},
		"a group with dots":              {"aaaaaaaaaaaaaaaa.b", entry("x")},
		"a short group":                  {"abc", entry("x")},
		"a group in capitals":            {strings.ToUpper(h.own.Id), entry("x")},
		"membership in one's own":        {h.own.Id, forged(membership)},
		"membership in that of others":   {h.foreign.Id, forged(membership)},
		"another conversation inside":    {h.own.Id, forged(func(e *contractv1.Envelope) { e.Conversation = h.foreign.Conversation })},
		"a conversation of two, inside":  {h.own.Id, forged(func(e *contractv1.Envelope) { e.Conversation = "dm.alice.bob" })},
		"a large body":                   {h.own.Id, forged(func(e *contractv1.Envelope) { e.Body = make([]byte, contractv1.MaxUpdate+1) })},
		"membership without any session": {h.own.Id, forged(func(e *contractv1.Envelope) { membership(e); e.Session, e.Plugin = "", "" })},
	} {
		t.Run(name, func(t *testing.T) {
			if msg, err := h.postRoom(c.room, c.e); taken(t, msg, err) {
				t.Error("taken")
			}
		})
	}
	m := h.mallory
	for name, subject := range map[string]string{
		"as another":                "post.room." + h.foreign.Id + ".alice." + h.alice.a.Device,
		"straight into the order":   "conv.room." + h.own.Id,
		"onto what it publishes":    "live.room." + h.own.Id,
		"to a member by hand":       wire.RoomSubject("eve", h.own.Id),
		"a push by hand":            wire.PushSubject("eve", wire.PushGroup),
		"a record by hand":          "$KV.DIR.mem." + h.foreign.Id + ".mallory",
		"a value by hand":           "state.r." + h.foreign.Id + ".mallory.im.im.k",
		"a signal as another":       "sig.room." + h.foreign.Id + ".alice." + h.alice.a.Device,
		"a change as another":       wire.DirSubject(wire.OpGroup, "alice", h.alice.a.Device),
		"a list as another":         wire.DirSubject(wire.OpGroups, "alice", h.alice.a.Device),
		"what replicas tell":        "rep.dir",
		"a wildcard for a group":    "post.room.*." + m.a.User + "." + m.a.Device,
		"a wildcard to the members": "in.*.room." + h.own.Id,
	} {
		t.Run("publish "+name, func(t *testing.T) {
			denied := m.denied(func() {
				_ = m.nc.PublishMsg(&nats.Msg{Subject: subject, Data: batch(h.foreign.Conversation, entry("x"))})
			})
			if !denied && !strings.Contains(name, "wildcard for") { // that one is no subject at all: nobody hears it
				t.Errorf("%s is not refused", subject)
			}
		})
	}
	for name, subject := range map[string]string{
		"what others hear": wire.RoomSubject("alice", "*"), "what all hear": "in.*.room.>", "the order": "conv.room.>",
		"what it publishes": "live.room.*", "values": "state.r.>", "records": "$KV.DIR.>",
	} {
		t.Run("hear "+name, func(t *testing.T) {
			if !m.denied(func() {
				if sub, err := m.nc.SubscribeSync(subject); err == nil {
					defer func() { _ = sub.Unsubscribe() }()
				}
			}) {
				t.Errorf("%s is not refused", subject)
			}
		})
	}
	if got := ops(h.bob.waitEntries(h.foreign.Conversation, 2)); got != "JOINED alice>bob, secret" {
		t.Errorf("bob has %s", got)
	}
}

func TestHostileGroupIDs(t *testing.T) {
	t.Parallel()
	h := newHostileGroups(t)
	m := h.mallory
	post := func(kind, where, conv string, e *contractv1.Envelope) *contractv1.PostResult {
		t.Helper()
		msg := m.insist("post."+kind+"."+where+"."+m.a.User+"."+m.a.Device, batch(conv, e), nil, "")
		var r contractv1.PostReply
		if err := proto.Unmarshal(msg.Data, &r); err != nil || len(r.Results) != 1 {
			t.Fatal(msg.Header, err)
		}
		return r.Results[0]
	}
	e := entry("first")
	first := post("room", h.own.Id, h.own.Conversation, e)
	if first.GetStored() == nil {
		t.Fatal(first)
	}
	if again := post("room", h.own.Id, h.own.Conversation, e); again.GetStored().GetSeq() != first.GetStored().Seq {
		t.Errorf("a repeat is %v, first %v", again, first)
	}
	if r := post("dm", "eve", "dm.eve.mallory", e); r.GetRefused() == nil {
		t.Errorf("an id of a group in a conversation of two: %v", r)
	}
	second := with(h.eve, h.mallory2)
	if r := post("room", second.Id, second.Conversation, e); r.GetRefused() == nil {
		t.Errorf("an id of a group in another: %v", r)
	}
	d := entry("second")
	post("dm", "eve", "dm.eve.mallory", d)
	if r := post("room", h.own.Id, h.own.Conversation, d); r.GetRefused() == nil {
		t.Errorf("an id of a conversation of two in a group: %v", r)
	}
	// Headers and replies of the client's own making go nowhere.
	x := entry("third")
	_ = m.insist("post.room."+h.own.Id+"."+m.a.User+"."+m.a.Device, batch(h.own.Conversation, x), nats.Header{
		wire.HeaderSequence: {"1"}, wire.HeaderPrevious: {"9"}, "Nats-Msg-Id": {"eve.group.x"}, "Nats-Subject": {"conv.room." + h.foreign.Id},
		"Nats-Expected-Last-Subject-Sequence": {"1"},
	}, wire.RoomSubject("eve", h.foreign.Id))
	got := h.eve.waitEntries(h.own.Conversation, 4)
	if last := got[len(got)-1]; string(last.Body) != "third" || last.From != "mallory@local" || last.Seq <= got[len(got)-2].Seq {
		t.Errorf("eve has %v", last)
	}
	if n := len(h.eve.entries(h.foreign.Conversation)); n != 0 {
		t.Errorf("eve was given %d entries of a group she is not in", n)
	}
}

func TestHostileGroupReading(t *testing.T) {
	t.Parallel()
	h := newHostileGroups(t)
	m := h.mallory
	ask := func(q wire.BoxRequest) *nats.Msg {
		t.Helper()
		data, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		msg := m.insist(wire.BoxSubject(m.a.User, m.a.Device), data, nil, "")
		return msg
	}
	for _, room := range []string{h.foreign.Conversation, "room.*", "room.>", "room." + strings.Repeat("a", 20), "room.", "room", "room." + h.own.Id + ".x"} {
		if msg := ask(wire.BoxRequest{Op: wire.BoxPage, Conversation: room}); msg.Header.Get(wire.HeaderError) == "" {
			t.Errorf("a page of %s: %d bytes", room, len(msg.Data))
		}
	}
	for from := int64(-1); from <= h.removedAt+5; from++ {
		if from == 5 {
			from = h.removedAt - 5
		}
		for _, before := range []int64{0, h.removedAt, h.removedAt + 1, h.removedAt + 100, 1 << 62} {
			msg := ask(wire.BoxRequest{Op: wire.BoxPage, Conversation: h.former.Conversation, From: from, Before: before, Head: 1 << 61})
			var page contractv1.Envelopes
			if err := proto.Unmarshal(msg.Data, &page); err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Envelopes {
				if s := string(e.Body); s == "before" || s == "after" || e.Seq > h.removedAt {
					t.Errorf("from %d before %d: %q at %d", from, before, s, e.Seq)
				}
			}
		}
	}
	var heads wire.Heads
	if err := json.Unmarshal(ask(wire.BoxRequest{Op: wire.BoxHeads}).Data, &heads); err != nil {
		t.Fatal(err)
	}
	if _, leaked := heads.Heads[h.foreign.Conversation]; leaked || int64(heads.Heads[h.former.Conversation]) != h.removedAt {
		t.Errorf("heads: %v, removed at %d", heads.Heads, h.removedAt)
	}
	msg := m.insist(wire.DirSubject(wire.OpGroups, m.a.User, m.a.Device), []byte(`{}`), nil, "")
	var groups contractv1.Groups
	if err := proto.Unmarshal(msg.Data, &groups); err != nil || len(groups.Groups) != 2 {
		t.Fatalf("%v, %v", &groups, err)
	}
	for _, g := range groups.Groups {
		if g.Id == h.former.Id && (len(g.Members) != 0 || g.State != contractv1.Group_OUT || g.Count != 0) {
			t.Errorf("of a group one was removed from: %v", g)
		}
	}
	for _, room := range []string{h.foreign.Conversation, h.former.Conversation, "room.*", "room." + strings.Repeat("a", 20)} {
		for _, scope := range []contractv1.StateValue_Scope{contractv1.StateValue_EVERYONE, contractv1.StateValue_MY_DEVICES} {
			data, err := proto.Marshal(value(room, "k", "v", scope))
			if err != nil {
				t.Fatal(err)
			}
			msg := m.insist(wire.DirSubject(wire.OpState, m.a.User, m.a.Device), data, nil, "")
			if own := room == h.former.Conversation && scope == contractv1.StateValue_MY_DEVICES; (msg.Header.Get(wire.HeaderError) == "") != own {
				t.Errorf("a value %v in %s: %v", scope, room, msg.Header)
			}
		}
	}
}

func TestHostileGroupChanges(t *testing.T) {
	t.Parallel()
	h := newHostileGroups(t)
	m := h.mallory
	change := func(c *contractv1.GroupChange) (*contractv1.Group, string) {
		t.Helper()
		data, err := proto.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		msg := m.insist(wire.DirSubject(wire.OpGroup, m.a.User, m.a.Device), data, nil, wire.RoomSubject("eve", h.own.Id))
		g := &contractv1.Group{}
		if err := proto.Unmarshal(msg.Data, g); err != nil {
			t.Fatal(err)
		}
		return g, msg.Header.Get(wire.HeaderError)
	}
	type C = contractv1.GroupChange
	for name, c := range map[string]*C{
		"rename":                     {Op: contractv1.GroupChange_RENAME, Name: "Mine"},
		"a picture":                  {Op: contractv1.GroupChange_PICTURE, Picture: strings.Repeat("ab", 32)},
		"invite":                     {Op: contractv1.GroupChange_INVITE, Address: "eve"},
		"invite a stranger":          {Op: contractv1.GroupChange_INVITE, Address: "alice"},
		"invite *":                   {Op: contractv1.GroupChange_INVITE, Address: "*"},
		"invite somebody of another": {Op: contractv1.GroupChange_INVITE, Address: "eve@elsewhere"},
		"remove the owner":           {Op: contractv1.GroupChange_REMOVE, Address: "eve"},
		"remove myself":              {Op: contractv1.GroupChange_REMOVE, Address: "mallory"},
		"take it over":               {Op: contractv1.GroupChange_ROLE, Address: "mallory", Role: contractv1.Group_OWNER},
		"be an admin":                {Op: contractv1.GroupChange_ROLE, Address: "mallory", Role: contractv1.Group_ADMIN},
		"earlier":                    {Op: contractv1.GroupChange_EARLIER, On: true},
		"open":                       {Op: contractv1.GroupChange_OPEN, On: true},
		"admit":                      {Op: contractv1.GroupChange_ADMIT, Address: "alice"},
		"refuse":                     {Op: contractv1.GroupChange_REFUSE, Address: "alice"},
		"an unknown change":          {Op: 99},
		"no change":                  {},
		"an id with dots":            {Op: contractv1.GroupChange_LEAVE, Id: "a.b"},
		"a long id":                  {Op: contractv1.GroupChange_LEAVE, Id: strings.Repeat("a", 65)},
		"make one without a name":    {Op: contractv1.GroupChange_CREATE},
		"make one with a long name":  {Op: contractv1.GroupChange_CREATE, Name: strings.Repeat("a", 65)},
		"control characters":         {Op: contractv1.GroupChange_CREATE, Name: "a\x1b]0;x"},
		"a name of spaces":           {Op: contractv1.GroupChange_CREATE, Name: "  "},
	} {
		t.Run(name, func(t *testing.T) {
			if c.Op != contractv1.GroupChange_CREATE {
				c.Group = h.own.Id
			}
			if g, no := change(c); no == "" {
				t.Errorf("answered %v", g)
			}
		})
	}
	outside := ""
	for _, room := range []string{h.foreign.Id, strings.Repeat("a", 20), "*", ">", "", "abc", "a.b"} {
		for op := range contractv1.GroupChange_Op_name {
			if op <= int32(contractv1.GroupChange_CREATE) {
				continue
			}
			g, no := change(&C{Op: contractv1.GroupChange_Op(op), Group: room, Address: "alice", Role: contractv1.Group_ADMIN, Name: "x", On: true})
			if no == "" {
				t.Errorf("%v in %s: %v", contractv1.GroupChange_Op(op), room, g)
			}
			if outside == "" {
				outside = no
			}
			if no != outside {
				t.Errorf("%v in %s says more than elsewhere: %q", contractv1.GroupChange_Op(op), room, no)
			}
		}
	}
	for _, op := range []contractv1.GroupChange_Op{contractv1.GroupChange_ACCEPT, contractv1.GroupChange_REQUEST, contractv1.GroupChange_INVITE} {
		if g, no := change(&C{Op: op, Group: h.former.Id, Address: "mallory"}); no == "" {
			t.Errorf("%v in a group one was removed from: %v", op, g)
		}
	}
	// Of the groups nothing has changed.
	if got := ops(h.eve.fetch(h.own.Conversation, 0)); got != "CREATED eve, JOINED eve>mallory" {
		t.Errorf("eve has %s", got)
	}
	if got := ops(h.alice.fetch(h.foreign.Conversation, 0)); got != "CREATED alice, JOINED alice>bob, secret" {
		t.Errorf("alice has %s", got)
	}
	t.Run("signals from outside", func(t *testing.T) {
		for _, room := range []string{h.foreign.Id, h.former.Id} {
			data, err := proto.Marshal(&contractv1.NetSignal{Conversation: "room." + room, Session: "im", Plugin: "im", Signal: &contractv1.Signal{Body: []byte("boo")}})
			if err != nil {
				t.Fatal(err)
			}
			_ = m.nc.Publish("sig.room."+room+"."+m.a.User+"."+m.a.Device, data)
		}
		_ = m.nc.Flush()
		time.Sleep(50 * time.Millisecond)
		for _, p := range []*peer{h.alice, h.bob, h.eve} {
			for _, e := range p.told() {
				if e.GetSignal() != nil {
					t.Errorf("%s hears it", p.a.User)
				}
			}
		}
	})
}
