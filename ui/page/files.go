package page

import (
	"context"
	"path"

	"gioui.org/layout"

	"switchboard/shared/model"
	"switchboard/ui/theme"
	"switchboard/ui/widget"
	"switchboard/ui/words"
)

// fileDialog is the window's own dialog for choosing a picture, for desktops that
// have none: a list of a folder, its subfolders first.
type fileDialog struct {
	title  string
	then   func(path string)
	folder model.Folder
	fault  string
	busy   bool
	up     widget.Click
	cancel widget.Click
	rows   map[string]*widget.Click
	scroll widget.Scroll
	box    widget.Dialog
}

func newFileDialog(title string, then func(string)) *fileDialog {
	return &fileDialog{title: title, then: then, rows: map[string]*widget.Click{}}
}

// goTo lists another folder.
func (f *fileDialog) goTo(s *Shell, folder string) {
	if f.busy {
		return
	}
	f.busy = true
	var got model.Folder
	s.Call(func(ctx context.Context) (err error) {
		got, err = s.Backend.Folder(ctx, folder)
		return err
	}, func(err error) {
		f.busy = false
		if err != nil {
			f.fault = Sentence(err)
			return
		}
		f.folder, f.fault, f.rows, f.scroll = got, "", map[string]*widget.Click{}, widget.Scroll{}
	})
}

func (f *fileDialog) row(name string) *widget.Click {
	c := f.rows[name]
	if c == nil {
		c = new(widget.Click)
		f.rows[name] = c
	}
	return c
}

// layoutFiles draws the dialog over everything.
func (s *Shell) layoutFiles(gtx C) {
	f := s.art.files
	if f == nil {
		return
	}
	if f.cancel.Clicked(gtx) {
		s.closeFiles()
		return
	}
	if f.up.Clicked(gtx) && f.folder.Parent != "" {
		f.goTo(s, f.folder.Parent)
	}
	for _, name := range f.folder.Folders {
		if c := f.rows[name+"/"]; c != nil && c.Clicked(gtx) {
			f.goTo(s, path.Join(f.folder.Path, name))
		}
	}
	for _, name := range f.folder.Files {
		if c := f.rows[name]; c != nil && c.Clicked(gtx) {
			s.closeFiles()
			f.then(path.Join(f.folder.Path, name))
			return
		}
	}
	cancel := widget.Button{State: &f.cancel, Text: words.Cancel.Text()}.W(s.Theme)
	if f.box.Show(gtx, s.Theme, f.title, func(gtx C) D { return f.layout(gtx, s) }, &f.cancel, cancel) {
		s.closeFiles()
	}
}

func (s *Shell) closeFiles() {
	s.art.files = nil
	s.FocusText = true
}

func (f *fileDialog) layout(gtx C, s *Shell) D {
	th := s.Theme
	gtx.Constraints.Min.X = gtx.Constraints.Max.X
	where := oneLine(th, th.Caption(), th.Secondary, f.folder.Path)
	if f.fault != "" {
		where = label(th, th.Caption(), th.Danger, f.fault)
	}
	return vertical(gtx,
		func(gtx C) D {
			return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
				layout.Rigid(widget.IconButton{State: &f.up, Icon: "back", Tip: words.FolderAbove.Text(), Disabled: f.folder.Parent == ""}.W(th)),
				widget.Gap(theme.Space8), layout.Flexed(1, where))
		},
		space(theme.Space8),
		func(gtx C) D {
			gtx.Constraints.Max.Y = min(gtx.Constraints.Max.Y, gtx.Dp(340))
			gtx.Constraints.Min.Y = gtx.Constraints.Max.Y
			return f.list(gtx, s)
		})
}

func (f *fileDialog) list(gtx C, s *Shell) D {
	th := s.Theme
	folders, files := f.folder.Folders, f.folder.Files
	n := len(folders) + len(files)
	if n == 0 {
		text := words.NoPicturesHere.Text()
		if f.folder.Path == "" {
			text = ""
		}
		return layout.Center.Layout(gtx, centred(th, th.Body(), th.Secondary, text))
	}
	more := 0
	if f.folder.More {
		more = 1
	}
	return f.scroll.Layout(gtx, th, n+more, func(gtx C, i int) D {
		switch {
		case i < len(folders):
			return f.line(gtx, th, folders[i]+"/", folders[i], "folder")
		case i < n:
			return f.line(gtx, th, files[i-len(folders)], files[i-len(folders)], "image")
		}
		return label(th, th.Caption(), th.Secondary, words.FolderMore.Text())(gtx)
	})
}

func (f *fileDialog) line(gtx C, th *theme.Theme, key, name, sign string) D {
	name = widget.Clean(name)
	return menuLine(th, f.row(key), name, func(gtx C) D {
		return layout.Flex{Alignment: layout.Middle}.Layout(gtx,
			layout.Rigid(icon(sign, 18, th.Secondary)), widget.Gap(theme.Space8),
			layout.Flexed(1, oneLine(th, th.Body(), th.Text, name)))
	})(gtx)
}
