package server_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// Names of what tells this program to be a server that kills itself: its
// folder, the step, and which time.
const (
	killFolder = "SWITCHBOARD_TEST_KILL_FOLDER"
	killStep   = "SWITCHBOARD_TEST_KILL_STEP"
	killTime   = "SWITCHBOARD_TEST_KILL_TIME"
)

// notKilled is how it ends when nobody made it come to the step.
const notKilled = 3

// killed is a server that ends with SIGKILL between two writes of a group's
// change. It never returns.
func killed() {
	s, err := server.Start(server.Options{Folder: os.Getenv(killFolder)})
	if err != nil {
		fmt.Println(err)
		os.Exit(notKilled)
	}
	left, _ := strconv.Atoi(os.Getenv(killTime))
	s.AtStep(func(step string) error {
		if step == os.Getenv(killStep) {
			if left--; left == 0 {
				if me, err := os.FindProcess(os.Getpid()); err == nil {
					_ = me.Kill()
				}
				select {}
			}
		}
		return nil
	})
	fmt.Println("ready", s.Listening())
	time.Sleep(time.Minute)
	os.Exit(notKilled)
}

// startKilled starts it and tells where it listens.
func startKilled(t *testing.T, folder, step string, time int) (address string, wait func()) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), killFolder+"="+folder, killStep+"="+step, killTime+"="+strconv.Itoa(time))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		_ = c.Process.Kill()
		_ = c.Wait()
		t.Fatalf("the server says %q: %v", line, err)
	}
	done := false
	wait = func() {
		if done {
			return
		}
		done = true
		_ = c.Wait()
		if code := c.ProcessState.ExitCode(); code == 0 || code == notKilled {
			t.Errorf("the server was not killed: %v", c.ProcessState)
		}
	}
	t.Cleanup(func() {
		if !done {
			_ = c.Process.Kill()
			wait()
		}
	})
	return address, wait
}

// TestKilledBetweenTheWritesOfAChange: whatever was decided has happened after
// the next start, once, in the record and in the order alike; whatever was not
// has not.
func TestKilledBetweenTheWritesOfAChange(t *testing.T) {
	t.Parallel()
	invite := &contractv1.GroupChange{Op: contractv1.GroupChange_INVITE, Address: "chris"}
	remove := &contractv1.GroupChange{Op: contractv1.GroupChange_REMOVE, Address: "bob"}
	leave := &contractv1.GroupChange{Op: contractv1.GroupChange_LEAVE}
	for _, c := range []struct {
		step   string
		time   int
		change *contractv1.GroupChange
		want   string
		in     []string
	}{
		{"decided", 1, invite, "JOINED alice>chris", []string{"alice", "bob", "chris"}},
		{"entry", 1, invite, "JOINED alice>chris", []string{"alice", "bob", "chris"}},
		{"member", 1, invite, "JOINED alice>chris", []string{"alice", "bob", "chris"}},
		{"decided", 1, remove, "REMOVED alice>bob", []string{"alice"}},
		{"entry", 1, remove, "REMOVED alice>bob", []string{"alice"}},
		{"member", 1, remove, "REMOVED alice>bob", []string{"alice"}},
		{"entry", 1, leave, "ROLE alice>bob, LEFT alice>alice", []string{"bob"}},
		{"entry", 2, leave, "ROLE alice>bob, LEFT alice>alice", []string{"bob"}},
		{"member", 1, leave, "ROLE alice>bob, LEFT alice>alice", []string{"bob"}},
		{"member", 2, leave, "ROLE alice>bob, LEFT alice>alice", []string{"bob"}},
	} {
		t.Run(fmt.Sprintf("%v %s %d", c.change.Op, c.step, c.time), func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s, all := people(t, server.Options{Folder: folder}, "alice", "bob", "chris")
			g := with(all[0], all[1])
			all[0].say(g.Conversation, "before")
			for _, p := range all {
				p.leave()
			}
			s.Close()

			address, wait := startKilled(t, folder, c.step, c.time)
			at := func(i int, address string) *peer {
				a := *all[i].a
				a.Addresses = []string{address}
				return signIn(t, &a)
			}
			alice := at(0, address)
			change := &contractv1.GroupChange{Op: c.change.Op, Address: c.change.Address, Group: g.Id, Id: id()}
			if v, err := alice.try(change); err == nil {
				t.Errorf("the killed server answers %v", v)
			}
			wait()
			alice.leave()

			s = start(t, server.Options{Folder: folder})
			if n := s.Unsettled(); n != 0 {
				t.Errorf("%d changes are not carried out after the start", n)
			}
			now := []*peer{at(0, s.Listening()), at(1, s.Listening()), at(2, s.Listening())}
			if _, err := now[0].try(change); err != nil {
				t.Errorf("the repeat: %v", err)
			}
			consistent(t, s, now, g.Conversation, "CREATED alice, JOINED alice>bob, before, "+c.want, c.in)
		})
	}
}

// consistent compares the order with the records: the members that are in, and
// where each one's sight begins and ends.
func consistent(t *testing.T, s *server.Server, all []*peer, room, want string, in []string) {
	t.Helper()
	writer := all[slices.IndexFunc(all, func(p *peer) bool { return p.a.User == in[0] })]
	writer.say(room, "after")
	for _, p := range all {
		isIn := slices.Contains(in, p.a.User)
		if r := p.post(room, entry("mine"))[0]; (r.GetStored() != nil) != isIn {
			t.Errorf("%s in the group: %v, writes: %v", p.a.User, isIn, r)
		}
	}
	whole := writer.fetch(room, 0)
	if writer.a.User != "alice" {
		want = strings.TrimPrefix(want, "CREATED alice, ") // what was before bob came
	}
	if got := ops(whole); !strings.HasPrefix(got, want+", after") {
		t.Errorf("the order is %s, want %s", got, want)
	}
	for _, p := range all {
		spans := s.Spans(room, p.a.User)
		if len(spans) == 0 {
			continue
		}
		got := p.fetch(room, 0)
		first, last := got[0], got[len(got)-1]
		if first.Kind != contractv1.Envelope_MEMBERSHIP || uint64(first.Seq) != spans[0][0] {
			t.Errorf("%s sees from %v on: %s", p.a.User, spans, ops(got))
		}
		if end := spans[len(spans)-1][1]; end != 0 && (uint64(last.Seq) != end || last.Kind != contractv1.Envelope_MEMBERSHIP) {
			t.Errorf("%s sees until %v: %s", p.a.User, spans, ops(got))
		}
	}
}
