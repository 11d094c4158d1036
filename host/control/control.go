// Package control serves a running host on a unix socket of its profile, for
// the command line and for tests, and gives them their client. It translates
// names and values; what they mean is the host's business, which it knows only
// by the interface Host.
package control

import (
	"context"
	"io"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// SetUp is what makes an account: Mode is local, invite, server, found, device
// or recover.
type SetUp struct {
	Mode, User, Name, Link, DeviceCode, DeviceName string
}

// Host is what the socket needs. Methods with a context may block; their errors
// are sentences for people.
type Host interface {
	Snapshot() *model.Snapshot
	Subscribe(f func()) (cancel func())
	Version() string

	OpenView(key model.SessionKey) (release func())
	View(key model.SessionKey) *model.View
	Want(key model.SessionKey, list, anchor string, before, after int)
	Seen(key model.SessionKey, list, item string)
	Focus(conversation string, focused bool)
	Edited(key model.SessionKey, node, text string)
	Act(key model.SessionKey, a model.Action) error

	SetUp(ctx context.Context, s SetUp) error
	Invite(ctx context.Context) (link string, err error)
	// InviteFor makes an invitation for a number of people and days; 0 leaves
	// either to the network.
	InviteFor(ctx context.Context, uses, days int) (link string, err error)
	Invitations(ctx context.Context) ([]model.Invitation, error)
	RevokeInvitation(ctx context.Context, id string) error
	Discover(ctx context.Context) ([]model.FoundNetwork, error)
	AnswerJoin(ctx context.Context, id string, allow bool) error
	// Carry changes how this computer carries its network, and tells it.
	Carry(ctx context.Context, c model.CarryChange) (model.Carry, error)
	SetPresence(ctx context.Context, s model.Status, text string) error
	Contact(ctx context.Context, op, address, text string) error
	ChangeGroup(ctx context.Context, c model.GroupChange) (id string, err error)
	Session(ctx context.Context, op string, key model.SessionKey) error
	Offer(ctx context.Context, conversation, plugin, action string) (model.SessionKey, error)
	Plugin(ctx context.Context, op, id string) error
	SetSetting(ctx context.Context, key, value string) error
	Devices(ctx context.Context) ([]model.Device, error)
	LinkDevice(ctx context.Context) (code string, err error)
	RevokeDevice(ctx context.Context, id string) error
	// AskLink makes a code with which a device asks to be let in; Snapshot then has
	// it among LinkRequests until AnswerLink.
	AskLink(ctx context.Context) (model.LinkCode, error)
	AnswerLink(ctx context.Context, id string, allow bool) error
	RenameDevice(ctx context.Context, id, name string) error
	CreateRecovery(ctx context.Context) (link string, err error)
	DismissRecovery()
	Row(ctx context.Context, op, conversation string) error
	Reconnect()
	// SharePicture keeps a picture to be sent; the answer names it.
	SharePicture(ctx context.Context, path string, data []byte) (picture string, err error)
	SavePicture(ctx context.Context, hash, path string) error
	// SetAvatar and GroupPicture set a picture from a file; an empty path removes it.
	SetAvatar(ctx context.Context, path string) error
	GroupPicture(ctx context.Context, group, path string) error
	TalkToEcho(ctx context.Context) (conversation string, err error)

	Search(ctx context.Context, q model.Query) (model.Found, error)
	// ExportTo writes a conversation page by page as text or json; Import adds what a
	// file of json has and this computer has not.
	ExportTo(ctx context.Context, conversation, format string, w io.Writer) error
	Import(ctx context.Context, conversation, path string) (added int, err error)

	// Command runs a contributed command. With an empty plugin the first that
	// contributes the name is taken.
	Command(ctx context.Context, conversation, plugin, name string, args []byte) ([]byte, error)
	// Watch asks to be told when a contact comes online: once, always or never.
	Watch(ctx context.Context, address, mode string) error
	// Events calls f, which never blocks, for everything that happens until cancel.
	Events(f func(*controlv1.Event)) (cancel func())
	// RaiseWith opens the window or brings it to the front, or says why it cannot.
	RaiseWith(r model.Raise) error
	// Quit makes the host end soon, the companions of its plugins with it.
	Quit()
}
