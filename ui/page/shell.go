package page

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gioui.org/io/clipboard"
	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/render"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// Entry is a page that can be gone to.
type Entry struct{ ID, Title, Icon string }

// Ids of the pages.
const (
	PageConversation = "" // no page: the conversation shows
	PageSettings     = "settings"
	PagePlugins      = "plugins"
	PageDevices      = "devices"
	PageInvite       = "invite"
	PageAdd          = "add"
	PageKeys         = "keys"
	PageAbout        = "about"
	PageNewGroup     = "newgroup"
	PageAddPeople    = "addpeople"
	PageNetwork      = "network"
	PageRecovery     = "recovery"
	PageSearch       = "search"
)

// Shell is what the parts of one window share. Everything in it belongs to the
// frame goroutine; blocking calls go through Call.
type Shell struct {
	Backend Backend
	Theme   *theme.Theme
	Jobs    *Jobs
	// Snap is the snapshot of this frame, Now its time.
	Snap *model.Snapshot
	Now  time.Time

	// Open is the conversation that shows, Page what covers it, if anything.
	Open string
	Page string
	// Narrow says that there is one column only.
	Narrow bool
	// Focused says that the window has the keyboard.
	Focused bool
	// Dragged: something that can be attached is held over the window.
	Dragged bool
	// FocusText asks for the keyboard in the composer, or where a page begins, with
	// the next frame.
	FocusText bool
	// AddAddress is what the page for adding a contact begins with.
	AddAddress string
	// AddGroup is the group that the page for adding people is about.
	AddGroup string
	// About is the conversation from which a narrow window came to its list.
	About     string
	revealing reveal
	// searchFor is what the page of the search begins with, finding asks for the
	// line that finds in the open conversation.
	searchFor string
	// unkept: a recovery code shows that is seen now and never again.
	unkept  bool
	finding bool

	drawn showing // when this frame began
	// contacts finds those of the snapshot that was indexed, by address.
	contacts map[string]*model.Contact
	groups   map[string]*model.GroupInfo // by conversation
	indexed  *model.Snapshot
	naming   struct {
		snap *model.Snapshot
		of   *model.GroupInfo
		list []render.Member
	}
	detailed string // the conversation whose group's panel is open
	back     []place
	copied   string
	toasts   widget.Toasts
	art      art
	dialog   *question
	shown    map[string]model.SessionKey    // by conversation, the session in its panel
	expected map[model.SessionKey]time.Time // sessions to show when they become active
	cards    Cards
	filling  bool // asked to fill the screen, or no longer to
	quitting bool
	forward  *forwarding
	askDate  func() // opens the calendar of what shows; nil without days
}

// place is somewhere to go back to.
type place struct{ conversation, page string }

// maxBack bounds how far one can go back.
const maxBack = 64

// Go opens a page, or the conversation with PageConversation.
func (s *Shell) Go(page string) { s.goTo(place{s.Open, page}) }

// OpenConversation shows a conversation.
func (s *Shell) OpenConversation(id string) { s.goTo(place{id, PageConversation}) }

func (s *Shell) goTo(p place) {
	now := place{s.Open, s.Page}
	if now == p {
		return
	}
	if s.askKept(func() { s.goTo(p) }) {
		return
	}
	if s.back = append(s.back, now); len(s.back) > maxBack {
		s.back = s.back[1:]
	}
	s.Open, s.Page = p.conversation, p.page
	if p.conversation != now.conversation {
		s.Backend.Remember("conversation", p.conversation)
	}
}

// askKept asks before a recovery code is left that nobody has said to have kept;
// it reports whether it asks.
func (s *Shell) askKept(leave func()) bool {
	if !s.unkept || s.Page != PageRecovery {
		return false
	}
	s.Ask(words.RecoveryLeave.Text(), words.RecoveryLeaveText.Text(), words.RecoveryLeaveNow.Text(), true, func() {
		s.unkept = false
		leave()
	})
	return true
}

// Back goes to where one was before; it reports whether there was such a place.
func (s *Shell) Back() bool {
	if s.askKept(func() { s.Back() }) {
		return true
	}
	n := len(s.back)
	if n == 0 {
		if s.Page != PageConversation {
			s.Page = PageConversation
			return true
		}
		if s.Narrow && s.Open != "" {
			s.Open = ""
			return true
		}
		return false
	}
	p := s.back[n-1]
	s.back = s.back[:n-1]
	s.Open, s.Page = p.conversation, p.page
	return true
}

// Call runs a blocking call of the backend beside the frame. then gets its
// error on the frame goroutine; nil for then shows a failure as a toast.
func (s *Shell) Call(call func(ctx context.Context) error, then func(error)) {
	s.Jobs.Go(func(ctx context.Context) func() {
		err := call(ctx)
		return func() {
			if then != nil {
				then(err)
			} else if err != nil {
				s.Say(Sentence(err))
			}
		}
	})
}

// Copy puts a text on the clipboard with the next frame and says so.
func (s *Shell) Copy(text string) {
	s.copied = text
	s.Say(words.Copied.Text())
}

// Begin applies to this frame what became of earlier ones.
func (s *Shell) Begin() {
	if s.indexed != s.Snap {
		s.indexed = s.Snap
		s.contacts = make(map[string]*model.Contact, len(s.Snap.Contacts))
		for i := range s.Snap.Contacts {
			s.contacts[s.Snap.Contacts[i].Address] = &s.Snap.Contacts[i]
		}
		s.groups = make(map[string]*model.GroupInfo, len(s.Snap.Groups))
		for i := range s.Snap.Groups {
			s.groups[s.Snap.Groups[i].Conversation] = &s.Snap.Groups[i]
		}
	}
	s.arrive()
	s.drawn = s.now()
}

// contact is the contact with an address, or nil.
func (s *Shell) contact(address string) *model.Contact { return s.contacts[address] }

// Moved tells whether what shows was changed while this frame was drawn.
func (s *Shell) Moved() bool { return s.drawn != s.now() }

// now is what decides which parts show.
func (s *Shell) now() showing {
	return showing{place{s.Open, s.Page}, s.shown[s.Open], s.detailed, s.Covered(), s.Theme}
}

// showing is which parts of the window show.
type showing struct {
	place   place
	panel   model.SessionKey
	details string
	dialog  bool
	theme   *theme.Theme
}

// Flush hands over what waits for a frame's context.
func (s *Shell) Flush(gtx layout.Context) {
	if s.copied == "" {
		return
	}
	gtx.Execute(clipboard.WriteCmd{Type: "application/text", Data: io.NopCloser(strings.NewReader(s.copied))})
	s.copied = ""
}

// maxSentence bounds what an error may say in the window.
const maxSentence = 400

// Sentence makes an error fit for a person: the backend's errors are sentences,
// but a deadline of the window itself has words of its own.
func Sentence(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return words.TookTooLong.Text()
	case errors.Is(err, context.Canceled):
		return words.WasStopped.Text()
	}
	text := words.Known(strings.TrimSpace(err.Error()))
	if text == "" {
		return words.NoReason.Text()
	}
	for len(text) > maxSentence {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	r, n := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(r)) + text[n:]
	if last, _ := utf8.DecodeLastRuneInString(text); !strings.ContainsRune(".!?…", last) {
		text += "."
	}
	return text
}

// feature is the plugin whose standing session is the transcript: chat when it
// is there, else the first standing feature; nil when there is none.
func feature(s *model.Snapshot) *model.Plugin {
	var first *model.Plugin
	for i := range s.Plugins {
		p := &s.Plugins[i]
		if !p.Standing || !p.Enabled || p.Kind == "network" || p.State == model.Refused {
			continue
		}
		if p.ID == "im" {
			return p
		}
		if first == nil {
			first = p
		}
	}
	return first
}

// pluginOf is the plugin with an id, or nil.
func pluginOf(s *model.Snapshot, id string) *model.Plugin {
	for i := range s.Plugins {
		if s.Plugins[i].ID == id {
			return &s.Plugins[i]
		}
	}
	return nil
}
