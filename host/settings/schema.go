package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"switchboard/shared/model"
)

// MaxValue bounds one value in bytes.
const MaxValue = 4 << 10

// Def declares one setting. Value and Locked of the embedded row are ignored.
type Def struct {
	model.Setting
	// Hidden settings are kept and set like others but stand on no page.
	Hidden bool
	// Clock says that a text is a time of day, kept as "07:00".
	Clock bool
}

// HostDefs are the host's own settings, in the order of their pages.
func HostDefs() []Def {
	return []Def{
		toggle("startup.run", "Start when I sign in", "Switchboard then starts with the computer, without a window.", "Me", true),
		toggle("startup.background", "Keep running when the window is closed", "Messages then still arrive, and you are seen as there.", "Me", true),
		toggle("presence.away", "Show me as away", "After a while without keyboard and mouse, until you are back. What you set yourself stays.", "Me", true),
		number("presence.away_minutes", "Away after", "Minutes without keyboard and mouse.", "Me", 5, 1, 240),
		choice("appearance.theme", "Theme", "Follow the desktop, or always light or dark.", "Appearance", "system",
			model.Choice{ID: "system", Text: "As the desktop"}, model.Choice{ID: "light", Text: "Light"},
			model.Choice{ID: "dark", Text: "Dark"}, model.Choice{ID: "contrast-light", Text: "High contrast, light"},
			model.Choice{ID: "contrast-dark", Text: "High contrast, dark"}),
		choice("appearance.language", "Language", "Plugins that run already follow when they start again.", "Appearance", "system",
			model.Choice{ID: "system", Text: "As the system says"}, model.Choice{ID: "en", Text: "English"}, model.Choice{ID: "de", Text: "German"}),
		number("appearance.scale", "Size", "Percent of the normal size of everything in the window.", "Appearance", 100, 100, 300),
		choice("appearance.density", "Rows", "How much room a row of the list takes.", "Appearance", "comfortable",
			model.Choice{ID: "comfortable", Text: "Comfortable"}, model.Choice{ID: "compact", Text: "Compact"}),
		toggle("appearance.reduced_motion", "Less motion", "Nothing slides or fades.", "Appearance", false),
		toggle("alerts.desktop", "Show notifications", "Tell me about new messages and offers while I look elsewhere.", "Alerts and sounds", true),
		toggle("alerts.preview", "Show what was written", "Without this a notification says only who wrote.", "Alerts and sounds", true),
		toggle("alerts.locked_content", "Show what was written while the screen is locked", "", "Alerts and sounds", false),
		toggle("alerts.message", "New messages", "Tell me when somebody writes.", "Alerts and sounds", true),
		choice("alerts.online", "Contacts come online", "Whom you chose to be told of always counts.", "Alerts and sounds", "all",
			model.Choice{ID: "all", Text: "Tell me of everybody"}, model.Choice{ID: "chosen", Text: "Only whom I chose"}, model.Choice{ID: "none", Text: "Tell me of nobody"}),
		toggle("alerts.mentions", "Mentions always", "A message that names you alerts in muted groups too.", "Alerts and sounds", true),
		bounded(text("alerts.keywords", "Words that always alert", "With commas between them. A message with one of them alerts in muted groups too.", "Alerts and sounds", ""), 512),
		toggle("alerts.quiet", "Quiet hours", "No notifications and no sounds.", "Alerts and sounds", false),
		clock(text("alerts.quiet_from", "Quiet from", "A time of day, as in 22:00.", "Alerts and sounds", "22:00")),
		clock(text("alerts.quiet_to", "Quiet until", "A time of day, as in 07:00.", "Alerts and sounds", "07:00")),
		toggle("sounds.on", "Sounds", "Silent in quiet hours, while you are busy and in what you muted.", "Alerts and sounds", true),
		toggle("sounds.message", "Sound of a new message", "", "Alerts and sounds", true),
		toggle("sounds.offer", "Sound of an offer", "", "Alerts and sounds", true),
		toggle("sounds.signin", "Sound when a contact comes online", "", "Alerts and sounds", true),
		toggle("groups.ask", "Ask me before I join a group", "Otherwise contacts who invite you bring you in at once.", "Conversations", false),
		toggle("conversations.ctrl_enter_sends", "Ctrl+Enter sends", "Enter then begins a new line.", "Conversations", false),
		choice("conversations.order", "Order of the list", "Pinned conversations are always first.", "Conversations", "latest",
			model.Choice{ID: "latest", Text: "Latest first"}, model.Choice{ID: "presence", Text: "Who is there first"},
			model.Choice{ID: "name", Text: "By name"}),
		toggle("conversations.echo", "Start Echo with Switchboard", "Echo answers what you write. It is on once you have talked to it.", "Conversations", false),
		toggle("network.use_proxy", "Use a proxy", "Everything that leaves this computer goes through it, and nothing goes past it.", "Network", false),
		choice("network.proxy_type", "Type", "With SOCKS Version 4 this computer itself looks servers up by name, and others can see which; with the other types the proxy does. The system says it in ALL_PROXY, HTTPS_PROXY and NO_PROXY, and the lines below then count for nothing.", "Network", "socks4",
			model.Choice{ID: "socks4", Text: "SOCKS Version 4"}, model.Choice{ID: "socks4a", Text: "SOCKS Version 4a"},
			model.Choice{ID: "socks5", Text: "SOCKS Version 5"}, model.Choice{ID: "http", Text: "HTTP"},
			model.Choice{ID: "system", Text: "As the system says"}),
		bounded(text("network.proxy_address", "Address", "Name or number of the proxy's computer, as in proxy.example.", "Network", ""), 253),
		number("network.proxy_port", "Port", "", "Network", 1080, 1, 65535),
		bounded(text("network.proxy_user", "User", "Leave it empty when the proxy asks for none.", "Network", ""), 255),
		bounded(secret("network.proxy_password", "Password", "SOCKS Version 4 and 4a have none.", "Network"), 255),
	}
}

func toggle(key, title, help, page string, def bool) Def {
	return Def{Setting: model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.BoolSetting, Default: strconv.FormatBool(def)}}
}

func number(key, title, help, page string, def, low, high int) Def {
	return Def{Setting: model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.IntSetting, Default: strconv.Itoa(def), Min: low, Max: high}}
}

func text(key, title, help, page, def string) Def {
	return Def{Setting: model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.TextSetting, Default: def}}
}

func secret(key, title, help, page string) Def {
	return Def{Setting: model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.SecretSetting}}
}

// clock makes a text a time of day.
func clock(d Def) Def {
	d.Clock = true
	return d
}

// bounded limits a text to so many bytes.
func bounded(d Def, bytes int) Def {
	d.Max = bytes
	return d
}

func choice(key, title, help, page, def string, choices ...model.Choice) Def {
	return Def{Setting: model.Setting{Key: key, Title: title, Help: help, Page: page, Kind: model.ChoiceSetting, Default: def, Choices: choices}}
}

// check brings a value into its one text form or says what is wrong with it.
func (d Def) check(value string) (string, error) {
	if len(value) > MaxValue || !utf8.ValidString(value) {
		return "", fmt.Errorf("the value of %s is longer than %d bytes or is not text", d.Key, MaxValue)
	}
	switch d.Kind {
	case model.BoolSetting:
		switch strings.ToLower(strings.TrimSpace(value)) {
		case "true", "on", "yes", "1":
			return "true", nil
		case "false", "off", "no", "0":
			return "false", nil
		}
		return "", fmt.Errorf("%s is true or false, not %q", d.Key, value)
	case model.IntSetting:
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			return "", fmt.Errorf("%s is a whole number, not %q", d.Key, value)
		}
		if d.Max > d.Min && (n < d.Min || n > d.Max) {
			return "", fmt.Errorf("%s lies between %d and %d", d.Key, d.Min, d.Max)
		}
		return strconv.Itoa(n), nil
	case model.ChoiceSetting:
		ids := make([]string, 0, len(d.Choices))
		for _, c := range d.Choices {
			if c.ID == value {
				return value, nil
			}
			ids = append(ids, c.ID)
		}
		return "", fmt.Errorf("%s is one of %s, not %q", d.Key, strings.Join(ids, ", "), value)
	default:
		if d.Clock {
			at, err := time.Parse("15:04", strings.TrimSpace(value))
			if err != nil {
				return "", fmt.Errorf("%s is a time of day such as 07:30, not %q", d.Key, value)
			}
			return at.Format("15:04"), nil
		}
		if d.Max > 0 && len(value) > d.Max {
			return "", fmt.Errorf("%s is at most %d bytes long", d.Key, d.Max)
		}
		return value, nil
	}
}
