package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// echo is a second, real host with an account of its own, run without a window
// for as long as this one lives, so that a newcomer has somebody to talk to. It
// is spoken to through its control socket only.
type echo struct {
	ending context.Context // done when the host closes, also in the middle of a start
	cancel context.CancelFunc

	mu      sync.Mutex // one start or stop at a time
	process *echoProcess
}

func (e *echo) init() { e.ending, e.cancel = context.WithCancel(context.Background()) }

type echoProcess struct {
	cmd          *exec.Cmd
	stdin        io.Closer // its end is the host's end
	client       *control.Client
	cancel       context.CancelFunc
	exited, over chan struct{}
	address      string
	conversation string
}

// Times of Echo.
const (
	echoStart  = 40 * time.Second // from exec to friends
	echoThinks = 700 * time.Millisecond
	echoEnds   = 1500 * time.Millisecond
	echoAsks   = 200 * time.Millisecond
)

// echoAnswers is how far back Echo looks for what it has not answered.
const echoAnswers = 50

// TalkToEcho starts Echo, or finds it running, and gives the conversation with it.
func (a *App) TalkToEcho(ctx context.Context) (string, error) {
	if err := a.mayAsk(); err != nil {
		return "", err
	}
	a.echo.mu.Lock()
	defer a.echo.mu.Unlock()
	if a.echo.ending.Err() != nil {
		return "", errEnding
	}
	if p := a.echo.process; p != nil {
		select {
		case <-p.over: // it ended by itself: start anew
			p.end()
			a.echo.process = nil
		default:
			return p.conversation, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, echoStart)
	defer cancel()
	defer context.AfterFunc(a.echo.ending, cancel)()
	p, err := a.startEcho(ctx)
	if err != nil {
		return "", fmt.Errorf("the echo could not be started: %w", err)
	}
	if err := a.befriend(ctx, p); err != nil {
		p.end()
		return "", fmt.Errorf("the echo could not be reached: %w", err)
	}
	a.echo.process = p
	if !a.settings.Bool(keyEcho) {
		if err := a.settings.Set(keyEcho, "true"); err != nil {
			a.log.Warn("echo will not be started again by itself", "error", err)
		}
	}
	var listening context.Context
	listening, p.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(p.over)
		p.listen(listening, a)
	}()
	return p.conversation, nil
}

// keyEcho is the setting that Echo starts with this host.
const keyEcho = "conversations.echo"

// echoAgain starts Echo if the person had it in this profile, when the network is
// there for the first time. It may be asked for at the same moment.
func (a *App) echoAgain() {
	changed := make(chan struct{}, 1)
	defer a.Subscribe(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	for a.current().Connection.State != model.Connected {
		select {
		case <-changed:
		case <-a.ctx.Done():
			return
		}
	}
	if !a.settings.Bool(keyEcho) {
		return
	}
	if _, err := a.TalkToEcho(a.ctx); err != nil && a.ctx.Err() == nil {
		a.log.Warn("echo", "error", err)
	}
}

// echoSwitched follows the setting.
func (a *App) echoSwitched() {
	if a.settings.Bool(keyEcho) {
		a.echoAgain()
		return
	}
	a.echo.mu.Lock()
	defer a.echo.mu.Unlock()
	if p := a.echo.process; p != nil && !a.settings.Bool(keyEcho) {
		p.end()
		a.echo.process = nil
	}
}

// startEcho runs the host, waits for its "ready" and connects to it.
func (a *App) startEcho(ctx context.Context) (*echoProcess, error) {
	profile := Profile{a.profile.Path("echo")}
	if err := os.MkdirAll(profile.Dir, 0o700); err != nil {
		return nil, err
	}
	args := []string{"--profile", profile.Dir, "--headless", "--tether"}
	if a.rules != "" { // what was tightened here is tight there
		args = append(args, "--policy", a.rules)
	}
	cmd := exec.Command(a.exe, args...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var words tail
	cmd.Stderr = &words
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &echoProcess{cmd: cmd, stdin: stdin, exited: make(chan struct{}), over: make(chan struct{})}
	ready := make(chan struct{})
	go func() {
		defer close(p.exited)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if lines.Text() == "ready" {
				close(ready)
				break
			}
		}
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait() // how it ended does not matter: it was told to, or it is gone
	}()
	select {
	case <-ready:
	case <-p.exited:
		return nil, errors.New(words.last())
	case <-ctx.Done():
		p.end()
		return nil, errors.New("it was not ready in time")
	}
	if p.client, err = control.Dial(profile.Socket()); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// befriend gives Echo an account on my network and makes us contacts.
func (a *App) befriend(ctx context.Context, p *echoProcess) error {
	status, err := p.client.Status(ctx, &controlv1.Empty{})
	if err != nil {
		return err
	}
	me, _, _ := a.self()
	if status.Account == nil {
		link, err := a.Invite(ctx)
		if err != nil {
			return err
		}
		user, _, _ := strings.Cut(me, "@")
		name := "echo-" + user
		status, err = p.client.SetUp(ctx, &controlv1.SetUpRequest{Mode: "invite", User: name[:min(len(name), 32)], Name: "Echo", Link: link, DeviceName: "Echo"})
		if err != nil {
			return err
		}
	}
	p.address = status.Account.GetAddress()
	ask := time.NewTicker(echoAsks)
	defer ask.Stop()
	asked := false
	for {
		for _, c := range a.current().Contacts {
			if c.Address != p.address {
				continue
			}
			if c.State == model.Friend {
				p.conversation = c.Conversation
				return nil
			}
			if c.State == model.Request {
				if err := a.Contact(ctx, "accept", p.address, ""); err != nil {
					return err
				}
			}
		}
		if !asked { // until it is connected, asking fails; so it is asked again
			_, err := p.client.Contact(ctx, &controlv1.ContactRequest{Op: "add", Address: me, Text: "I repeat what you say."})
			asked = err == nil
		}
		select {
		case <-ask.C:
		case <-p.exited:
			return errors.New("it ended by itself")
		case <-ctx.Done():
			return errors.New("it did not become a contact in time")
		}
	}
}

// listen answers what is said to Echo until it is gone.
func (p *echoProcess) listen(ctx context.Context, a *App) {
	stream, err := p.client.Watch(ctx, &controlv1.Empty{})
	if err != nil {
		a.log.Warn("echo", "error", err)
		return
	}
	answered := map[string]bool{}
	for {
		e, err := stream.Recv()
		if err != nil {
			return
		}
		if e.Type == "watching" || e.Type == "missed" || e.Conversation == p.conversation && e.From != p.address && (e.Type == "update" || e.Type == "summary") {
			if err := p.answer(ctx, answered); err != nil && ctx.Err() == nil {
				a.log.Warn("echo", "error", err)
			}
		}
	}
}

// echoMessage is one message as history gives it.
type echoMessage struct{ ID, From, Text string }

// answer reads what was said since its own last message and answers each.
func (p *echoProcess) answer(ctx context.Context, answered map[string]bool) error {
	result, err := p.command(ctx, "history", map[string]any{"limit": echoAnswers})
	if err != nil {
		return err
	}
	var all []echoMessage
	if err := json.Unmarshal(result, &all); err != nil {
		return err
	}
	if len(answered) == 0 { // just started: what stands above its last message was answered
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].From == p.address {
				all = all[i+1:]
				break
			}
		}
	}
	for _, m := range all {
		if m.From == p.address || answered[m.ID] || m.Text == "" {
			continue
		}
		answered[m.ID] = true
		if err := p.say(ctx, m.Text); err != nil {
			return err
		}
	}
	for _, m := range all { // also what needed no answer is never answered later
		answered[m.ID] = true
	}
	return nil
}

// say reads, types for a moment and sends, as a person would.
func (p *echoProcess) say(ctx context.Context, text string) error {
	if _, err := p.command(ctx, "read", nil); err != nil {
		return err
	}
	if _, err := p.command(ctx, "typing", map[string]any{"on": true}); err != nil {
		return err
	}
	select {
	case <-time.After(echoThinks):
	case <-ctx.Done():
		return ctx.Err()
	}
	if _, err := p.command(ctx, "send", map[string]any{"text": text}); err != nil {
		return err
	}
	_, err := p.command(ctx, "typing", map[string]any{"on": false})
	return err
}

func (p *echoProcess) command(ctx context.Context, name string, args map[string]any) ([]byte, error) {
	if args == nil {
		args = map[string]any{}
	}
	data, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	reply, err := p.client.Command(ctx, &controlv1.CommandRequest{Conversation: p.conversation, Name: name, Args: data})
	if err != nil {
		return nil, err
	}
	return reply.Result, nil
}

// end lets the host end by itself, and kills it if it does not.
func (p *echoProcess) end() {
	if p.cancel != nil {
		p.cancel()
		<-p.over
	}
	if p.client != nil {
		p.client.Close()
	}
	p.stdin.Close()
	select {
	case <-p.exited:
	case <-time.After(echoEnds):
		_ = p.cmd.Process.Kill() // fails only if it is gone
		<-p.exited
	}
}

// stop ends Echo with its window, one that is being started too.
func (e *echo) stop() {
	e.cancel()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process != nil {
		e.process.end()
		e.process = nil
	}
}

// tail keeps the last words that a process wrote.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps at most 4 KiB.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > 4096 {
		t.text = append(t.text[:0], t.text[len(t.text)-4096:]...)
	}
	return len(p), nil
}

func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	if lines[len(lines)-1] == "" {
		return "it ended at once"
	}
	return lines[len(lines)-1]
}
