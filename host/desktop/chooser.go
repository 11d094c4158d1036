package desktop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

// The desktop's portal.
const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"
	chooseTime = 10 * time.Minute // a person looks through folders
)

// ErrNoChooser says that this desktop has no dialog for files.
var ErrNoChooser = errors.New("this desktop has no dialog for choosing files")

// filter is a line of the dialog's list of kinds, as the portal takes it.
type filter struct {
	Name  string
	Rules []rule
}

type rule struct {
	Kind uint32 // 0: a pattern of names, 1: a MIME type
	Rule string
}

// ChoosePicture shows the desktop's dialog and gives the path of the picture that
// was chosen, empty when none was. Without a portal it is ErrNoChooser, at once.
func ChoosePicture(ctx context.Context, title string) (path string, err error) {
	return choose(ctx, title, []filter{{"PNG, JPEG, GIF", []rule{{1, "image/png"}, {1, "image/jpeg"}, {1, "image/gif"}}}})
}

// ChooseExport is ChoosePicture for a file that a conversation was exported to.
func ChooseExport(ctx context.Context, title string) (path string, err error) {
	return choose(ctx, title, []filter{{"JSON", []rule{{0, "*.jsonl"}}}})
}

func choose(ctx context.Context, title string, kinds []filter) (path string, err error) {
	ctx, cancel := context.WithTimeout(ctx, chooseTime)
	defer cancel()
	var expected atomic.Pointer[dbus.ObjectPath] // nobody else knows it: it holds the token
	answers := make(chan *dbus.Signal, 1)
	conn, err := bus.Session(ctx, bus.Options{Heard: func(s *dbus.Signal) {
		if path := expected.Load(); path == nil || s.Path != *path || s.Name != "org.freedesktop.portal.Request.Response" {
			return
		}
		select {
		case answers <- s:
		default: // one answer is all that there is
		}
	}})
	if err != nil {
		return "", ErrNoChooser
	}
	defer conn.Close()
	names := conn.Names()
	if len(names) == 0 {
		return "", ErrNoChooser
	}
	token := "switchboard" + strings.ToLower(rand.Text())
	request := dbus.ObjectPath(portalPath + "/request/" + strings.ReplaceAll(strings.TrimPrefix(names[0], ":"), ".", "_") + "/" + token)
	expected.Store(&request)
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(portalName), dbus.WithMatchInterface("org.freedesktop.portal.Request")); err != nil {
		return "", ErrNoChooser
	}
	shown, err := openFile(ctx, conn, title, token, kinds, request)
	if err != nil {
		return "", ErrNoChooser
	}
	expected.Store(&shown) // old portals choose another
	select {
	case s := <-answers:
		return chosen(s.Body)
	case <-conn.Context().Done():
		if ctx.Err() == nil {
			return "", errors.New("the desktop's dialog has gone")
		}
	case <-ctx.Done():
		conn.Object(portalName, shown).Go("org.freedesktop.portal.Request.Close", dbus.FlagNoReplyExpected, nil)
	}
	return "", fmt.Errorf("nothing was chosen: %w", ctx.Err())
}

func openFile(ctx context.Context, conn *dbus.Conn, title, token string, kinds []filter, expected dbus.ObjectPath) (dbus.ObjectPath, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	call := conn.Object(portalName, portalPath).CallWithContext(ctx, "org.freedesktop.portal.FileChooser.OpenFile", 0, "", title,
		map[string]dbus.Variant{"handle_token": dbus.MakeVariant(token), "modal": dbus.MakeVariant(true), "filters": dbus.MakeVariant(kinds)})
	if err := call.Store(&expected); err != nil {
		return "", err
	}
	return expected, nil
}

// chosen reads the portal's answer.
func chosen(body []any) (string, error) {
	if len(body) != 2 {
		return "", errors.New("the desktop's dialog gave an answer that cannot be understood")
	}
	code, _ := body[0].(uint32)
	results, _ := body[1].(map[string]dbus.Variant)
	if code != 0 {
		return "", nil // closed, or cancelled
	}
	uris, _ := results["uris"].Value().([]string)
	if len(uris) == 0 {
		return "", nil
	}
	u, err := url.Parse(uris[0])
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", errors.New("what was chosen is not a file of this computer")
	}
	return u.Path, nil
}
