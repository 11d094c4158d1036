package desktop

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus/bustest"
)

// privateBus starts a session bus of its own.
func privateBus(t *testing.T) {
	t.Helper()
	address, _ := bustest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
}

// portal answers as a desktop does: the request's object first, then the signal.
type portal struct {
	conn *dbus.Conn
	mu   sync.Mutex
	code uint32
	uris []string
}

func (p *portal) OpenFile(sender dbus.Sender, _, _ string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	token, _ := options["handle_token"].Value().(string)
	path := dbus.ObjectPath(portalPath + "/request/" + strings.ReplaceAll(strings.TrimPrefix(string(sender), ":"), ".", "_") + "/" + token)
	p.mu.Lock()
	code, uris := p.code, p.uris
	p.mu.Unlock()
	go func() {
		time.Sleep(20 * time.Millisecond)
		_ = p.conn.Emit(path, "org.freedesktop.portal.Request.Response", code, map[string]dbus.Variant{"uris": dbus.MakeVariant(uris)})
	}()
	return path, nil
}

// answer is what it says from now on.
func (p *portal) answer(code uint32, uris []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code, p.uris = code, uris
}

func TestChoosePicture(t *testing.T) {
	privateBus(t)
	conn, err := plain(dbus.SessionBusPrivateNoAutoStartup)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	p := &portal{conn: conn, uris: []string{"file:///home/a/My%20cat.png"}}
	if err := conn.Export(p, portalPath, "org.freedesktop.portal.FileChooser"); err != nil {
		t.Fatal(err)
	}
	if _, err := ChoosePicture(t.Context(), "A picture"); !errors.Is(err, ErrNoChooser) {
		t.Fatalf("without a portal: %v", err)
	}
	if reply, err := conn.RequestName(portalName, 0); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	if got, err := ChoosePicture(t.Context(), "A picture"); err != nil || got != "/home/a/My cat.png" {
		t.Fatalf("%q, %v", got, err)
	}
	p.answer(1, nil)
	if got, err := ChoosePicture(t.Context(), "A picture"); err != nil || got != "" {
		t.Fatalf("cancelled: %q, %v", got, err)
	}
	p.answer(0, []string{"https://example.org/x.png"})
	if got, err := ChoosePicture(t.Context(), "A picture"); err == nil {
		t.Fatalf("not a file: %q", got)
	}
}

func TestChooseWithoutABus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	if _, err := ChoosePicture(t.Context(), "x"); !errors.Is(err, ErrNoChooser) {
		t.Fatal(err)
	}
}
