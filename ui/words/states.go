package words

import (
	"strings"

	"switchboard/shared/model"
)

// Presence is a status in a word.
func Presence(s model.Status) string {
	switch s {
	case model.Available:
		return Available.Text()
	case model.Away:
		return Away.Text()
	case model.Busy:
		return Busy.Text()
	case model.Invisible:
		return Invisible.Text()
	}
	return Offline.Text()
}

// PluginState says how a plugin stands.
func PluginState(p model.Plugin) string {
	switch p.State {
	case model.Running:
		return say("Running")
	case model.Starting:
		return say("Starting…")
	case model.Backoff:
		return say("Stopped unexpectedly, starting again…")
	case model.Parked:
		return say("Stopped until you restart it")
	case model.Disabled:
		return say("Off")
	case model.Refused:
		return say("Not allowed")
	case model.Absent:
		return Absent.Text()
	}
	if p.Enabled {
		return say("Ready, starts when needed")
	}
	return say("Off")
}

// Connection is the connection line.
func Connection(c model.Connection, queued int) string {
	switch c.State {
	case model.Connected:
		return Connected.Text()
	case model.Connecting:
		return ConnectingNow.Text()
	case model.WrongKey:
		return WrongKey.Text()
	case model.RefusedState:
		return RefusedNow.Text()
	}
	return OfflineQueued(queued)
}

// Grant is a power in words.
func Grant(name string) string {
	switch name {
	case "peers":
		return say("Talk directly to other people's devices")
	case "timeline":
		return say("Write into your conversations")
	case "files":
		return say("Files and folders that you pick")
	case "camera":
		return say("Your camera")
	case "microphone":
		return say("Your microphone")
	case "screen":
		return say("See your screen")
	case "input":
		return say("Use your mouse and keyboard")
	case "secrets":
		return say("Keep keys and passwords")
	case "direct":
		return say("Direct connections to other devices")
	case "network":
		return say("The network, through Switchboard's dialler")
	case "launch":
		return say("Start programs that you registered")
	case "companion":
		return say("A server that keeps running when the window is closed")
	}
	return name
}

// Isolation is something that keeps a plugin in its place, in words. What is not
// known here is shown as the host named it.
func Isolation(name string) string {
	short, _, _ := strings.Cut(name, "/")
	switch short {
	case "landlock":
		return say("It opens no files but its own and the system's")
	case "seccomp":
		return say("It connects nowhere, starts nothing and looks into no other program")
	case "cgroup", "processor, threads and shared memory are not limited here":
		return say("It takes no more than its share of processor, threads and shared memory")
	case "rlimits":
		return say("It uses only so much memory and so many files")
	}
	return name
}
