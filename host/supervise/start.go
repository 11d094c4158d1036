package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"switchboard/host/bridge"
	"switchboard/host/catalog"
	"switchboard/host/policy"
	"switchboard/host/sandbox"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

// startTimeout is for everything from copying to Ready.
const startTimeout = contractv1.ReadyTimeout + 5*time.Second

// start makes one attempt.
func (u *unit) start() {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	u.mu.Lock()
	if u.stop || u.removed {
		u.mu.Unlock()
		return
	}
	spec := u.spec
	u.cancel, u.state = cancel, model.Starting
	u.mu.Unlock()
	u.s.o.Changed(u.id)
	began := u.s.o.Now()
	r := &relay{u: u, sink: u.s.o.Sink, up: make(chan struct{})}
	conn, report, err := u.launch(ctx, spec, r)
	u.mu.Lock()
	u.cancel, u.report = nil, report
	if err != nil {
		u.startFailed(ctx, err)
		u.mu.Unlock()
		r.drop()
		u.s.o.Changed(u.id)
		return
	}
	u.conn, u.process = conn, conn
	u.state, u.reason, u.upSince = model.Running, "", u.s.o.Now()
	u.lookAt = u.upSince.Add(u.s.o.QuotaEvery)
	u.wanted = false
	u.mu.Unlock()
	u.log.Debug("started", "pid", conn.PID(), "took", u.s.o.Now().Sub(began))
	r.begin()
	u.mu.Lock()
	u.answer(nil)
	u.mu.Unlock()
	u.s.o.Changed(u.id)
}

// startFailed sorts out what an error means; u.mu is held.
func (u *unit) startFailed(ctx context.Context, err error) {
	var refused *RefusedError
	var over *overQuota
	switch {
	case u.stop || u.removed:
		return // asked for, not a failure
	case errors.As(err, &refused):
		u.state, u.reason, u.wanted = model.Refused, refused.Reason, false
		u.answer(refused)
	case errors.As(err, &over):
		u.park(err)
	case ctx.Err() != nil:
		u.failed(fmt.Errorf("it was not ready after %v", startTimeout), 0)
	default:
		u.failed(err, 0)
	}
}

// launch prepares the image and starts it through the launcher.
func (u *unit) launch(ctx context.Context, spec Spec, r *relay) (*bridge.Conn, *sandbox.Report, error) {
	probe := sandbox.Probe()
	if err := u.allowed(spec, probe.Missing); err != nil {
		return nil, &probe, err
	}
	image, err := u.s.image(spec.Dir, spec.Manifest.Exec)
	if err != nil {
		return nil, &probe, err
	}
	if err := os.MkdirAll(spec.DataDir, 0o700); err != nil {
		return nil, &probe, fmt.Errorf("make the plugin's data folder: %w", err)
	}
	if err := measure(spec, "", 0); err != nil {
		return nil, &probe, err
	}
	own, err := u.s.limits().make(u.id)
	if err != nil {
		u.log.Warn("the plugin gets no control group", "error", err)
	}
	conn, err := u.execute(ctx, spec, r, image, probe, own)
	report, reportErr := sandbox.ReadReport(reportFile(u.s.o.RunDir, u.id))
	if reportErr != nil || (len(report.Enforced) == 0 && report.Error == "") {
		report.Missing = append(slices.Clone(probe.Missing), probe.Enforced...) // nothing is known for sure
	}
	if err == nil {
		if err = u.allowed(spec, report.Missing); err != nil {
			r.drop() // nobody heard of it yet
			conn.Close(ctx, 0)
		}
	} else if report.Error != "" {
		err = errors.New(report.Error) // nearer to the cause than a failed handshake
	}
	if err != nil {
		own.remove()
		return nil, &report, err
	}
	u.mu.Lock()
	u.group = own
	u.mu.Unlock()
	return conn, &report, nil
}

// execute starts the image through the launcher, in its group.
func (u *unit) execute(ctx context.Context, spec Spec, r *relay, image sandbox.Image, probe sandbox.Report, own *group) (*bridge.Conn, error) {
	defer own.started()
	return bridge.Start(ctx, bridge.Options{
		ID: u.id, Kind: string(spec.Manifest.Kind), Grants: spec.Grants,
		SocketRoot: u.s.sockets, Hello: hello(spec, probe), Sink: r, Log: u.log, Kill: own.kill,
		Command: func(l bridge.Launch) (*exec.Cmd, error) {
			u.mu.Lock()
			u.socketDir = l.SocketDir
			u.mu.Unlock()
			cmd, err := u.s.command(sandbox.Spec{
				Profile: sandbox.Plugin, Parent: os.Getpid(), Program: image.Program, Dir: image.Dir,
				Args: arguments(u.id, spec.Manifest.Exec, image), Env: append(sandbox.BaseEnv(spec.DataDir), l.Env...),
				Write: []string{spec.DataDir, l.SocketDir}, Report: reportFile(u.s.o.RunDir, u.id), Keep: contractv1.DescriptorFD,
			})
			if err == nil {
				own.start(cmd)
			}
			return cmd, err
		},
	})
}

// allowed asks the policy about what is not enforced.
func (u *unit) allowed(spec Spec, missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	v := u.s.o.Decide(policy.Question{
		Ask: policy.AskIsolation, Plugin: u.id, Name: strings.Join(missing, ", "),
		Version: spec.Manifest.Version, Publisher: spec.Manifest.Publisher,
	})
	if v.Allowed {
		return nil
	}
	return &RefusedError{spec.Manifest.Name, v.Reason}
}

// image is the private copy of what is to be executed.
func (s *Supervisor) image(dir string, exec []string) (sandbox.Image, error) {
	copies, err := s.images()
	if err != nil {
		return sandbox.Image{}, err
	}
	program, err := catalog.Program(dir, exec)
	if err != nil {
		return sandbox.Image{}, err
	}
	return copies.Prepare(dir, program)
}

// command is the launcher with its orders.
func (s *Supervisor) command(spec sandbox.Spec) (*exec.Cmd, error) {
	env, err := spec.Encode()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.o.Launcher); err != nil {
		return nil, fmt.Errorf("the launcher is missing; install switchboard again: %w", err)
	}
	return &exec.Cmd{Path: s.o.Launcher, Args: []string{"switchboard-launch"}, Env: env, Dir: spec.Dir}, nil
}

// arguments: a program is called by the plugin's id, which is how one executable
// serves many plugins; an interpreter by its own name.
func arguments(id string, exec []string, image sandbox.Image) []string {
	args := slices.Clone(exec)
	if image.Program.Digest != "" {
		args[0] = id
	}
	return args
}

func hello(spec Spec, probe sandbox.Report) *contractv1.Hello {
	h := &contractv1.Hello{}
	if spec.Hello != nil {
		h = proto.CloneOf(spec.Hello())
	}
	h.Isolation = probe.Enforced
	if h.DataDir == "" {
		h.DataDir = spec.DataDir
	}
	return h
}

func reportFile(runDir, id string) string { return filepath.Join(runDir, "launch-"+id+".json") }

// sweepReports removes the reports of starts that a dead host did not read.
func sweepReports(runDir string) {
	old, err := filepath.Glob(filepath.Join(runDir, "launch-*.json"))
	if err != nil {
		return
	}
	for _, f := range old {
		_ = os.Remove(f)
	}
}

// relay stands between the bridge and the sink, so that PluginUp comes when Send
// works already, and nothing comes before it.
type relay struct {
	u     *unit
	sink  bridge.Sink
	ready *contractv1.Ready
	up    chan struct{}
	open  sync.Once // closes up
	begun bool      // set before up is closed
}

// begin passes PluginUp on.
func (r *relay) begin() {
	r.sink.PluginUp(r.u.id, r.ready)
	r.begun = true
	r.open.Do(func() { close(r.up) })
}

// drop lets go of a connection that nobody hears of.
func (r *relay) drop() { r.open.Do(func() { close(r.up) }) }

// PluginUp is kept until the connection is known here.
func (r *relay) PluginUp(_ string, ready *contractv1.Ready) { r.ready = ready }

// PluginDown makes the plugin count as not running before anybody hears of it:
// who then calls Ensure gets a new process.
func (r *relay) PluginDown(id string, err error) {
	<-r.up
	if !r.begun {
		return
	}
	r.u.mu.Lock()
	r.u.conn = nil
	r.u.mu.Unlock()
	r.sink.PluginDown(id, err)
}

// PluginFrame passes a frame on.
func (r *relay) PluginFrame(id string, f *contractv1.PluginFrame) {
	if <-r.up; r.begun {
		r.sink.PluginFrame(id, f)
	}
}

// PluginRoom passes it on.
func (r *relay) PluginRoom(id string, handle uint32) {
	if <-r.up; r.begun {
		r.sink.PluginRoom(id, handle)
	}
}
