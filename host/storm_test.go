package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"switchboard/host/control"
	controlv1 "switchboard/shared/contract/control/v1"
)

// stormSize is how many messages go each way, and how often each kill of the
// script is repeated.
func stormSize() (messages, kills int) {
	if os.Getenv("SWITCHBOARD_SOAK") != "" {
		return 2000, 5
	}
	return 200, 1
}

// acked is what send acknowledged: id by text, from all sides.
type acked struct {
	mu sync.Mutex
	id map[string]string
}

// storm A B [NAME WHAT]…: A and B send to each other at the same time, and each
// WHAT (host, companion, a plugin's id) of NAME is killed in the middle, one
// after the other. A killed host is started again. What send acknowledged is
// remembered for same. SWITCHBOARD_SEED repeats the moments of a run.
func cmdStorm(ts *testscript.TestScript, _ bool, args []string) {
	storm(ts, [][2]string{{args[0], args[1]}, {args[1], args[0]}}, args[2:])
}

// crowd CONVERSATION A,B,C [NAME WHAT]…: storm in a group.
func cmdCrowd(ts *testscript.TestScript, _ bool, args []string) {
	var pairs [][2]string
	for _, name := range strings.Split(args[1], ",") {
		pairs = append(pairs, [2]string{name, args[0]})
	}
	storm(ts, pairs, args[2:])
}

func storm(ts *testscript.TestScript, pairs [][2]string, kills []string) {
	w := theWorld(ts)
	n, repeats := stormSize()
	w.round++
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SWITCHBOARD_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		ts.Check(err)
	}
	ts.Logf("SWITCHBOARD_SEED=%d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	begin := n/10 + chance.IntN(n/2)
	got := &acked{id: map[string]string{}}
	middle := make(chan struct{}, len(pairs))
	var both sync.WaitGroup
	errs := make([]error, len(pairs))
	for i, pair := range pairs {
		both.Add(1)
		go func() {
			defer both.Done()
			errs[i] = w.pour(pair[0], pair[1], n, begin, got, middle)
		}()
	}
	<-middle
	for kill := slices.Concat(slices.Repeat([][]string{kills}, repeats)...); len(kill) >= 2; kill = kill[2:] {
		ts.Check(w.kill(kill[0], kill[1]))
		ts.Logf("killed %s of %s", kill[1], kill[0])
		if kill[1] == "host" {
			time.Sleep(time.Duration(chance.IntN(300)) * time.Millisecond)
			ts.Check(w.start(kill[0]))
		} else {
			w.unpark(kill[0], kill[1])
		}
		if len(kill) > 2 {
			time.Sleep(time.Duration(chance.IntN(2000)) * time.Millisecond)
		}
	}
	both.Wait()
	for _, err := range errs {
		ts.Check(err)
	}
	ts.Logf("%d of %d were acknowledged", len(got.id), len(pairs)*n)
	if len(got.id) < len(pairs)*n/2 {
		ts.Fatalf("only %d of %d messages were acknowledged", len(got.id), len(pairs)*n)
	}
	if w.acked == nil {
		w.acked = map[string]string{}
	}
	maps.Copy(w.acked, got.id)
}

// unpark restarts a plugin that was killed so often that it was parked, as the
// person would.
func (w *world) unpark(name, plugin string) {
	time.Sleep(300 * time.Millisecond) // it is either coming back or parked
	stdout, _, err := w.run(name, "plugin", "list", "--json")
	if err == nil && regexp.MustCompile(`"id":"`+plugin+`"[^}]*"state":"parked"`).MatchString(stdout) {
		_, _, _ = w.run(name, "plugin", "restart", plugin) // seen by what follows
	}
}

// pour sends n messages one after the other, through the control socket as the
// command line does. What fails is not acknowledged and not sent again.
func (w *world) pour(from, to string, n, begin int, got *acked, middle chan<- struct{}) error {
	var client *control.Client
	defer func() {
		if client != nil {
			client.Close()
		}
	}()
	failures := 0
	for i := range n {
		if i == begin {
			middle <- struct{}{}
		}
		text := fmt.Sprintf("%s to %s, round %d, number %d", from, to, w.round, i)
		id, err := w.sendOne(&client, from, to, text)
		if err != nil {
			if failures++; failures > n/2 {
				return fmt.Errorf("%s: send %d: %w", from, i, err)
			}
			time.Sleep(100 * time.Millisecond)
			continue
		}
		got.mu.Lock()
		got.id[text] = id
		got.mu.Unlock()
	}
	return nil
}

func (w *world) sendOne(client **control.Client, from, to, text string) (string, error) {
	if *client == nil {
		c, err := w.dial(from)
		if err != nil {
			return "", err
		}
		*client = c
	}
	args, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	reply, err := (*client).Command(ctx, &controlv1.CommandRequest{Conversation: to, Name: "send", Args: args})
	if err != nil {
		(*client).Close()
		*client = nil
		return "", err
	}
	var sent struct{ ID string }
	if err := json.Unmarshal(reply.Result, &sent); err != nil || sent.ID == "" {
		return "", fmt.Errorf("answer %q", reply.Result)
	}
	return sent.ID, nil
}

// same NAME:CONVERSATION…: soon all of them hold what storm saw acknowledged,
// each exactly once, in the same order.
func cmdSame(ts *testscript.TestScript, _ bool, args []string) {
	w := theWorld(ts)
	end := time.Now().Add(2 * patience)
	for {
		err := w.agree(args, w.acked)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("same: %v", err)
		}
		time.Sleep(300 * time.Millisecond)
	}
}

func (w *world) agree(places []string, want map[string]string) error {
	var first []string
	for _, place := range places {
		name, conversation, _ := strings.Cut(place, ":")
		all, err := w.history(name, conversation)
		if err != nil {
			return err
		}
		left := maps.Clone(want)
		texts := map[string]bool{}
		var ids []string
		for _, m := range all {
			if texts[m.Text] {
				return fmt.Errorf("%s has %q twice", name, m.Text)
			}
			texts[m.Text] = true
			if id, ok := left[m.Text]; ok && id != m.ID {
				return fmt.Errorf("%s: %q has the id %s, send said %s", name, m.Text, m.ID, id)
			}
			delete(left, m.Text)
			if m.State == "waiting" || m.State == "pending" {
				return fmt.Errorf("%s still waits with %q", name, m.Text)
			}
			ids = append(ids, m.ID)
		}
		if len(left) > 0 {
			return fmt.Errorf("%s lacks %d of %d, as %q", name, len(left), len(want), slices.Sorted(maps.Keys(left))[0])
		}
		if first == nil {
			first = ids
		} else if !slices.Equal(first, ids) {
			return fmt.Errorf("%s and %s differ: %s", places[0], place, difference(first, ids))
		}
	}
	return nil
}

func difference(x, y []string) string {
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "at " + strconv.Itoa(i)
		}
	}
	return fmt.Sprintf("%d and %d messages", len(x), len(y))
}
