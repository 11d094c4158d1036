package desktop

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"switchboard/shared/bus"
	"switchboard/shared/model"
)

// panel is a desktop's tray: watcher and host in one.
type panel struct {
	t     *testing.T
	conn  *dbus.Conn
	props *prop.Properties

	mu    sync.Mutex
	items []string
}

func (p *panel) RegisterStatusNotifierItem(service string) *dbus.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.items = append(p.items, service)
	return nil
}

func (p *panel) registered() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.items)
}

// newPanel puts a tray on the session bus until the returned function takes it away.
func newPanel(t *testing.T, hosts bool) (p *panel, end func()) {
	t.Helper()
	conn, err := plain(dbus.SessionBusPrivateNoAutoStartup)
	if err != nil {
		t.Fatal(err)
	}
	p = &panel{t: t, conn: conn}
	if err := conn.Export(p, watcherPath, watcherName); err != nil {
		t.Fatal(err)
	}
	p.props, err = prop.Export(conn, watcherPath, prop.Map{watcherName: {"IsStatusNotifierHostRegistered": {Value: hosts, Emit: prop.EmitTrue}}})
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(watcherName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	var once sync.Once
	end = func() { once.Do(func() { conn.Close() }) }
	t.Cleanup(end)
	return p, end
}

// property reads one of the icon.
func (p *panel) property(name string, into any) {
	p.t.Helper()
	v, err := p.conn.Object(p.registered()[0], itemPath).GetProperty(itemIface + "." + name)
	if err == nil {
		err = v.Store(into)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
}

// layout reads the whole menu.
func (p *panel) layout() (revision uint32, lines []menuNode) {
	p.t.Helper()
	var root menuNode
	err := p.conn.Object(p.registered()[0], menuPath).Call(menuIface+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range root.Children {
		var n menuNode
		if err := dbus.Store([]any{c.Value()}, &n); err != nil {
			p.t.Fatal(err)
		}
		lines = append(lines, n)
	}
	return revision, lines
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

var someMenu = []TrayItem{{ID: "open", Text: "Open my_board"}, {}, {ID: "away", Text: "Away", Radio: true}, {ID: "hush", Text: "Mute", Check: true, On: true}}

// showTray begins a tray and gives what is chosen in it.
func showTray(t *testing.T, s TrayState) (*Tray, <-chan click) {
	t.Helper()
	chosen := make(chan click, 8)
	tray := NewTray("Switchboard", s, func(id, token string) { chosen <- click{id, token} })
	t.Cleanup(tray.Close)
	return tray, chosen
}

func TestTray(t *testing.T) {
	privateBus(t)
	p, _ := newPanel(t, true)
	tray, chosen := showTray(t, TrayState{Status: model.Available, Tooltip: "Switchboard", Menu: someMenu})
	eventually(t, "the icon", tray.Shown)
	item := p.conn.Object(p.registered()[0], itemPath)

	var title string
	if p.property("Title", &title); title != "Switchboard" {
		t.Errorf("the title is %q", title)
	}
	var plain, numbered []pixmap
	p.property("IconPixmap", &plain)
	if len(plain) != len(edges) || int(plain[0].W) != edges[0] || len(plain[0].Data) != 4*edges[0]*edges[0] {
		t.Fatalf("pictures %d of %d x %d with %d bytes", len(plain), plain[0].W, plain[0].H, len(plain[0].Data))
	}
	tray.Set(TrayState{Status: model.Available, Unread: 3, Tooltip: "Switchboard, 3 unread", Menu: someMenu})
	eventually(t, "the tooltip with a number", func() bool {
		var tip tooltip
		p.property("ToolTip", &tip)
		return tip.Title == "Switchboard, 3 unread"
	})
	if p.property("IconPixmap", &numbered); string(numbered[1].Data) == string(plain[1].Data) {
		t.Error("the picture has no number")
	}
	if err := item.Call(itemIface+".ProvideXdgActivationToken", 0, "token-1").Err; err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"token-1", ""} {
		if err := item.Call(itemIface+".Activate", 0, int32(1), int32(1)).Err; err != nil {
			t.Fatal(err)
		}
		if c := <-chosen; c != (click{TrayClicked, token}) {
			t.Errorf("a click on the icon is %v", c)
		}
	}
}

func TestTrayMenu(t *testing.T) {
	privateBus(t)
	p, _ := newPanel(t, true)
	tray, chosen := showTray(t, TrayState{Menu: someMenu})
	eventually(t, "the icon", tray.Shown)
	before, lines := p.layout()
	if len(lines) != 4 || lines[0].Props["label"].Value() != "Open my__board" || lines[1].Props["type"].Value() != "separator" ||
		lines[2].Props["toggle-type"].Value() != "radio" || lines[2].Props["toggle-state"].Value() != int32(0) ||
		lines[3].Props["toggle-type"].Value() != "checkmark" || lines[3].Props["toggle-state"].Value() != int32(1) {
		t.Fatalf("the menu is %v", lines)
	}
	menu := p.conn.Object(p.registered()[0], menuPath)
	press := func(id int32, kind string) {
		if err := menu.Call(menuIface+".Event", 0, id, kind, dbus.MakeVariant(""), uint32(0)).Err; err != nil {
			t.Fatal(err)
		}
	}
	press(3, "hovered")
	press(2, "clicked")   // a divider
	press(-1, "clicked")  // nothing is there
	press(999, "clicked") // nor there
	press(3, "clicked")
	if c := <-chosen; c.id != "away" {
		t.Errorf("the third line is %v", c)
	}
	changed := slices.Clone(someMenu)
	changed[2].On = true
	tray.Set(TrayState{Menu: changed})
	eventually(t, "the menu to change", func() bool {
		revision, lines := p.layout()
		return revision > before && lines[2].Props["toggle-state"].Value() == int32(1)
	})
	var missing []int32
	if err := menu.Call(menuIface+".EventGroup", 0, []menuEvent{{7, "clicked", dbus.MakeVariant(0), 0}, {1, "clicked", dbus.MakeVariant(0), 0}}).Store(&missing); err != nil || !slices.Equal(missing, []int32{7}) {
		t.Errorf("missing are %v (%v)", missing, err)
	}
	if c := <-chosen; c.id != "open" {
		t.Errorf("the first line is %v", c)
	}
	var props []menuLine
	if err := menu.Call(menuIface+".GetGroupProperties", 0, make([]int32, 5*maxAsked), []string{}).Store(&props); err != nil || len(props) != maxAsked {
		t.Errorf("asked for too many lines: %d of them (%v)", len(props), err)
	}
}

// TestTrayComesBack: the icon is there whenever a tray is, and nowhere else.
func TestTrayComesBack(t *testing.T) {
	privateBus(t)
	tray, _ := showTray(t, TrayState{Menu: someMenu})
	time.Sleep(50 * time.Millisecond)
	if tray.Shown() {
		t.Fatal("shown without a tray")
	}
	for range 2 {
		_, end := newPanel(t, true)
		eventually(t, "the icon in a tray that came later", tray.Shown)
		end()
		eventually(t, "the icon to be gone with the tray", func() bool { return !tray.Shown() })
	}
	p, _ := newPanel(t, false)
	eventually(t, "the watcher", func() bool { return len(p.registered()) > 0 })
	if tray.Shown() {
		t.Error("shown by a watcher without a host")
	}
	p.props.SetMust(watcherName, "IsStatusNotifierHostRegistered", true)
	if err := p.conn.Emit(watcherPath, watcherName+".StatusNotifierHostRegistered"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the icon in a host that came later", tray.Shown)
	if n := len(p.registered()); n != 2 {
		t.Errorf("registered %d times", n)
	}
	tray.Close()
	names := p.registered()
	var owned bool
	if err := p.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, names[0]).Store(&owned); err != nil || owned {
		t.Errorf("after the end the name is owned: %v (%v)", owned, err)
	}
}

// TestTrayChangesAreFew: a thousand changes are a few pictures.
func TestTrayChangesAreFew(t *testing.T) {
	privateBus(t)
	p, _ := newPanel(t, true)
	tray, _ := showTray(t, TrayState{Menu: someMenu})
	eventually(t, "the icon", tray.Shown)
	signals := make(chan *dbus.Signal, 4096)
	p.conn.Signal(signals)
	if err := p.conn.AddMatchSignal(dbus.WithMatchInterface(itemIface), dbus.WithMatchMember("NewIcon")); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for n := range 1000 {
		tray.Set(TrayState{Unread: n, Menu: someMenu})
		time.Sleep(300 * time.Microsecond)
	}
	took := time.Since(begin)
	time.Sleep(3 * trayEvery)
	if most := int(took/trayEvery) + 3; len(signals) < 1 || len(signals) > most {
		t.Errorf("%d pictures in %v, at most %d are meant", len(signals), took, most)
	}
}

// TestNoTrayWithoutABus: nothing is shown, and ending takes no time.
func TestNoTrayWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
	tray, _ := showTray(t, TrayState{})
	tray.Set(TrayState{Unread: 1})
	begin := time.Now()
	tray.Close()
	if tray.Shown() || time.Since(begin) > time.Second {
		t.Errorf("shown %v, closed after %v", tray.Shown(), time.Since(begin))
	}
}

// TestTrayOutlivesItsBus: what changes while the bus goes away is told to nobody, and
// ends nothing.
func TestTrayOutlivesItsBus(t *testing.T) {
	privateBus(t)
	conn, err := bus.Session(t.Context(), bus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	it, err := export(conn, &Tray{}, TrayState{})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	it.show(TrayState{Unread: 1, Tooltip: "One message"})
	if it.shows.Unread != 1 {
		t.Errorf("it shows %+v", it.shows)
	}
}
