package page

import (
	"context"
	"time"

	"switchboard/shared/model"
	"switchboard/ui/words"
)

// exportTime bounds writing and reading a whole conversation.
const exportTime = 10 * time.Minute

// maxPath bounds the name of a file, in bytes.
const maxPath = 4096

// command is something that can be done from the search, without a menu.
type command struct {
	text, icon string
	do         func()
}

// maxCommands bounds the commands in the list of the search.
const maxCommands = 12

// commands are what can be done now, in the order in which they are offered.
func (s *Shell) commands() []command {
	out := []command{
		{words.TalkToEcho.Text(), "chat", s.TalkToEcho},
	}
	for _, status := range statuses {
		out = append(out, command{words.SetPresence(words.Presence(status)), "person", func() { s.setPresence(status, s.Snap.Presence.Text) }})
	}
	about := s.Open
	if about == "" {
		about = s.About
	}
	if c := conversationOf(s.Snap, about); c != nil {
		name := titleOf(s.Snap, c)
		out = append(out, command{words.FindHere.Text(), "search", func() { s.OpenConversation(about); s.Find() }})
		for _, m := range rowMenu(s, c, capabilities(s.Snap, c)) {
			if m.Reason == "" {
				out = append(out, command{words.CommandFor(m.Text, name), m.Icon, m.Do})
			}
		}
	}
	return append(out,
		command{words.ChangeMyPicture.Text(), "image", s.ChangeMyPicture},
		command{words.Quit.Text(), "power", s.Quit})
}

// commandHits are the commands whose words match what was typed.
func (s *Shell) commandHits(query string) []hit {
	q := fold(query)
	var out []hit
	for _, c := range s.commands() {
		if len(out) < maxCommands && len(q) > 1 && matches(q, c.text) {
			out = append(out, hit{kind: hitCommand, name: c.text, icon: c.icon, do: c.do})
		}
	}
	return out
}

// readMenu is the item that marks a conversation as read, or as unread.
func readMenu(s *Shell, c *model.Conversation) []MenuItem {
	if feature(s.Snap) == nil || c.Summary == "" && c.Unread == 0 {
		return nil
	}
	name, text, sign := "unread", words.MarkUnread.Text(), "notifications"
	if s.news(c) > 0 || c.Mentions > 0 {
		name, text, sign = "read", words.MarkRead.Text(), "done_all"
	}
	id := c.ID
	return []MenuItem{{Text: text, Icon: sign, Do: func() {
		s.Call(func(ctx context.Context) error {
			_, err := s.Backend.Command(ctx, id, "", name, nil)
			return err
		}, nil)
	}}}
}

// keepMenu is what takes a conversation out of the program, and back into it.
func keepMenu(s *Shell, c *model.Conversation) []MenuItem {
	if feature(s.Snap) == nil {
		return nil
	}
	id, name := c.ID, titleOf(s.Snap, c)
	return []MenuItem{
		{Text: words.Export.Text(), Icon: "download", Separate: true, Do: func() { s.export(id, name) }},
		{Text: words.Import.Text(), Icon: "upload", Do: func() { s.importInto(id, name) }},
	}
}

// export asks for the form and writes a conversation into a file.
func (s *Shell) export(id, name string) {
	forms := []option{
		{id: "text", text: words.ExportAsText.Text(), detail: words.ExportAsTextDetail.Text()},
		{id: "json", text: words.ExportAsJSON.Text(), detail: words.ExportAsJSONDetail.Text()},
	}
	s.AskChoice(words.ExportTitle(name), words.ExportText.Text(), words.ExportNow.Text(), false, forms, func(form string) {
		s.Jobs.GoFor(exportTime, func(ctx context.Context) func() {
			path, err := s.Backend.Export(ctx, id, form, "")
			return func() {
				if err != nil {
					s.Say(Sentence(err))
					return
				}
				s.sayWith(words.Exported(path), words.ShowFolder.Text(), func() { s.openFolder(path) })
			}
		})
	})
}

// importInto lets a file be chosen and adds what it has to a conversation.
func (s *Shell) importInto(id, name string) {
	s.Jobs.GoFor(chooseTime, func(ctx context.Context) func() {
		path, err := s.Backend.ChooseExport(ctx, words.ImportTitle(name))
		return func() {
			switch {
			case err != nil: // there is no such dialog here
				s.AskText(words.ImportTitle(name), words.ImportFile.Text(), "", words.ImportNow.Text(), func(path string) { s.importFile(id, path) })
				s.dialog.most = maxPath
			case path != "":
				s.importFile(id, path)
			}
		}
	})
}

// importFile adds what a file has to a conversation.
func (s *Shell) importFile(id, path string) {
	s.Jobs.GoFor(exportTime, func(ctx context.Context) func() {
		n, err := s.Backend.Import(ctx, id, path)
		return func() {
			if err != nil {
				s.Say(Sentence(err))
				return
			}
			s.Say(words.Imported(n))
		}
	})
}
