package session

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"switchboard/shared/model"
)

const ab = "dm.a.b"

var imKey = model.SessionKey{Conversation: ab, Session: "im"}

// threeDevices are a with two devices and b with one.
func threeDevices(t *testing.T) (*network, []*host) {
	n := newNetwork()
	return n, []*host{newHost(t, n, "a@n", "a1"), newHost(t, n, "a@n", "a2"), newHost(t, n, "b@n", "b1")}
}

// agree waits until all devices have the same log and every acknowledged text
// in it exactly once.
func agree(t *testing.T, hosts []*host, acked []string) {
	t.Helper()
	for _, h := range hosts {
		h.connect()
	}
	n := hosts[0].n
	eventually(t, "all devices have everything", func() bool {
		for _, h := range hosts {
			must(t, h.e.askAfter(func(e *Engine) { e.dirty = true })) // what is published is of now
		}
		n.mu.Lock()
		var want []string
		for _, e := range n.logs[ab] {
			want = append(want, fmt.Sprintf("%d:%s", e.GetSeq(), e.GetBody()))
		}
		n.mu.Unlock()
		for _, h := range hosts {
			if h.e.Queued() > 0 || !slices.Equal(h.log("im", imKey), want) {
				return false
			}
		}
		return true
	})
	count := map[string]int{}
	for _, line := range hosts[0].log("im", imKey) {
		_, text, _ := strings.Cut(line, ":")
		count[text]++
	}
	for _, text := range acked {
		if count[text] != 1 {
			t.Errorf("%q is there %d times", text, count[text])
		}
	}
	for text, c := range count {
		if c > 1 {
			t.Errorf("%q is there %d times", text, c)
		}
	}
	for _, h := range hosts {
		h.mu.Lock()
		for id, d := range h.data {
			d.mu.Lock()
			for _, f := range d.faults {
				t.Errorf("%s/%s %s: %s", h.address, h.device, id, f)
			}
			d.mu.Unlock()
		}
		h.mu.Unlock()
	}
}

func TestMessagesGoEverywhereInOneOrder(t *testing.T) {
	_, hosts := threeDevices(t)
	for _, h := range hosts {
		h.connect()
	}
	var acked []string
	for i := range 30 {
		text := fmt.Sprint("m", i)
		_, err := hosts[i%3].send(ab, text)
		must(t, err)
		acked = append(acked, text)
	}
	agree(t, hosts, acked)
}

func TestOfflineMessagesWaitAndKeepTheirOrder(t *testing.T) {
	_, hosts := threeDevices(t)
	var acked []string
	for i := range 100 {
		text := fmt.Sprint("m", i)
		_, err := hosts[0].send(ab, text)
		must(t, err)
		acked = append(acked, text)
	}
	eventually(t, "100 wait", func() bool { return hosts[0].e.Queued() == 100 })
	agree(t, hosts, acked)
	var order []string
	for _, line := range hosts[2].log("im", imKey) {
		_, text, _ := strings.Cut(line, ":")
		order = append(order, text)
	}
	if !slices.Equal(order, acked) {
		t.Fatalf("another order: %v", order)
	}
	if hosts[0].n.posts > 6 {
		t.Errorf("100 entries took %d posts", hosts[0].n.posts)
	}
}

// TestNothingIsLostOrDoubled kills plugins, hosts and the network at random
// while all devices write.
func TestNothingIsLostOrDoubled(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { storm(t, seed) })
	}
}

func storm(t *testing.T, seed uint64) {
	n, hosts := threeDevices(t)
	var dropMu sync.Mutex
	dropRand := rand.New(rand.NewPCG(seed, 1))
	n.drop = func() bool {
		dropMu.Lock()
		defer dropMu.Unlock()
		return dropRand.IntN(5) == 0
	}
	for _, h := range hosts {
		h.connect()
	}
	var mu sync.Mutex
	var acked []string
	var writers sync.WaitGroup
	gates := make([]sync.RWMutex, len(hosts)) // a crash waits for nobody, but replaces the engine
	for i, h := range hosts {
		writers.Go(func() {
			for k := range 25 {
				text := fmt.Sprintf("%s-%d", h.device, k)
				gates[i].RLock()
				_, err := h.send(ab, text)
				gates[i].RUnlock()
				if err == nil {
					mu.Lock()
					acked = append(acked, text)
					mu.Unlock()
				}
			}
		})
	}
	stop := make(chan struct{})
	var chaos sync.WaitGroup
	chaos.Go(func() { havoc(seed, hosts, gates, stop) })
	writers.Wait()
	close(stop)
	chaos.Wait()
	n.mu.Lock()
	n.drop = nil
	n.mu.Unlock()
	if len(acked) == 0 {
		t.Fatal("nothing was acknowledged")
	}
	for _, h := range hosts { // a fresh start, as after the night
		h.disconnect()
	}
	agree(t, hosts, acked)
}

// havoc kills plugins, cuts cables and crashes hosts until stop.
func havoc(seed uint64, hosts []*host, gates []sync.RWMutex, stop chan struct{}) {
	r := rand.New(rand.NewPCG(seed, 2))
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(r.IntN(12)) * time.Millisecond):
		}
		i := r.IntN(len(hosts))
		h := hosts[i]
		switch r.IntN(4) {
		case 0, 1:
			h.kill("im", errors.New("killed"))
		case 2:
			h.disconnect()
			h.connect()
		case 3:
			gates[i].Lock()
			h.crash()
			gates[i].Unlock()
			h.connect()
		}
	}
}

// TestCrashInTheMiddleOfSending loses the host right after the network has
// stored entries whose answers it never saw.
func TestCrashInTheMiddleOfSending(t *testing.T) {
	n, hosts := threeDevices(t)
	var acked []string
	for i := range 10 {
		text := fmt.Sprint("m", i)
		_, err := hosts[0].send(ab, text)
		must(t, err)
		acked = append(acked, text)
	}
	before := filepath.Join(t.TempDir(), "before")
	hosts[0].snapshot(before)
	hosts[0].connect()
	eventually(t, "stored", func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.logs[ab]) == 10 })
	hosts[0].restore(before) // ten entries still wait in there
	eventually(t, "10 wait", func() bool { return hosts[0].e.Queued() == 10 })
	n.mu.Lock()
	n.posts = 0
	n.mu.Unlock()
	agree(t, hosts, acked)
	if n.posts != 0 {
		t.Error("entries that catch-up had shown were posted again")
	}
}

// TestProfileOfYesterday goes on with an older copy of the host's store, while
// the plugin's own data is today's.
func TestProfileOfYesterday(t *testing.T) {
	_, hosts := threeDevices(t)
	for _, h := range hosts {
		h.connect()
	}
	var acked []string
	say := func(h *host, text string) {
		_, err := h.send(ab, text)
		must(t, err)
		acked = append(acked, text)
	}
	for i := range 10 {
		say(hosts[i%3], fmt.Sprint("old", i))
	}
	agree(t, hosts, acked)
	yesterday := filepath.Join(t.TempDir(), "yesterday")
	hosts[0].snapshot(yesterday)
	for i := range 20 {
		say(hosts[i%3], fmt.Sprint("new", i))
	}
	agree(t, hosts, acked)
	hosts[0].restore(yesterday)
	say(hosts[0], "and on")
	agree(t, hosts, acked)
}
