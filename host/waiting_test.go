package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	controlv1 "switchboard/shared/contract/control/v1"
)

// job is a command line that waits for somebody while the script goes on.
type job struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error

	mu       sync.Mutex
	out, bad bytes.Buffer
}

type jobWriter struct {
	j  *job
	to *bytes.Buffer
}

// Write keeps what the job says.
func (w jobWriter) Write(b []byte) (int, error) {
	w.j.mu.Lock()
	defer w.j.mu.Unlock()
	return w.to.Write(b)
}

func (j *job) said() (out, bad string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.out.String(), j.bad.String()
}

func theJob(ts *testscript.TestScript, key string) *job {
	w := theWorld(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	j := w.jobs[key]
	if j == nil {
		ts.Fatalf("no job %s", key)
	}
	return j
}

// begin KEY NAME ARGS…: the command line with NAME's profile, which goes on.
func cmdBegin(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	j := &job{exited: make(chan struct{})}
	j.cmd = exec.Command(filepath.Join(bin, "switchboard"), append([]string{"--profile", w.profile(args[1])}, args[2:]...)...)
	j.cmd.Dir, j.cmd.Stdout, j.cmd.Stderr = w.dir, jobWriter{j, &j.out}, jobWriter{j, &j.bad}
	ts.Check(j.cmd.Start())
	go func() {
		j.err = j.cmd.Wait()
		close(j.exited)
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs == nil {
		w.jobs = map[string]*job{}
	}
	w.jobs[args[0]] = j
}

// await KEY REGEXP [VAR]: waits until the job has said something; VAR is what the
// first group matched.
func cmdAwait(ts *testscript.TestScript, _ bool, args []string) {
	j, re := theJob(ts, args[0]), regexp.MustCompile("(?m)"+args[1])
	end := time.Now().Add(patience)
	for {
		out, bad := j.said()
		if m := re.FindStringSubmatch(out); m != nil {
			if len(args) > 2 {
				ts.Setenv(args[2], m[1])
			}
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("await %s: gave up\n%s%s", strings.Join(args, " "), out, bad)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// over KEY [REGEXP]: the job ends well; with ! it fails with one sentence, which
// matches.
func cmdOver(ts *testscript.TestScript, neg bool, args []string) {
	j := theJob(ts, args[0])
	select {
	case <-j.exited:
	case <-time.After(patience):
		ts.Fatalf("%s is not over", args[0])
	}
	out, bad := j.said()
	var exited *exec.ExitError
	switch {
	case !neg && j.err != nil, neg && (!errors.As(j.err, &exited) || exited.ExitCode() != 1 || strings.Count(bad, "\n") != 1):
		ts.Fatalf("over %s: %v\n%s%s", args[0], j.err, out, bad)
	case len(args) > 1 && !regexp.MustCompile(args[1]).MatchString(out+bad):
		ts.Fatalf("over %s: %s%s", strings.Join(args, " "), out, bad)
	}
}

// take VAR REGEXP NAME ARGS…: repeats the command line until it says something
// that matches; VAR is what the first group matched.
func cmdTake(ts *testscript.TestScript, _ bool, args []string) {
	re := regexp.MustCompile(args[1])
	end := time.Now().Add(patience)
	for {
		stdout, stderr, err := theWorld(ts).run(args[2], args[3:]...)
		if m := re.FindStringSubmatch(stdout); err == nil && m != nil {
			ts.Setenv(args[0], m[1])
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("take %s: gave up at %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// lockedOutIn is how soon a device that was revoked must be out.
const lockedOutIn = time.Second

// lockedout OLD ID NAME: the host OLD revokes the device ID, which is NAME's; NAME
// is locked out and knows it within a second.
func cmdLockedOut(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	took, err := w.lockOut(args[0], args[1], args[2])
	ts.Check(err)
	if took > lockedOutIn {
		ts.Fatalf("%s was locked out after %v", args[2], took)
	}
	ts.Logf("locked out after %v", took.Round(time.Millisecond))
}

func (w *world) lockOut(old, id, name string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	there, err := w.dial(name)
	if err != nil {
		return 0, err
	}
	defer there.Close()
	here, err := w.dial(old)
	if err != nil {
		return 0, err
	}
	defer here.Close()
	events, err := there.Watch(ctx, &controlv1.Empty{})
	if err != nil {
		return 0, err
	}
	if _, err := events.Recv(); err != nil {
		return 0, err
	}
	begin := time.Now()
	if _, err := here.RevokeDevice(ctx, &controlv1.RevokeRequest{Id: id}); err != nil {
		return 0, err
	}
	for {
		e, err := events.Recv()
		if err != nil {
			return 0, fmt.Errorf("%s was not locked out: %w", name, err)
		}
		if e.Type == "connection" && e.State == "refused" {
			return time.Since(begin), nil
		}
	}
}
