package access

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"

	"switchboard/shared/bus"
)

// Options are what a Server needs from the window. The functions may be called
// from any goroutine.
type Options struct {
	// Name is what the program is called.
	Name string
	// Wake asks for a frame.
	Wake func()
	// Origin is where the window's upper left corner is on the screen.
	Origin func() image.Point
	// More is the sentence for n further announcements that are not said.
	More func(n int) string
}

// Force is the environment variable that switches the tree on or off, whatever
// the desktop says: on, off.
const Force = "SWITCHBOARD_ACCESSIBILITY"

// Names of the accessibility buses.
const (
	busName      = "org.a11y.Bus"
	busPath      = "/org/a11y/bus"
	statusIface  = "org.a11y.Status"
	propsIface   = "org.freedesktop.DBus.Properties"
	registryName = "org.a11y.atspi.Registry"
	rootPath     = "/org/a11y/atspi/accessible/root"
	nodePath     = "/org/a11y/atspi/accessible/"
	nullPath     = "/org/a11y/atspi/null"
)

// wait bounds every call of a bus.
const wait = 5 * time.Second

// Server shows a window's trees to assistive technology for as long as that
// listens. It owns its goroutines; Close ends them.
type Server struct {
	o      Options
	rec    *Recorder
	cancel context.CancelFunc
	wg     sync.WaitGroup
	trees  chan shown // the newest one

	mu     sync.Mutex
	now    shown
	conn   *dbus.Conn // the accessibility bus, when connected
	name   string     // on it
	parent ref        // what the registry gave for a parent
	id     int32      // that the registry gave
	notes  []*Node    // what was said last
	said   int64      // how often something was said
}

// shown is a tree and whether its window is in front.
type shown struct {
	tree   *Tree
	active bool
}

// Start begins to follow whether anybody listens. The recorder records only then.
func Start(ctx context.Context, rec *Recorder, o Options) *Server {
	ctx, cancel := context.WithCancel(ctx)
	s := &Server{o: o, rec: rec, cancel: cancel, trees: make(chan shown, 1)}
	s.now.tree = empty(o.Name)
	s.wg.Go(func() { s.follow(ctx) })
	return s
}

func empty(name string) *Tree {
	root := &Node{Note: Note{Role: Frame, Name: name}}
	return &Tree{Root: root, Nodes: map[int64]*Node{0: root}}
}

// Close ends the server and waits for it.
func (s *Server) Close() {
	s.cancel()
	s.wg.Wait()
}

// Show gives the tree of a frame; a nil one is ignored. It never waits.
func (s *Server) Show(t *Tree, active bool) {
	if t == nil {
		return
	}
	next := shown{t, active}
	for {
		select {
		case s.trees <- next:
			return
		default:
		}
		select { // one that was not looked at yet makes room, but what it said stays said
		case old := <-s.trees:
			said := append(old.tree.Said, next.tree.Said...)
			next.tree.Said = said[:min(len(said), maxSay)] // a bus that hangs takes none for long
		default:
		}
	}
}

// follow serves whenever somebody listens, until ctx ends.
func (s *Server) follow(ctx context.Context) {
	switch os.Getenv(Force) {
	case "off":
		return
	case "on":
		s.serveLoop(ctx, nil)
		return
	}
	changed := bus.NewPoke()
	conn, err := bus.Session(ctx, bus.Options{Heard: func(s *dbus.Signal) {
		if s.Path == busPath && s.Name == propsIface+".PropertiesChanged" || s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
			changed.Do()
		}
	}})
	if err != nil {
		return // no session bus, no screen reader
	}
	defer conn.Close()
	for _, m := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface(propsIface), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchObjectPath(busPath)},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, busName)},
	} {
		if conn.AddMatchSignalContext(ctx, m...) != nil {
			return
		}
	}
	for ctx.Err() == nil {
		if listens(ctx, conn) {
			s.serveLoop(ctx, func(ctx context.Context) { waitFor(ctx, conn, changed, func() bool { return !listens(ctx, conn) }) })
			continue
		}
		waitFor(ctx, conn, changed, func() bool { return listens(ctx, conn) })
	}
}

// askEvery is how often the desktop is asked at most whether anybody listens,
// however often it is said that this has changed.
const askEvery = 250 * time.Millisecond

// waitFor waits for a change after which ok holds.
func waitFor(ctx context.Context, conn *dbus.Conn, changed bus.Poke, ok func() bool) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-conn.Context().Done():
			<-ctx.Done() // the session bus is gone, and with it every screen reader
			return
		case <-changed:
			if ok() {
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(askEvery):
		}
	}
}

// listens asks the desktop whether a screen reader or the like runs. It starts
// nothing: where the accessibility bus does not run, nobody listens.
func listens(ctx context.Context, conn *dbus.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for _, p := range []string{"IsEnabled", "ScreenReaderEnabled"} {
		var v dbus.Variant
		err := conn.Object(busName, busPath).CallWithContext(ctx, propsIface+".Get", dbus.FlagNoAutoStart, statusIface, p).Store(&v)
		if on, ok := v.Value().(bool); err == nil && ok && on {
			return true
		}
	}
	return false
}

// retryAfter is how long the accessibility bus is left alone after it failed.
const retryAfter = 3 * time.Second

// serveLoop serves until ctx ends or, if given, until returns.
func (s *Server) serveLoop(ctx context.Context, until func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	if until != nil {
		wg.Go(func() { until(ctx); cancel() })
	}
	for ctx.Err() == nil {
		_ = s.serve(ctx) // whoever listens starts again by itself, and so do we
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}

// serve connects to the accessibility bus and shows what comes until ctx ends or
// the bus does.
func (s *Server) serve(ctx context.Context) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	s.rec.Enable(true)
	defer s.rec.Enable(false)
	defer s.disconnect()
	s.o.Wake()
	if err := s.embed(ctx, conn); err != nil {
		return err
	}
	say := announcer{more: s.o.More, last: time.Now().Add(-sayEvery)}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-conn.Context().Done():
			return errors.New("the accessibility bus has gone")
		case next := <-s.trees:
			s.mu.Lock()
			old := s.now
			s.now = next
			s.mu.Unlock()
			emit(conn, s.ref, old, next)
			say.add(next.tree.Said...)
		case <-timer.C:
		}
		text, again := say.next(time.Now())
		if text != "" {
			s.say(ctx, conn, text)
		}
		timer.Reset(again)
	}
}

func (s *Server) disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.name, s.parent, s.notes = nil, "", ref{}, nil
	s.now = shown{tree: empty(s.o.Name)}
}

// connect opens the accessibility bus with our objects on it.
func (s *Server) connect(ctx context.Context) (*dbus.Conn, error) {
	address, err := busAddress(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := bus.Dial(ctx, address, bus.Options{Handler: objects{s}})
	if err != nil {
		return nil, fmt.Errorf("the accessibility bus: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn, s.name = conn, conn.Names()[0]
	return conn, nil
}

// busAddress asks the session bus where the accessibility bus is.
func busAddress(ctx context.Context) (string, error) {
	if a := os.Getenv("AT_SPI_BUS_ADDRESS"); a != "" {
		return a, nil
	}
	conn, err := bus.Session(ctx, bus.Options{})
	if err != nil {
		return "", fmt.Errorf("the session bus: %w", err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var address string
	if err := conn.Object(busName, busPath).CallWithContext(ctx, "org.a11y.Bus.GetAddress", 0).Store(&address); err != nil {
		return "", fmt.Errorf("ask for the accessibility bus: %w", err)
	}
	return address, nil
}

// embed tells the registry of us, after all objects are there.
func (s *Server) embed(ctx context.Context, conn *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var parent ref
	err := conn.Object(registryName, rootPath).CallWithContext(ctx, "org.a11y.atspi.Socket.Embed", 0, s.ref(rootPath)).Store(&parent)
	if err != nil {
		return fmt.Errorf("register with the accessibility bus: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parent = parent
	return nil
}
