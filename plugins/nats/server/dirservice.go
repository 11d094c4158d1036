package server

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"bytes"
	"sort"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// onDirectory takes dir.<op>.U.D.
func (s *Server) onDirectory(msg *nats.Msg) {
	t, ok := wire.Tokens(msg.Subject, 4)
	if !ok {
		return
	}
	c, ok := s.caller(t, msg)
	if !ok {
		return
	}
	op, data := t[1], append([]byte(nil), msg.Data...)
	if op == wire.OpGroup {
		s.onGroup(c, data)
		return
	}
	if op == wire.OpBlobPut || op == wire.OpBlobGet {
		s.onBlob(c, op, data)
		return
	}
	if op == wire.OpGroups {
		s.onGroups(c, data)
		return
	}
	queue := c.user
	if op == wire.OpState {
		queue = stateQueue(data, c.user)
	}
	queued := s.shards.do(queue, func() {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		var body []byte
		err := s.dir.settled(ctx, func() (err error) {
			body, err = s.directoryOp(ctx, c, op, data)
			return err
		})
		s.answer(c, body, err)
	})
	if !queued {
		s.answer(c, nil, errBusy)
	}
}

var errBusy = wire.Errorf(contractv1.Error_UNAVAILABLE, "The server is busy; try again in a moment.")

func (s *Server) directoryOp(ctx context.Context, c caller, op string, data []byte) ([]byte, error) {
	switch op {
	case wire.OpAnnounce, wire.OpPresence:
		return s.announceOp(c, op, data)
	case wire.OpRoster:
		var p wire.Page
		if err := wire.Decode(data, &p); err != nil {
			return nil, err
		}
		return proto.Marshal(s.dir.roster(c.user, p.After))
	case wire.OpPresences:
		var p wire.Page
		if err := wire.Decode(data, &p); err != nil {
			return nil, err
		}
		return s.presencesOp(c.user, p.After)
	case wire.OpChange:
		var r contractv1.RosterChange
		if err := unmarshal(data, &r); err != nil {
			return nil, err
		}
		return nil, s.dir.change(ctx, c.user, &r)
	case wire.OpInvite:
		return s.inviteOp(ctx, c, data)
	case wire.OpDevices:
		return proto.Marshal(s.dir.deviceList(c.user, c.device))
	case wire.OpLink:
		var l contractv1.DeviceLink
		if err := unmarshal(data, &l); err != nil {
			return nil, err
		}
		code, err := s.dir.link(ctx, c.user, l.Ask)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(code)
	case wire.OpRevoke:
		var r contractv1.DeviceRevoke
		if err := unmarshal(data, &r); err != nil {
			return nil, err
		}
		return nil, s.dir.revoke(ctx, c, r.Id)
	case wire.OpRename, wire.OpLinked, wire.OpRecovery:
		return s.deviceOp(ctx, c, op, data)
	case wire.OpProfile:
		var p contractv1.ProfileChange
		if err := unmarshal(data, &p); err != nil {
			return nil, err
		}
		return nil, s.dir.profile(ctx, c.user, &p)
	case wire.OpState:
		return nil, s.setState(ctx, c, data)
	case wire.OpInvites, wire.OpUninvite, wire.OpJoins, wire.OpJoin:
		return s.doorOp(ctx, c, op, data)
	case wire.OpBye:
		s.pres.drop(c.user, c.device)
		return nil, nil
	}
	return nil, wire.Errorf(contractv1.Error_INVALID, "The server does not know this request; it may be older than this program.")
}

func unmarshal(data []byte, m proto.Message) error {
	if err := proto.Unmarshal(data, m); err != nil {
		return wire.Errorf(contractv1.Error_INVALID, "The request is malformed.")
	}
	return nil
}

func (s *Server) announceOp(c caller, op string, data []byte) ([]byte, error) {
	var a wire.Announce
	if err := wire.Decode(data, &a); err != nil {
		return nil, err
	}
	if err := checkAnnounce(a); err != nil {
		return nil, err
	}
	if op == wire.OpPresence {
		s.pres.set(c.user, c.device, a)
		return nil, nil
	}
	status, text := s.pres.announce(c.user, c.device, a)
	if !s.conns.has(c.user, c.device) {
		s.pres.left(c.user, c.device) // it went while we listened to it
	}
	u, _ := s.dir.user(c.user)
	if u.Owner {
		s.push(c.user, wire.PushJoins, s.dir.joinList())
	}
	if l := s.dir.linkList(c.user); len(l.Requests) > 0 {
		s.push(c.user, wire.PushLinks, l)
	}
	used, _ := s.dir.blobUse(c.user)
	return json.Marshal(wire.Welcome{
		Avatar: u.Avatar, Recovery: u.Recovery != "", BlobQuota: s.o.BlobQuota, BlobUsed: used,
		Network: s.o.Network, Addresses: s.addressesFor(c.user), Record: s.door.signedRecord(), RetentionS: int64(s.retention / time.Second),
		TimeMS: s.nowMS(), Name: u.Name, Status: int32(status), Text: text,
	})
}

func (s *Server) presencesOp(user, after string) ([]byte, error) {
	names := s.dir.known(user)
	var out bytes.Buffer
	n := 0
	for _, name := range names[sort.SearchStrings(names, after):] {
		if name == after || !s.dir.open(user, name) {
			continue
		}
		if _, err := protodelim.MarshalTo(&out, s.pres.of(user, name)); err != nil {
			return nil, err
		}
		if n++; n == wire.RosterPage || out.Len() > wire.MaxPageBytes {
			break
		}
	}
	return out.Bytes(), nil
}

func (s *Server) inviteOp(ctx context.Context, c caller, data []byte) ([]byte, error) {
	var r contractv1.InviteCreate
	if err := unmarshal(data, &r); err != nil {
		return nil, err
	}
	if u, _ := s.dir.user(c.user); s.o.OwnersInvite && !u.Owner {
		return nil, wire.Errorf(contractv1.Error_REFUSED, "On %s only owners invite people.", s.o.Network)
	}
	token, err := s.dir.invite(ctx, c.user, r.Uses, time.Duration(r.TtlS)*time.Second, false)
	if err != nil {
		return nil, err
	}
	s.dir.mu.RLock()
	v := *s.dir.invites[hash(token)]
	s.dir.mu.RUnlock()
	l := s.Link()
	l.Token = token
	return proto.Marshal(&contractv1.Invite{Link: l.String(), Id: hash(token)[:inviteID], ExpiresMs: v.ExpiresMS, Uses: v.Uses, CreatedMs: v.CreatedMS, By: s.address(c.user)})
}
