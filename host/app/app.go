package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"switchboard/host/blobs"
	"switchboard/host/catalog"
	"switchboard/host/control"
	"switchboard/host/dial"
	"switchboard/host/policy"
	"switchboard/host/session"
	"switchboard/host/settings"
	"switchboard/host/store"
	"switchboard/host/supervise"
	"switchboard/host/views"
	"switchboard/shared/model"
	"switchboard/shared/rest"
)

// Version is this program's; the build sets it.
var Version = "dev"

// SystemPlugins is where a system package puts plugins.
const SystemPlugins = "/usr/lib/switchboard/plugins"

// PolicyFiles are the administrator's, in order.
func PolicyFiles() []string { return policyFiles("/etc/switchboard") }

func policyFiles(dir string) []string {
	more := filepath.Join(dir, "policy.d")
	files := []string{filepath.Join(dir, "policy.toml")}
	entries, err := os.ReadDir(more) // sorted
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return append(files, more) // which cannot be read either: rules that may be there are not passed over
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".toml" {
			files = append(files, filepath.Join(more, e.Name()))
		}
	}
	return files
}

// Options are what the command line decides.
type Options struct {
	Profile string // folder; empty is the default one
	Policy  string // a file that may only tighten
	// Log gets the host's and the plugins' messages; nil is a file in the profile.
	Log hclog.Logger
	// Headless: there is no window, and nobody is disturbed by notifications.
	Headless bool
	// Executable is this program, for Echo and to find plugins; empty asks the system.
	Executable string
	// Setup is the administrator's set-up file (SetupFile); with one, and without an
	// account, the host makes its account by itself. Empty for none.
	Setup string
	// Now is the time of day for alerts, and Minute the length of a minute of
	// presence.away_minutes; nil and 0 are the real ones. Tests move them.
	Now    func() time.Time
	Minute time.Duration
}

// App is a running host. Make one with New, end it with Close.
type App struct {
	profile  Profile
	headless bool
	exe      string
	rules    string // the policy file that this host was started with
	log      hclog.Logger
	unlock   func()
	logFile  *logFile
	settings *settings.Store
	policy   atomic.Pointer[policy.Policy]
	store    *store.Store
	catalog  []catalog.Entry
	sup      *supervise.Supervisor
	views    *views.Cache
	engine   *session.Engine
	control  *control.Server
	dialer   *dial.Dialer
	ways     *ways
	secrets  *secrets
	net      *network
	searches *searches
	blobs    *blobs.Store
	hub      hub
	alerts   alerter
	awayPoke chan struct{}
	minute   time.Duration
	raises   chan model.Raise
	tray     tray

	ctx    context.Context // ends when Close begins
	cancel context.CancelFunc
	work   sync.WaitGroup // every goroutine of the app
	doors  sync.Mutex     // guards shut, so that none begins while Close waits
	shut   bool
	quit   chan struct{}
	quitMu sync.Once
	hold   chan struct{} // closed when plugins may start
	holdMu sync.Once

	groupsMu sync.Mutex // one change of the groups at a time
	// groupsSeen are the groups of a full list that comes in pages, under groupsMu.
	groupsSeen map[string]bool
	askMu      sync.Mutex // one telling of the setting at a time
	watchMu    sync.Mutex // one writing of who is watched at a time
	recoveryMu sync.Mutex // one writing of what is kept of recovery at a time
	mu         sync.Mutex
	people     people // account, roster, presence
	switches   map[string]*sync.Mutex

	snapshot atomic.Pointer[model.Snapshot]
	build    builder
	window   *windowState

	putBlobs pluginBlobs

	echo echo
}

// closeTime bounds a whole ending: SIGTERM to exit is promised within 3 s.
const closeTime = 2800 * time.Millisecond

// New starts a host on a profile. On an error nothing is left running.
func New(ctx context.Context, o Options) (*App, error) {
	profile, err := NewProfile(o.Profile)
	if err != nil {
		return nil, err
	}
	if err := profile.create(); err != nil {
		return nil, err
	}
	unlock, err := profile.lock()
	if err != nil {
		return nil, err
	}
	a := &App{profile: profile, headless: o.Headless, log: o.Log, unlock: unlock, exe: o.Executable, rules: o.Policy, dialer: dial.New(), ways: newWays(),
		secrets: &secrets{dir: profile.Path("keys")}, quit: make(chan struct{}), hold: make(chan struct{}), raises: make(chan model.Raise, maxRaises), switches: map[string]*sync.Mutex{}}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.window = newWindowState()
	a.people.init()
	if o.Now == nil {
		o.Now = time.Now
	}
	a.alerts.init(o.Now)
	a.awayPoke, a.minute = make(chan struct{}, 1), cmp.Or(o.Minute, time.Minute)
	a.groupsSeen = map[string]bool{}
	a.echo.init()
	a.build.woken = make(chan struct{}, 1)
	a.tray.woken = make(chan struct{}, 1)
	a.net = newNetwork(a)
	a.searches = newSearches()
	if err := a.start(ctx, o); err != nil {
		closing, done := context.WithTimeout(context.Background(), closeTime)
		defer done()
		return nil, errors.Join(err, a.Close(closing))
	}
	return a, nil
}

// start brings the parts up, in the order in which they need each other.
func (a *App) start(ctx context.Context, o Options) error {
	if err := a.openLog(); err != nil {
		return err
	}
	if a.exe == "" {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("the program cannot find itself: %w", err)
		}
		if a.exe, err = filepath.EvalSymlinks(exe); err != nil {
			return fmt.Errorf("the program cannot find itself: %w", err)
		}
	}
	rules, err := policy.Load(PolicyFiles(), o.Policy)
	if err != nil {
		a.log.Error("policy", "error", err) // the policy then refuses what sends; the window says so
	}
	a.policy.Store(rules)
	a.catalog = catalog.Scan(a.folders())
	if a.settings, err = settings.Open(a.profile.Path("settings.toml"), a.locked); err != nil {
		return err
	}
	a.defineSettings()
	a.policy.Store(rules.CheckSettings(a.checkLock))
	a.backStartup()
	a.setWay()
	if a.store, err = store.Open(ctx, a.profile.Path("store.db")); err != nil {
		return err
	}
	if err := a.loadPeople(ctx); err != nil {
		return err
	}
	if err := a.openBlobs(); err != nil {
		return err
	}
	a.views = views.New(func(model.SessionKey) { a.build.viewChanged() })
	a.sup = supervise.New(supervise.Options{
		Launcher: filepath.Join(filepath.Dir(a.exe), "switchboard-launch"), RunDir: a.profile.Run(), Log: a.log.Named("plugins"),
		Sink: (*sink)(a), Changed: a.pluginChanged, CompanionDir: a.profile.Companion, Decide: a.decide, Hold: a.hold,
	})
	if a.engine, err = session.New(a.engineOptions()); err != nil {
		return err
	}
	a.settings.Watch(a.settingChanged)
	a.rebuild()
	a.spawn(a.buildLoop)
	a.spawn(a.rememberLoop)
	if !a.headless {
		a.spawn(a.alertLoop)
		a.spawn(a.awayLoop)
	}
	if a.settings.Bool(keyEcho) {
		a.spawn(a.echoAgain)
	}
	a.spawn(func() { rest.Run(a.ctx) })
	a.holdPlugins()
	if !a.headless {
		a.spawn(a.trayLoop)
	}
	a.enableAll()
	a.spawn(a.net.run)
	a.spawn(a.wayLoop)
	if _, _, ok := a.self(); !ok && o.Setup != "" {
		a.spawn(func() { a.enrolAlone(o.Setup) })
	}
	if a.control, err = control.Serve(a.profile.Socket(), controlHost{a}); err != nil {
		return err
	}
	return nil
}

// longestHold is how long plugins wait for a window at most.
const longestHold = time.Second

// holdPlugins lets plugins start when the window shows its first picture, which
// needs nothing from them and would come later if they took the processor.
func (a *App) holdPlugins() {
	if a.headless {
		a.Shown()
		return
	}
	a.spawn(func() {
		t := time.NewTimer(longestHold)
		defer t.Stop()
		select {
		case <-a.hold:
		case <-a.ctx.Done():
		case <-t.C:
			a.Shown()
		}
	})
}

// Shown tells that the window shows something.
func (a *App) Shown() { a.holdMu.Do(func() { close(a.hold) }) }

// folders are where plugins are looked for; the first that has an id wins.
func (a *App) folders() []catalog.Folder {
	return []catalog.Folder{
		{Path: filepath.Join(filepath.Dir(a.exe), "plugins"), Origin: catalog.BuiltIn},
		{Path: SystemPlugins, Origin: catalog.System},
		{Path: a.profile.Path("plugins"), Origin: catalog.User},
	}
}

func (a *App) openLog() (err error) {
	if a.log != nil {
		return nil
	}
	if a.logFile, err = openLogFile(a.profile.Path("log", "switchboard.log")); err != nil {
		return err
	}
	a.log = hclog.New(&hclog.LoggerOptions{Name: "switchboard", Output: a.logFile, Level: hclog.Info, TimeFn: time.Now})
	return nil
}

// spawn runs f in a goroutine that Close waits for; f ends with a.ctx. Once Close
// waits there is nothing left to do it for, and f does not run.
func (a *App) spawn(f func()) {
	a.doors.Lock()
	defer a.doors.Unlock()
	if a.shut {
		return
	}
	a.work.Add(1)
	go func() {
		defer a.work.Done()
		f()
	}()
}

// Profile is the folder of this host.
func (a *App) Profile() Profile { return a.profile }

// Done is closed when somebody asked the host to quit; who runs it then calls
// Close.
func (a *App) Done() <-chan struct{} { return a.quit }

// Close ends everything but companions, in the reverse order of start: first
// nobody new comes in, then plugins stop and their last words are kept, then
// the store closes. It is bounded by ctx.
func (a *App) Close(ctx context.Context) error {
	a.echo.stop()
	if a.control != nil {
		part, done := context.WithTimeout(ctx, 300*time.Millisecond)
		a.control.Close(part)
		done()
	}
	a.net.signOut(ctx)
	a.cancel()
	var errs []error
	if a.engine != nil {
		errs = append(errs, a.engine.Close(ctx))
	}
	if a.sup != nil {
		errs = append(errs, a.sup.Close(ctx))
	}
	a.net.fail(errEnding)
	if a.blobs != nil {
		a.blobs.Close()
	}
	a.doors.Lock()
	a.shut = true
	a.doors.Unlock()
	a.work.Wait()
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.logFile != nil {
		errs = append(errs, a.logFile.Close())
	}
	a.unlock()
	return errors.Join(errs...)
}

// Quit asks for the end of the host and ends the companions of its plugins.
func (a *App) Quit() {
	a.quitMu.Do(func() {
		a.spawn(func() {
			defer close(a.quit)
			ctx, done := context.WithTimeout(a.ctx, supervise.CompanionGrace+2*time.Second)
			defer done()
			for _, e := range a.catalog {
				if e.Err == nil && len(e.Manifest.Companion.Exec) > 0 {
					if err := a.sup.StopCompanion(ctx, e.ID); err != nil {
						a.log.Warn("companion", "plugin", e.ID, "error", err)
					}
				}
			}
		})
	})
}

var errEnding = errors.New("the host is ending")
