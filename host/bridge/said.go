package bridge

import "github.com/hashicorp/go-hclog"

// said makes a plugin's plain words part of its log. go-plugin takes a line that
// is not JSON for a matter of debugging; a plugin that does not use the sdk has
// no other way to say why it failed.
type said struct{ hclog.Logger }

// Named is what go-plugin calls for the logger of a plugin's standard error.
func (s said) Named(name string) hclog.Logger { return lines{s.Logger.Named(name)} }

// lines is that logger.
type lines struct{ hclog.Logger }

// Debug raises plain lines, which have no fields, to what people are shown.
func (l lines) Debug(msg string, fields ...any) {
	if len(fields) == 0 && msg != "" {
		l.Info(msg)
		return
	}
	l.Logger.Debug(msg, fields...)
}
