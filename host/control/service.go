package control

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// service answers the calls of one socket.
type service struct {
	controlv1.UnimplementedControlServer
	host   Host
	ending context.Context // done when the socket closes: streams end
}

// refusal carries a sentence across the socket.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, err.Error())
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, err.Error())
	}
	return status.Error(codes.FailedPrecondition, err.Error())
}

func done(err error) (*controlv1.Empty, error) {
	if err != nil {
		return nil, refusal(err)
	}
	return &controlv1.Empty{}, nil
}

// Status tells how things stand.
func (s *service) Status(context.Context, *controlv1.Empty) (*controlv1.StatusReply, error) {
	return statusReply(s.host.Snapshot(), s.host.Version()), nil
}

// SetUp makes the account.
func (s *service) SetUp(ctx context.Context, r *controlv1.SetUpRequest) (*controlv1.StatusReply, error) {
	err := s.host.SetUp(ctx, SetUp{Mode: r.Mode, User: r.User, Name: r.Name, Link: r.Link, DeviceCode: r.DeviceCode, DeviceName: r.DeviceName})
	if err != nil {
		return nil, refusal(err)
	}
	return statusReply(s.host.Snapshot(), s.host.Version()), nil
}

// Invite makes an invitation.
func (s *service) Invite(ctx context.Context, _ *controlv1.Empty) (*controlv1.InviteReply, error) {
	link, err := s.host.Invite(ctx)
	return &controlv1.InviteReply{Link: link}, refusal(err)
}

// SetPresence sets status and text.
func (s *service) SetPresence(ctx context.Context, r *controlv1.PresenceRequest) (*controlv1.Empty, error) {
	switch model.Status(r.Status) {
	case model.Available, model.Away, model.Busy, model.Invisible:
		return done(s.host.SetPresence(ctx, model.Status(r.Status), r.Text))
	}
	return nil, status.Errorf(codes.InvalidArgument, "a presence is available, away, busy or invisible, not %q", r.Status)
}

// Contact changes the roster.
func (s *service) Contact(ctx context.Context, r *controlv1.ContactRequest) (*controlv1.Empty, error) {
	if r.Op == "watch" {
		return done(s.host.Watch(ctx, r.Address, r.Text))
	}
	return done(s.host.Contact(ctx, r.Op, r.Address, r.Text))
}

// Contacts lists the roster.
func (s *service) Contacts(context.Context, *controlv1.Empty) (*controlv1.ContactsReply, error) {
	reply := &controlv1.ContactsReply{}
	for _, c := range s.host.Snapshot().Contacts {
		reply.Contacts = append(reply.Contacts, &controlv1.Contact{Address: c.Address, Name: c.Name, State: string(c.State),
			Greeting: c.Greeting, Conversation: c.Conversation, Presence: presence(c.Presence), NewKeysMs: ms(c.NewKeys), Avatar: c.Avatar, Watch: c.Watch})
	}
	return reply, nil
}

// Conversations lists the rows.
func (s *service) Conversations(context.Context, *controlv1.Empty) (*controlv1.ConversationsReply, error) {
	reply := &controlv1.ConversationsReply{}
	for _, c := range s.host.Snapshot().Conversations {
		reply.Conversations = append(reply.Conversations, &controlv1.Conversation{Id: c.ID, Kind: string(c.Kind), Title: c.Title,
			Peer: c.Peer, Summary: c.Summary, From: c.From, TimeMs: ms(c.Time), Unread: int64(c.Unread), Mentions: int64(c.Mentions),
			Draft: c.Draft, Pinned: c.Pinned, Archived: c.Archived, MutedUntilMs: ms(c.Muted),
			Members: int64(c.Members), ReadOnly: c.ReadOnly})
	}
	return reply, nil
}

// Row pins, mutes or archives.
func (s *service) Row(ctx context.Context, r *controlv1.RowRequest) (*controlv1.Empty, error) {
	id, err := conversation(s.host.Snapshot(), r.Conversation)
	if err != nil {
		return done(err)
	}
	return done(s.host.Row(ctx, r.Op, id))
}

// Groups lists the groups, or the one that is named.
func (s *service) Groups(_ context.Context, r *controlv1.GroupsRequest) (*controlv1.GroupsReply, error) {
	reply := &controlv1.GroupsReply{}
	if r.Group != "" {
		g, err := group(s.host.Snapshot(), r.Group)
		if err != nil {
			return nil, refusal(err)
		}
		reply.Groups = append(reply.Groups, groupRow(g))
		return reply, nil
	}
	for _, g := range s.host.Snapshot().Groups {
		reply.Groups = append(reply.Groups, groupRow(g))
	}
	return reply, nil
}

// ChangeGroup changes one.
func (s *service) ChangeGroup(ctx context.Context, r *controlv1.GroupRequest) (*controlv1.Group, error) {
	id := r.Group
	if r.Op != "create" && r.Op != "request" {
		g, err := group(s.host.Snapshot(), r.Group)
		if err != nil {
			return nil, refusal(err)
		}
		id = g.ID
	}
	id, err := s.host.ChangeGroup(ctx, model.GroupChange{Op: r.Op, Group: id, Address: r.Address, Name: r.Name, Picture: r.Picture,
		Role: model.GroupRole(r.Role), On: r.On, Earlier: r.Earlier, Open: r.Open})
	if err != nil {
		return nil, refusal(err)
	}
	for _, g := range s.host.Snapshot().Groups {
		if g.ID == id {
			return groupRow(g), nil
		}
	}
	return &controlv1.Group{Id: id}, nil
}

// Command forwards to a plugin.
func (s *service) Command(ctx context.Context, r *controlv1.CommandRequest) (*controlv1.CommandReply, error) {
	id := ""
	if r.Conversation != "" {
		var err error
		if id, err = conversation(s.host.Snapshot(), r.Conversation); err != nil {
			return nil, refusal(err)
		}
	}
	result, err := s.host.Command(ctx, id, r.Plugin, r.Name, r.Args)
	return &controlv1.CommandReply{Result: result}, refusal(err)
}

// Sessions lists the sessions.
func (s *service) Sessions(context.Context, *controlv1.Empty) (*controlv1.SessionsReply, error) {
	reply := &controlv1.SessionsReply{}
	for _, one := range s.host.Snapshot().Sessions {
		reply.Sessions = append(reply.Sessions, sessionRow(one))
	}
	return reply, nil
}

// Session makes or answers an offer, or leaves or ends a session.
func (s *service) Session(ctx context.Context, r *controlv1.SessionRequest) (*controlv1.SessionReply, error) {
	snapshot := s.host.Snapshot()
	var key model.SessionKey
	var err error
	if r.Op == "offer" {
		var conv string
		if conv, err = conversation(snapshot, r.Conversation); err == nil {
			key, err = s.host.Offer(ctx, conv, r.Plugin, r.Action)
		}
	} else if key, err = session(snapshot, r.Session); err == nil {
		err = s.host.Session(ctx, r.Op, key)
	}
	if err != nil {
		return nil, refusal(err)
	}
	for _, one := range s.host.Snapshot().Sessions {
		if one.Key == key {
			return &controlv1.SessionReply{Session: sessionRow(one)}, nil
		}
	}
	return &controlv1.SessionReply{Session: &controlv1.Session{Conversation: key.Conversation, Id: key.Session}}, nil
}

// Plugins lists the plugins.
func (s *service) Plugins(context.Context, *controlv1.Empty) (*controlv1.PluginsReply, error) {
	return &controlv1.PluginsReply{Plugins: pluginRows(s.host.Snapshot())}, nil
}

// Plugin switches one on or off or starts it again.
func (s *service) Plugin(ctx context.Context, r *controlv1.PluginRequest) (*controlv1.Empty, error) {
	return done(s.host.Plugin(ctx, r.Op, r.Id))
}

// Settings lists the settings.
func (s *service) Settings(context.Context, *controlv1.Empty) (*controlv1.SettingsReply, error) {
	reply := &controlv1.SettingsReply{}
	for _, one := range s.host.Snapshot().Settings {
		row := &controlv1.Setting{Key: one.Key, Title: one.Title, Help: one.Help, Page: one.Page, Kind: string(one.Kind),
			Value: one.Value, Default: one.Default, Locked: one.Locked}
		for _, c := range one.Choices {
			row.Choices = append(row.Choices, c.ID)
		}
		reply.Settings = append(reply.Settings, row)
	}
	return reply, nil
}

// SetSetting changes one.
func (s *service) SetSetting(ctx context.Context, r *controlv1.SettingRequest) (*controlv1.Empty, error) {
	return done(s.host.SetSetting(ctx, r.Key, r.Value))
}

// Reconnect tries now.
func (s *service) Reconnect(context.Context, *controlv1.Empty) (*controlv1.Empty, error) {
	s.host.Reconnect()
	return &controlv1.Empty{}, nil
}

// Echo starts somebody to talk to.
func (s *service) Echo(ctx context.Context, _ *controlv1.Empty) (*controlv1.EchoReply, error) {
	conversation, err := s.host.TalkToEcho(ctx)
	return &controlv1.EchoReply{Conversation: conversation}, refusal(err)
}

// Quit ends the host.
func (s *service) Quit(context.Context, *controlv1.Empty) (*controlv1.Empty, error) {
	s.host.Quit()
	return &controlv1.Empty{}, nil
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
