package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/manifest"
)

// maxCommands is how many commands may run at one time.
const maxCommands = 64

// command is a contributed command that runs. After a crash of its plugin the
// same command, with the same id, is sent again.
type command struct {
	id     string
	plugin string
	name   string
	args   []byte
	until  time.Time
	s      *session // nil for the plugin as a whole
	sent   bool
	out    chan commandResult
}

type commandResult struct {
	value []byte
	err   error
}

// finish answers who waits; only the first answer counts.
func (c *command) finish(value []byte, err error) {
	select {
	case c.out <- commandResult{value, err}:
	default:
	}
}

// Command runs a contributed command and waits for its answer, a JSON value. An
// empty conversation is the plugin as a whole; otherwise its standing session there.
func (e *Engine) Command(ctx context.Context, conversation, plugin, name string, args []byte) ([]byte, error) {
	until, ok := ctx.Deadline()
	if !ok {
		var cancel context.CancelFunc
		ctx, cancel = withTimeout(ctx, ensureTime)
		defer cancel()
		until, _ = ctx.Deadline()
	}
	c := &command{id: newID(), plugin: plugin, name: name, args: args, until: until, out: make(chan commandResult, 1)}
	var err error
	if asked := e.ask(func(e *Engine) { err = e.run(c, conversation) }); asked != nil {
		return nil, asked
	}
	if err != nil {
		return nil, err
	}
	select {
	case r := <-c.out:
		return r.value, r.err
	case <-e.done:
		return nil, errClosed
	case <-ctx.Done():
		e.box.putFirst(forgetIn{c})
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fmt.Errorf("%s did not answer %q in time", plugin, name)
		}
		return nil, ctx.Err()
	}
}

type forgetIn struct{ c *command }

func (in forgetIn) apply(e *Engine) { e.forget(in.c) }

// run checks a command and sends it, as soon as its plugin can take it.
func (e *Engine) run(c *command, conversation string) error {
	m, known := e.o.Catalog.Manifest(c.plugin)
	if !known {
		return fmt.Errorf("the plugin %q is not installed", c.plugin)
	}
	cmd, known := m.Command(c.name)
	switch {
	case !known:
		return fmt.Errorf("%s has no command %q", m.Name, c.name)
	case len(c.args) > contractv1.MaxCommandArgs:
		return fmt.Errorf("the command is larger than %d bytes", contractv1.MaxCommandArgs)
	case len(e.calls) >= maxCommands:
		return errors.New("too many commands are running: try again in a moment")
	}
	if ok, reason := e.o.Catalog.Enabled(c.plugin); !ok {
		return errors.New(cmp.Or(reason, m.Name+" is switched off"))
	}
	if ok, reason := e.o.Permit(PermitCommand, c.plugin); !ok {
		return errors.New(cmp.Or(reason, "the command is not allowed"))
	}
	return e.place(c, cmd, conversation)
}

func (e *Engine) place(c *command, cmd manifest.Command, conversation string) error {
	if !cmd.Session {
		e.calls[c.id] = c
		if p := e.plugin(c.plugin); p.up {
			e.sendCommand(c)
		} else {
			e.ensure(p)
		}
		return nil
	}
	s := e.standingSession(conversation, c.plugin)
	if s == nil {
		return fmt.Errorf("there is no conversation %q", conversation)
	}
	c.s = s
	e.calls[c.id] = c
	s.commands = append(s.commands, c)
	if l := s.live; l != nil && l.takes {
		e.queueCommand(l, c)
		e.pump(l)
		return nil
	}
	s.crashes = nil // asking for it tries once more
	e.open(s)
	return nil
}

func (e *Engine) forget(c *command) {
	delete(e.calls, c.id)
	if c.s != nil {
		c.s.commands = slices.DeleteFunc(c.s.commands, func(o *command) bool { return o == c })
	}
}

func (c *command) frame() *contractv1.HostFrame {
	return &contractv1.HostFrame{Body: &contractv1.HostFrame_Command{Command: &contractv1.CommandCall{
		Id: c.id, Name: c.name, Args: c.args, TimeoutMs: uint32(max(time.Until(c.until).Milliseconds(), 1))}}}
}

// queueCommand queues a command behind what happened before it.
func (e *Engine) queueCommand(l *live, c *command) {
	if c.sent {
		return
	}
	c.sent = true
	e.watchIdle(l)
	f := c.frame()
	f.Session = l.handle
	l.queue = append(l.queue, f)
}

// sendCommand sends a command of the plugin as a whole.
func (e *Engine) sendCommand(c *command) {
	if c.sent {
		return
	}
	c.sent = true
	if err := e.o.Plugins.Send(c.plugin, c.frame()); err != nil {
		c.sent = false // PluginDown follows, then it is sent again
	}
}

// commandReply is a plugin's answer.
func (e *Engine) commandReply(plugin string, r *contractv1.CommandReply) {
	c := e.calls[r.GetId()]
	if c == nil || c.plugin != plugin {
		return
	}
	if r.GetError() != nil {
		c.finish(nil, errors.New(cmp.Or(cut(r.GetError().GetMessage(), 1024), "the command failed")))
	} else {
		c.finish(r.GetResult(), nil)
	}
	e.forget(c)
}
