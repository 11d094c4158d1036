package desktop

import (
	"image"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
	"github.com/godbus/dbus/v5/prop"

	"switchboard/host/desktop/mark"
)

// edges are the sizes in which the icon is given; a tray takes what fits.
var edges = []int{22, 32, 48}

// pixmap is a picture as the protocol has it: ARGB, most significant byte first.
type pixmap struct {
	W, H int32
	Data []byte
}

type tooltip struct {
	Icon        string
	Pictures    []pixmap
	Title, Text string
}

// item is what the tray sees of the icon and its menu.
type item struct {
	conn  *dbus.Conn
	props *prop.Properties
	menu  *trayMenu
	shows TrayState
}

// export puts the icon and its menu on a connection.
func export(conn *dbus.Conn, t *Tray, s TrayState) (*item, error) {
	it := &item{conn: conn, shows: s, menu: &trayMenu{items: s.Menu, revision: 1, click: t.click}}
	fixed := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitConst} }
	var err error
	it.props, err = prop.Export(conn, itemPath, prop.Map{itemIface: {
		"Category": fixed("Communications"), "Id": fixed("switchboard"), "Title": fixed(t.title), "Status": fixed("Active"),
		"WindowId": fixed(int32(0)), "IconName": fixed(""), "IconThemePath": fixed(""), "OverlayIconName": fixed(""), "AttentionIconName": fixed(""),
		"ItemIsMenu": fixed(false), "Menu": fixed(dbus.ObjectPath(menuPath)),
		// Their own signals tell of changes, and prop panics where it cannot tell.
		"IconPixmap": {Value: pixmaps(s), Emit: prop.EmitFalse},
		"ToolTip":    {Value: tooltip{Title: s.Tooltip}, Emit: prop.EmitFalse},
	}})
	if err != nil {
		return nil, err
	}
	menuProps, err := prop.Export(conn, menuPath, prop.Map{menuIface: {
		"Version": fixed(uint32(3)), "TextDirection": fixed("ltr"), "Status": fixed("normal"), "IconThemePath": fixed([]string{}),
	}})
	if err != nil {
		return nil, err
	}
	click := &trayClick{click: t.click}
	if err := conn.Export(click, itemPath, itemIface); err != nil {
		return nil, err
	}
	if err := conn.Export(it.menu, menuPath, menuIface); err != nil {
		return nil, err
	}
	if err := describe(conn, itemPath, itemIface, introspect.Methods(click), it.props.Introspection(itemIface), "NewIcon", "NewToolTip"); err != nil {
		return nil, err
	}
	return it, describe(conn, menuPath, menuIface, introspect.Methods(it.menu), menuProps.Introspection(menuIface))
}

// describe says what an object can do; some trays ask before they use it.
func describe(conn *dbus.Conn, path dbus.ObjectPath, iface string, methods []introspect.Method, props []introspect.Property, signals ...string) error {
	told := introspect.Interface{Name: iface, Methods: methods, Properties: props}
	for _, s := range signals {
		told.Signals = append(told.Signals, introspect.Signal{Name: s})
	}
	if iface == menuIface {
		told.Signals = append(told.Signals, introspect.Signal{Name: "LayoutUpdated", Args: []introspect.Arg{{Name: "revision", Type: "u"}, {Name: "parent", Type: "i"}}})
	}
	node := &introspect.Node{Name: string(path), Interfaces: []introspect.Interface{introspect.IntrospectData, prop.IntrospectData, told}}
	return conn.Export(introspect.NewIntrospectable(node), path, "org.freedesktop.DBus.Introspectable")
}

// show changes what has changed and tells the tray. A signal that cannot be sent
// means a connection that is about to end.
func (it *item) show(s TrayState) {
	was := it.shows
	it.shows = s
	if was.Status != s.Status || was.Unread != s.Unread {
		it.props.SetMust(itemIface, "IconPixmap", pixmaps(s))
		_ = it.conn.Emit(itemPath, itemIface+".NewIcon")
	}
	if was.Tooltip != s.Tooltip {
		it.props.SetMust(itemIface, "ToolTip", tooltip{Title: s.Tooltip})
		_ = it.conn.Emit(itemPath, itemIface+".NewToolTip")
	}
	was.Status, was.Unread, was.Tooltip = s.Status, s.Unread, s.Tooltip
	if !was.equal(s) {
		_ = it.conn.Emit(menuPath, menuIface+".LayoutUpdated", it.menu.set(s.Menu), int32(0))
	}
}

func pixmaps(s TrayState) []pixmap {
	all := make([]pixmap, 0, len(edges))
	for _, e := range edges {
		all = append(all, argb(mark.Tray(e, s.Status, s.Unread)))
	}
	return all
}

func argb(img *image.NRGBA) pixmap {
	data := make([]byte, len(img.Pix))
	for i := 0; i+3 < len(data); i += 4 {
		data[i], data[i+1], data[i+2], data[i+3] = img.Pix[i+3], img.Pix[i], img.Pix[i+1], img.Pix[i+2]
	}
	return pixmap{W: int32(img.Rect.Dx()), H: int32(img.Rect.Dy()), Data: data}
}

// trayClick is what the tray calls when the icon is clicked.
type trayClick struct {
	click func(id, token string)
	mu    sync.Mutex
	token string
}

// maxToken bounds what a desktop gives along for the focus.
const maxToken = 1024

// ProvideXdgActivationToken comes before the click that it is for.
func (c *trayClick) ProvideXdgActivationToken(token string) *dbus.Error {
	if len(token) > maxToken {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
	return nil
}

// Activate is a left click at a place of the screen.
func (c *trayClick) Activate(_, _ int32) *dbus.Error {
	c.mu.Lock()
	token := c.token
	c.token = ""
	c.mu.Unlock()
	c.click(TrayClicked, token)
	return nil
}

// SecondaryActivate is a click with the middle button; it does the same.
func (c *trayClick) SecondaryActivate(x, y int32) *dbus.Error { return c.Activate(x, y) }

// ContextMenu is a right click; trays show the exported menu by themselves.
func (c *trayClick) ContextMenu(_, _ int32) *dbus.Error { return nil }

// Scroll turns nothing here.
func (c *trayClick) Scroll(_ int32, _ string) *dbus.Error { return nil }
