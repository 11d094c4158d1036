package view

import contractv1 "switchboard/shared/contract/v1"

func field(f func(*contractv1.Field)) Option {
	return func(n Node) {
		if v := n.GetField(); v != nil {
			f(v)
		}
	}
}

func editor(f func(*contractv1.Editor)) Option {
	return func(n Node) {
		if v := n.GetEditor(); v != nil {
			f(v)
		}
	}
}

// Initial is the text of a field or editor when it is created.
func Initial(text string) Option {
	return func(n Node) {
		field(func(f *contractv1.Field) { f.Initial = text })(n)
		editor(func(e *contractv1.Editor) { e.Initial = text })(n)
	}
}

// Hint is shown while a field or editor is empty.
func Hint(text string) Option {
	return func(n Node) {
		field(func(f *contractv1.Field) { f.Hint = text })(n)
		editor(func(e *contractv1.Editor) { e.Hint = text })(n)
	}
}

// MaxBytes limits the text of a field or editor.
func MaxBytes(limit int) Option {
	return func(n Node) {
		field(func(f *contractv1.Field) { f.MaxBytes = uint32(max(limit, 0)) })(n)
		editor(func(e *contractv1.Editor) { e.MaxBytes = uint32(max(limit, 0)) })(n)
	}
}

// CaptionText names a field, select or slider.
func CaptionText(text string) Option {
	return func(n Node) {
		field(func(f *contractv1.Field) { f.Caption = text })(n)
		if s := n.GetSelect(); s != nil {
			s.Caption = text
		}
		if s := n.GetSlider(); s != nil {
			s.Caption = text
		}
	}
}

// ErrorText says what is wrong with a field's text.
func ErrorText(text string) Option {
	return field(func(f *contractv1.Field) { f.Error = text })
}

// Secret hides a field's text.
func Secret(n Node) { field(func(f *contractv1.Field) { f.Secret = true })(n) }

// Leading stands before a composer's text.
func Leading(nodes ...Node) Option {
	return editor(func(e *contractv1.Editor) { e.Leading = nodes })
}

// Mentions offers the members of the conversation after an @ that is typed.
func Mentions(n Node) { editor(func(e *contractv1.Editor) { e.Mentions = true })(n) }

// Emoji offers emoji to put where the caret is.
func Emoji(n Node) { editor(func(e *contractv1.Editor) { e.Emoji = true })(n) }

// Formatting lets Ctrl+B, Ctrl+I and Ctrl+E put *, _ and ` around what is marked.
func Formatting(n Node) { editor(func(e *contractv1.Editor) { e.Formatting = true })(n) }

// Trailing stands after a composer's text.
func Trailing(nodes ...Node) Option {
	return editor(func(e *contractv1.Editor) { e.Trailing = nodes })
}

// Pictures lets pictures be attached to an editor: each is an Attach action.
func Pictures(n Node) { editor(func(e *contractv1.Editor) { e.Pictures = true })(n) }

// MayBeEmpty lets an editor be submitted without a text.
func MayBeEmpty(n Node) { editor(func(e *contractv1.Editor) { e.MayBeEmpty = true })(n) }

// Banner stands above a composer's text: what is replied to or edited.
func Banner(b Node) Option {
	return editor(func(e *contractv1.Editor) { e.Banner = b })
}

func list(f func(*contractv1.List)) Option {
	return func(n Node) {
		if v := n.GetList(); v != nil {
			f(v)
		}
	}
}

// StickToEnd makes the end the home of a list, as in a transcript.
func StickToEnd(n Node) { list(func(l *contractv1.List) { l.StickToEnd = true })(n) }

// Empty is shown while a list has no items.
func Empty(text string) Option { return list(func(l *contractv1.List) { l.Empty = text }) }

// Dates lets the person ask for a day of a list, which is an Action Date.
func Dates(n Node) { list(func(l *contractv1.List) { l.Dates = true })(n) }

// TrackSeen asks for Seen events of a list.
func TrackSeen(n Node) { list(func(l *contractv1.List) { l.TrackSeen = true })(n) }
