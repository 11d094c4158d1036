package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	contractv1 "switchboard/shared/contract/v1"
)

var (
	argTypes     = []string{"string", "int", "bool", "strings"}
	settingKinds = []string{"bool", "int", "text", "secret", "choice"}
)

// MaxSettingValue bounds a setting's value in text form.
const MaxSettingValue = 4 << 10

func (b *builder) commands(rs []rawCommand, m *Manifest) {
	b.count("command", len(rs))
	seen := map[string]bool{}
	for i, r := range rs {
		at := index("command", i)
		b.pattern(at+".name", r.Name, idPattern, "lower-case letters, digits and dashes, at most 32")
		b.oneOf(at+".scope", r.Scope, "session", "plugin")
		b.text(at+".summary", r.Summary, maxSentence, false)
		b.unique(seen, at, r.Name)
		c := Command{Name: r.Name, Session: r.Scope == "session", Summary: r.Summary}
		b.args(at, r.Args, &c)
		m.Commands = append(m.Commands, c)
	}
}

func (b *builder) args(at string, rs []rawArg, c *Command) {
	if len(rs) > maxEntries {
		b.bad(at+".args", "a command has more than %d arguments", maxEntries)
	}
	seen := map[string]bool{}
	for _, r := range rs {
		b.pattern(at+".args", r.Name, keyPattern, "a short lower-case word")
		b.oneOf(at+".args", r.Type, argTypes...)
		b.text(at+".args", r.Summary, maxSentence, false)
		b.unique(seen, at+".args", r.Name)
		if r.Max < 0 || (r.Type != "int" && r.Max > contractv1.MaxCommandArgs) {
			b.bad(at+".args", "the limit of argument %q must be from 0 to %d", r.Name, contractv1.MaxCommandArgs)
		}
		c.Args = append(c.Args, Arg(r))
	}
}

func (b *builder) settings(rs []rawSetting, m *Manifest) {
	b.count("setting", len(rs))
	seen := map[string]bool{}
	for i, r := range rs {
		at := index("setting", i)
		b.pattern(at+".key", r.Key, keyPattern, "a short lower-case word")
		b.text(at+".title", r.Title, maxSentence, true)
		b.text(at+".help", r.Help, 4*maxSentence, false)
		b.text(at+".section", r.Section, maxName, false)
		b.oneOf(at+".kind", r.Kind, settingKinds...)
		b.unique(seen, at, r.Key)
		s := Setting{Key: r.Key, Title: r.Title, Help: r.Help, Section: r.Section, Kind: r.Kind, Min: r.Min, Max: r.Max}
		b.choices(at, r.Choices, &s)
		s.Default = b.defaultText(at, r.Default, s.Kind)
		if b.fault == nil {
			if err := s.Check(s.Default); err != nil {
				b.bad(at+".default", "the default does not fit: %v", err)
			}
		}
		m.Settings = append(m.Settings, s)
	}
}

func (b *builder) choices(at string, rs []rawChoice, s *Setting) {
	if (s.Kind == "choice") != (len(rs) > 0) || len(rs) > maxEntries {
		b.bad(at+".choices", "a setting of kind choice, and no other, has 1 to %d choices", maxEntries)
	}
	seen := map[string]bool{}
	for _, r := range rs {
		b.pattern(at+".choices", r.ID, choicePattern, "a short word of lower-case letters and digits")
		b.text(at+".choices", r.Text, maxSentence, true)
		b.unique(seen, at+".choices", r.ID)
		s.Choices = append(s.Choices, Choice(r))
	}
	if s.Kind == "int" && s.Min > s.Max {
		b.bad(at+".min", "the least value is greater than the greatest")
	}
}

// defaultText accepts default = true, 5 or "text", since people write either.
func (b *builder) defaultText(at string, v any, kind string) string {
	switch v := v.(type) {
	case nil:
		switch kind {
		case "bool":
			return "false"
		case "int":
			return "0"
		}
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	b.bad(at+".default", "the default must be a text, a number or true/false")
	return ""
}

// Check tells whether a value in text form fits the setting; the error is a
// sentence for the person who typed it.
func (s Setting) Check(value string) error {
	if len(value) > MaxSettingValue || !utf8.ValidString(value) {
		return fmt.Errorf("the value of %s must be text of at most %d bytes", s.Key, MaxSettingValue)
	}
	switch s.Kind {
	case "bool":
		if value != "true" && value != "false" {
			return fmt.Errorf("%s must be true or false, not %q", s.Key, value)
		}
	case "int":
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%s must be a whole number, not %q", s.Key, value)
		}
		if (s.Min != 0 || s.Max != 0) && (n < s.Min || n > s.Max) {
			return fmt.Errorf("%s must be from %d to %d, not %d", s.Key, s.Min, s.Max, n)
		}
	case "choice":
		if !slices.ContainsFunc(s.Choices, func(c Choice) bool { return c.ID == value }) {
			ids := make([]string, len(s.Choices))
			for i, c := range s.Choices {
				ids[i] = c.ID
			}
			return fmt.Errorf("%s must be one of %s, not %q", s.Key, strings.Join(ids, ", "), value)
		}
	default:
		if s.Max > 0 && len(value) > s.Max {
			return fmt.Errorf("%s must be at most %d bytes", s.Key, s.Max)
		}
	}
	return nil
}
