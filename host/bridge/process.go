package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// drain is how long output is still read after the process has ended.
const drain = 200 * time.Millisecond

// process is a plugin's process as go-plugin's Runner.
type process struct {
	id   string
	cmd  *exec.Cmd
	also func() error // see Options.Kill; nil for nothing
	dir  string       // the only folder in which it may listen

	stdin          *os.File
	stdout, stderr *os.File
	last           lastWords // of standard error
	descriptors    *net.UnixConn
	given          []*os.File // the child's ends, closed after the start

	exited  chan struct{} // closed when the process is gone and reaped
	closing chan struct{} // closed by close
	threads sync.WaitGroup
	mu      sync.Mutex
	number  int
	killed  bool // from here
	err     error
}

// newProcess prepares the pipes; Start starts.
func newProcess(id string, cmd *exec.Cmd, token string) (_ *process, err error) {
	p := &process{id: id, cmd: cmd, exited: make(chan struct{}), closing: make(chan struct{})}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	var in, out, errs, socket *os.File
	if in, p.stdin, err = os.Pipe(); err != nil {
		return nil, fmt.Errorf("standard input of %s: %w", id, err)
	}
	p.given = append(p.given, in)
	if p.stdout, out, err = os.Pipe(); err != nil {
		return nil, fmt.Errorf("standard output of %s: %w", id, err)
	}
	p.given = append(p.given, out)
	if p.stderr, errs, err = os.Pipe(); err != nil {
		return nil, fmt.Errorf("standard error of %s: %w", id, err)
	}
	p.given = append(p.given, errs)
	if p.descriptors, socket, err = descriptorChannel(); err != nil {
		return nil, fmt.Errorf("descriptor channel of %s: %w", id, err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, errs
	if socket != nil {
		p.given = append(p.given, socket)
		cmd.ExtraFiles = append([]*os.File{socket}, cmd.ExtraFiles...)
	}
	guard(cmd)
	if _, err = p.stdin.WriteString(token + "\n"); err != nil {
		return nil, fmt.Errorf("launch token of %s: %w", id, err)
	}
	return p, nil
}

// Start starts the process on a thread that waits for it: with Pdeathsig the
// process would be killed when the thread that forked it ended earlier.
func (p *process) Start(context.Context) error {
	started := make(chan error)
	p.threads.Go(func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		err := p.cmd.Start()
		if err == nil {
			p.mu.Lock()
			p.number = p.cmd.Process.Pid
			p.mu.Unlock()
		}
		for _, f := range p.given {
			_ = f.Close()
		}
		started <- err
		if err != nil {
			close(p.exited)
			return
		}
		err = p.cmd.Wait()
		p.mu.Lock()
		p.err = err
		p.mu.Unlock()
		close(p.exited)
	})
	if err := <-started; err != nil {
		return fmt.Errorf("start the process: %w", err)
	}
	// Whoever inherited the pipes must not keep their readers.
	p.threads.Go(func() {
		<-p.exited
		t := time.NewTimer(drain)
		defer t.Stop()
		select {
		case <-t.C:
			_ = p.stdout.Close()
			_ = p.stderr.Close()
		case <-p.closing:
		}
	})
	return nil
}

// Wait waits for the end of the process.
func (p *process) Wait(ctx context.Context) error {
	select {
	case <-p.exited:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Kill kills the process and whatever it started in its group. A process may
// have moved to another group, so it is killed by itself too.
func (p *process) Kill(context.Context) error {
	select {
	case <-p.exited:
		return nil
	default:
	}
	if pid := p.pid(); pid > 0 {
		p.mu.Lock()
		p.killed = true
		p.mu.Unlock()
		if p.also != nil {
			_ = p.also() // what follows kills the process in any case
		}
		err := p.cmd.Process.Kill()
		if errors.Is(err, os.ErrProcessDone) {
			err = nil
		}
		return errors.Join(killGroup(pid), err)
	}
	return nil
}

func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.number
}

// wasKilled tells whether the end of the process was this side's doing.
func (p *process) wasKilled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// reason is how the process ended, "" while it runs.
func (p *process) reason() string {
	select {
	case <-p.exited:
	default:
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		return "exit status 0"
	}
	return p.err.Error()
}

// close lets go of the host's ends, once. A process that was started must have
// been killed or have ended.
func (p *process) close() {
	close(p.closing)
	for _, f := range append([]*os.File{p.stdin, p.stdout, p.stderr}, p.given...) {
		if f != nil {
			_ = f.Close()
		}
	}
	if p.descriptors != nil {
		_ = p.descriptors.Close()
	}
	p.threads.Wait()
}

// Stdout carries the handshake.
func (p *process) Stdout() io.ReadCloser { return p.slowly(p.stdout, &lastWords{}) }

// Stderr carries the plugin's log.
func (p *process) Stderr() io.ReadCloser { return p.slowly(p.stderr, &p.last) }

// What a plugin may write to its standard output and standard error: so much at
// once, and so much a second after that. One that writes more waits; otherwise
// its log would keep this host busy and fill the disk.
const (
	wordsAtOnce  = 1 << 20
	wordsASecond = 64 << 10
)

func (p *process) slowly(f *os.File, last *lastWords) io.ReadCloser {
	return quiet{f, last, p.exited, rate.NewLimiter(wordsASecond, wordsAtOnce)}
}

// quiet ends like any stream when the pipe was closed from this side, remembers
// what came last, and keeps a flood back while the process lives.
type quiet struct {
	*os.File
	last   *lastWords
	exited <-chan struct{}
	limit  *rate.Limiter
}

// Read turns the close into the end.
func (q quiet) Read(b []byte) (int, error) {
	n, err := q.File.Read(b)
	if wait := q.limit.ReserveN(time.Now(), min(max(n, 0), wordsAtOnce)).Delay(); wait > 0 {
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-q.exited:
			t.Stop()
		}
	}
	q.last.add(b[:max(n, 0)])
	if errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	return n, err
}

// Name is the plugin's id.
func (p *process) Name() string { return p.id }

// ID is the process id.
func (p *process) ID() string {
	if pid := p.pid(); pid > 0 {
		return strconv.Itoa(pid)
	}
	return ""
}

// Diagnose helps when the handshake fails.
func (p *process) Diagnose(context.Context) string {
	return "The program " + p.cmd.Path + " did not begin as a plugin should."
}

// PluginToHost checks what the plugin says it listens on, before anything is
// connected: the host must not be sent to other sockets, or to the network.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	if network != "unix" || filepath.Dir(address) != filepath.Clean(p.dir) {
		return "", "", fmt.Errorf("the plugin %s listens on %.20s %.100q, not on a socket in its folder", p.id, network, address)
	}
	return network, address, nil
}

// HostToPlugin translates nothing.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
