package page

import (
	"context"

	"switchboard/shared/model"
)

// Backend is all that the window needs from the host; host/main.go joins them.
// Methods are safe for concurrent use. Those with a context may block and are
// never called on the frame goroutine; their errors are sentences for people.
type Backend interface {
	Doors
	// Snapshot is the present state; it never blocks.
	Snapshot() *model.Snapshot
	// Subscribe calls f (quick, from any goroutine) after every change of the
	// snapshot or of an open view, until cancel.
	Subscribe(f func()) (cancel func())

	// OpenView starts what is needed to show a session's full view and keeps it
	// until release. The chat of a conversation is session "im".
	OpenView(key model.SessionKey) (release func())
	// View is the latest of an open view, nil when it is not open; never blocks.
	View(key model.SessionKey) *model.View
	// Compact is the last compact view, from the store; nil when there is none.
	Compact(key model.SessionKey) *model.View
	// Want asks for list items around an anchor; never blocks.
	Want(key model.SessionKey, list, anchor string, before, after int)
	// Seen tells which item was visible ≥ 0.5 s in a focused window; never blocks.
	Seen(key model.SessionKey, list, item string)
	// Focus tells whether the window has the focus and which conversation is open.
	Focus(conversation string, focused bool)
	// Edited hands over an editor's text as the person types; never blocks.
	Edited(key model.SessionKey, node, text string)
	// Act hands an action to be journalled and given to the plugin; never blocks,
	// not for the disk either. A SUBMIT empties its editor; the text comes back if
	// it fails, and View.Refused says why.
	Act(key model.SessionKey, a model.Action) error
	// CommandDone tells that view commands up to n were carried out.
	CommandDone(key model.SessionKey, n uint64)

	// SetUp makes the account or links this device.
	SetUp(ctx context.Context, s SetUp) error
	// TalkToEcho starts the echo account for as long as this window lives.
	TalkToEcho(ctx context.Context) (conversation string, err error)
	Invite(ctx context.Context) (link string, err error)
	SetPresence(ctx context.Context, s model.Status, text string) error
	// Contact does one of: add, accept, remove, block, unblock, rename.
	Contact(ctx context.Context, op, address, text string) error
	// Watch asks to be told when a contact comes online; mode is once, always or
	// never. Contact.Watch then says it.
	Watch(ctx context.Context, address, mode string) error
	// ChangeGroup does one thing to a group and answers its id; what was changed
	// then stands in the snapshot.
	ChangeGroup(ctx context.Context, c model.GroupChange) (id string, err error)
	// Session does one of: accept, decline, cancel, leave, end.
	Session(ctx context.Context, op string, key model.SessionKey) error
	// Offer starts a session of a plugin in a conversation.
	Offer(ctx context.Context, conversation, plugin, action string) (model.SessionKey, error)
	// Plugin does one of: enable, disable, restart.
	Plugin(ctx context.Context, op, id string) error
	SetSetting(ctx context.Context, key, value string) error
	Devices(ctx context.Context) ([]model.Device, error)
	LinkDevice(ctx context.Context) (code string, err error)
	RevokeDevice(ctx context.Context, id string) error
	// AskLink makes a code with which a device asks to be let in: it then stands
	// in Snapshot.LinkRequests until AnswerLink. A new code replaces the one before.
	AskLink(ctx context.Context) (model.LinkCode, error)
	AnswerLink(ctx context.Context, id string, allow bool) error
	RenameDevice(ctx context.Context, id, name string) error
	// CreateRecovery makes a recovery code, a link that is shown once and kept
	// nowhere; it replaces an older one.
	CreateRecovery(ctx context.Context) (link string, err error)
	// DismissRecovery ends Snapshot.RecoveryOffer for good; never blocks.
	DismissRecovery()
	// Row does one of: pin, unpin, mute-1h, mute-8h, mute, unmute, archive, unarchive.
	Row(ctx context.Context, op, conversation string) error
	// Picture is a picture by its hash, fetched from the network when it is not
	// here; asked says that a person asks for it, and large ones come too.
	Picture(ctx context.Context, hash string, asked bool) ([]byte, error)
	// SharePicture makes the picture of a file, or of data without a path, fit to be
	// sent and keeps it; the answer is the value of an Action PICTURE.
	SharePicture(ctx context.Context, path string, data []byte) (picture string, err error)
	// SavePicture writes a picture into a new file.
	SavePicture(ctx context.Context, hash, path string) error
	// ChoosePicture lets the person choose a file with the desktop's own dialog;
	// empty when they changed their mind. It fails where there is no such dialog.
	ChoosePicture(ctx context.Context, title string) (path string, err error)
	// ChooseExport is ChoosePicture for a file of Export as "json".
	ChooseExport(ctx context.Context, title string) (path string, err error)
	// Folder lists a folder's subfolders and pictures for the window's own dialog;
	// an empty path is where pictures are usually kept.
	Folder(ctx context.Context, path string) (model.Folder, error)
	// SetAvatar and GroupPicture set a picture from a file; an empty path removes it.
	SetAvatar(ctx context.Context, path string) error
	GroupPicture(ctx context.Context, group, path string) error
	// Command runs a command that a plugin contributes in a conversation, such as
	// "read" and "unread"; with an empty plugin that of the first that contributes it.
	// Args and the answer are JSON.
	Command(ctx context.Context, conversation, plugin, name string, args []byte) ([]byte, error)
	// Search looks for a text in what plugins keep, newest hits first.
	Search(ctx context.Context, q model.Query) (model.Found, error)
	// Export writes a conversation into a new file of a folder, as "text" or "json";
	// an empty folder is the person's one for downloads.
	Export(ctx context.Context, conversation, format, folder string) (path string, err error)
	// Import adds to a conversation what a file of Export as "json" has and this
	// computer has not; nobody else learns of it.
	Import(ctx context.Context, conversation, path string) (added int, err error)
	// Quit ends everything: the window, the plugins and the network that this
	// computer carries. It returns when the host is about to end.
	Quit(ctx context.Context) error
	// Reconnect tries now.
	Reconnect()
	// Recall and Remember keep the window's own small state in the profile:
	// sizes, the open conversation.
	Recall(key string) string
	Remember(key, value string)
}

// SetUp is what the first run asks. Mode is local, invite, server, device,
// recover or found. A link that holds a device's code or a recovery code does so in any
// mode but local. While somebody is to let this device in, Snapshot.SignUp says so.
type SetUp struct {
	Mode, User, Name, Link, DeviceCode, DeviceName string
}
