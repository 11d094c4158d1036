package windowtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// Names of the tray's protocol.
const (
	trayWatcher = "org.kde.StatusNotifierWatcher"
	trayItem    = "org.kde.StatusNotifierItem"
	trayPath    = "/StatusNotifierItem"
	trayMenu    = "com.canonical.dbusmenu"
)

// panel is the desktop's tray, as far as a program can tell.
type panel struct {
	t    *testing.T
	conn *dbus.Conn
	mu   sync.Mutex
	name string // of the icon on the bus
}

// RegisterStatusNotifierItem is called by the program.
func (p *panel) RegisterStatusNotifierItem(name string) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name = name
	return nil
}

// newPanel puts a tray on the bus of an environment.
func newPanel(t *testing.T, env []string) *panel {
	t.Helper()
	i := slices.IndexFunc(env, func(v string) bool { return strings.HasPrefix(v, "DBUS_SESSION_BUS_ADDRESS=") })
	conn, err := dbus.Connect(strings.TrimPrefix(env[i], "DBUS_SESSION_BUS_ADDRESS="))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &panel{t: t, conn: conn}
	if err := conn.Export(p, "/StatusNotifierWatcher", trayWatcher); err != nil {
		t.Fatal(err)
	}
	if _, err := prop.Export(conn, "/StatusNotifierWatcher", prop.Map{trayWatcher: {"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitTrue}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(trayWatcher, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return p
}

// icon is the program's, once it is there.
func (p *panel) icon(path dbus.ObjectPath) dbus.BusObject {
	p.t.Helper()
	name := ""
	until(p.t, "the icon in the tray", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		name = p.name
		return name != ""
	})
	return p.conn.Object(name, path)
}

// tooltip is what the icon says.
func (p *panel) tooltip() string {
	v, err := p.icon(trayPath).GetProperty(trayItem + ".ToolTip")
	var tip struct {
		Icon     string
		Pictures []struct {
			W, H int32
			Data []byte
		}
		Title, Text string
	}
	if err == nil {
		err = v.Store(&tip)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return tip.Title
}

// choose clicks a line of the icon's menu.
func (p *panel) choose(label string) {
	p.t.Helper()
	menu := p.icon(trayPath + "/menu")
	var lines []struct {
		ID    int32
		Props map[string]dbus.Variant
	}
	if err := menu.Call(trayMenu+".GetGroupProperties", 0, []int32{}, []string{"label"}).Store(&lines); err != nil {
		p.t.Fatal(err)
	}
	for _, l := range lines {
		if l.Props["label"].Value() == label {
			if err := menu.Call(trayMenu+".Event", 0, l.ID, "clicked", dbus.MakeVariant(""), uint32(0)).Err; err != nil {
				p.t.Fatal(err)
			}
			return
		}
	}
	p.t.Fatalf("the menu has no %q: %v", label, lines)
}

// back waits for the window that was asked for.
func (p *program) back() {
	p.t.Helper()
	p.window = p.screen.find("Switchboard")
	p.screen.drawn(p.window)
	p.settle()
}

// TestLife: the window is closed and comes back, by a second start and from the
// tray, and meanwhile messages arrive; what the tray quits is gone.
func TestLife(t *testing.T) {
	s := newScreen(t)
	env := sessionBus(t, s)
	tray := newPanel(t, env)
	p := start(t, env, newProfile(t))
	p.screen = s
	p.back()
	firstRun(t, p)
	echo := talkToEcho(t, p)
	p.closeWindow(true)
	if _, err := p.command("send", echo, "Is anybody there?"); err != nil {
		t.Fatal(err)
	}
	until(t, "the answer to be counted", func() bool { return tray.tooltip() == "Switchboard, 1 unread" })

	again := exec.Command(filepath.Join(bin, "switchboard"), "--profile", p.profile, "open", echo)
	again.Env = env
	if out, err := again.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("a second start: %v: %s", err, out)
	}
	p.back()
	until(t, "the answer to be read", func() bool { return tray.tooltip() == "Switchboard" })
	say(t, p, echo, "Straight into the composer")

	p.closeWindow(false)
	tray.choose("Busy")
	until(t, "me to be busy", func() bool {
		out, err := p.command("status")
		return err == nil && strings.Contains(out, "busy")
	})
	if err := tray.icon(trayPath).Call(trayItem+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Fatal(err)
	}
	p.back()
	p.closeWindow(false)

	_, _, _, companion := p.plugin("nats")
	family := append(p.family(), companion)
	tray.choose("Quit Switchboard") // others may be cut off, so it asks
	p.back()
	time.Sleep(settle)
	begin := time.Now()
	p.press1("Tab", "Return")
	if err := p.wait(); err != nil {
		t.Errorf("quit: %v: %s", err, p.stderr.String())
	}
	gone(t, "what the program had started", family...)
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("quitting took %v, more than 3 s", took)
	}
}

// press1 presses keys without waiting for their effect.
func (p *program) press1(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		p.screen.do("key", k)
		time.Sleep(100 * time.Millisecond)
	}
}

// TestLifeWithoutBackground: where the program is not to go on, closing quits, and
// asks what quitting asks.
func TestLifeWithoutBackground(t *testing.T) {
	s := newScreen(t)
	p := open(t, s, newProfile(t))
	if _, err := p.command("settings", "set", "startup.background", "false"); err != nil {
		t.Fatal(err)
	}
	s.do("key", "alt+F4") // nothing else ends with it yet
	if err := p.wait(); err != nil {
		t.Fatalf("%v: %s", err, p.stderr.String())
	}
	p = open(t, s, p.profile)
	firstRun(t, p)
	_, _, _, companion := p.plugin("nats")
	s.do("key", "alt+F4")
	time.Sleep(settle)
	if !s.has("Switchboard") || !alive(companion) {
		t.Fatal("the network was ended without a question")
	}
	p.press1("Tab", "Return")
	if err := p.wait(); err != nil {
		t.Errorf("%v: %s", err, p.stderr.String())
	}
	gone(t, "the network", companion)
}

// TestStartInTheBackground: no window, an icon; with no tray the window is there
// as an icon after a while.
func TestStartInTheBackground(t *testing.T) {
	s := newScreen(t)
	env := sessionBus(t, s)
	tray := newPanel(t, env)
	p := start(t, env, newProfile(t), "--background")
	p.screen = s
	if tip := tray.tooltip(); tip != "Switchboard" {
		t.Errorf("the icon says %q", tip)
	}
	p.settle()
	if s.has("Switchboard") {
		t.Fatal("there is a window")
	}
	tray.choose("Open Switchboard")
	p.back()
	p.terminate()
	t.Run("no tray", func(t *testing.T) {
		p := start(t, environment(s.name, t.TempDir()), newProfile(t), "--background")
		p.screen = s
		until(t, "the window as an icon", func() bool {
			out, err := s.run("xdotool", "search", "--name", "^Switchboard$")
			return err == nil && out != ""
		})
	})
}

// private is what the program has in memory of its own, in kilobytes.
func (p *program) private() (kb int) {
	p.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if n, ok := strings.CutPrefix(line, "Pss_Anon:"); ok {
			if _, err := fmt.Sscan(n, &kb); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	return kb
}

// TestClosingGivesMemoryBack: without its window the program needs about half of
// what it had of its own.
func TestClosingGivesMemoryBack(t *testing.T) {
	s := newScreen(t)
	p := open(t, s, newProfile(t))
	firstRun(t, p)
	talkToEcho(t, p)
	p.settle()
	before, after := p.private(), 0
	p.closeWindow(true)
	until(t, "the memory of the window", func() bool {
		after = p.private()
		return after < before*11/20
	})
	t.Logf("%d KB with the window, %d without", before, after)
}
