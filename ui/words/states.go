package words

import (
	"strings"

	"switchboard/shared/model"
)

// Presence is a status in a word.
func Presence(s model.Status) string {
	switch s {
	case model.Available:
		return Available
	case model.Away:
		return Away
	case model.Busy:
		return Busy
	case model.Invisible:
		return Invisible
	}
	return Offline
}

// PluginState says how a plugin stands.
func PluginState(p model.Plugin) string {
	switch p.State {
	case model.Running:
		return "Running"
	case model.Starting:
		return "Starting…"
	case model.Backoff:
		return "Stopped unexpectedly, starting again…"
	case model.Parked:
		return "Stopped after three failures"
	case model.Disabled:
		return "Off"
	case model.Refused:
		return "Not allowed"
	}
	if p.Enabled {
		return "Ready, starts when needed"
	}
	return "Off"
}

// Connection is the connection line.
func Connection(c model.Connection, queued int) string {
	switch c.State {
	case model.Connected:
		return Connected
	case model.Connecting:
		return ConnectingNow
	case model.WrongKey:
		return WrongKey
	case model.RefusedState:
		return RefusedNow
	}
	return OfflineQueued(queued)
}

// Grant is a power in words.
func Grant(name string) string {
	switch name {
	case "peers":
		return "Talk directly to other people's devices"
	case "timeline":
		return "Write into your conversations"
	case "files":
		return "Files and folders that you pick"
	case "camera":
		return "Your camera"
	case "microphone":
		return "Your microphone"
	case "screen":
		return "See your screen"
	case "input":
		return "Use your mouse and keyboard"
	case "secrets":
		return "Keep keys and passwords"
	case "direct":
		return "Direct connections to other devices"
	case "network":
		return "The network, through Switchboard's dialler"
	case "launch":
		return "Start programs that you registered"
	case "companion":
		return "A server that keeps running when the window is closed"
	}
	return name
}

// Theme names an appearance.
func Theme(id string) string {
	switch id {
	case "light":
		return "Light"
	case "dark":
		return "Dark"
	case "contrast":
		return "High contrast"
	}
	return "Like the system"
}

// Isolation is something that keeps a plugin in its place, in words. What is not
// known here is shown as the host named it.
func Isolation(name string) string {
	short, _, _ := strings.Cut(name, "/")
	switch short {
	case "landlock":
		return "It opens no files but its own and the system's"
	case "seccomp":
		return "It connects nowhere, starts nothing and looks into no other program"
	case "rlimits":
		return "It uses only so much memory and so many files"
	}
	return name
}
