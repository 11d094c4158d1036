package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	contractv1 "switchboard/shared/contract/v1"
)

// The crowd that comes online. make soak tries ten thousand; SWITCHBOARD_CROWD
// is another number.
const (
	crowdSoak     = 10000
	crowdTest     = 300
	crowdContacts = 50
	crowdProcess  = 2500 // clients of one process
	crowdAtOnce   = 64   // that connect at the same time, of one process
)

func init() { roles["crowd"] = crowdRole }

// crowdTask is what a process of clients is told.
type crowdTask struct {
	Accounts []*client.Account
	Contacts int
}

// onlooker counts the contacts that a client sees as here.
type onlooker struct {
	mu    sync.Mutex
	here  map[string]bool
	want  int
	in    func() // connected, once
	all   func() // sees everybody, once
	isIn  bool
	isAll bool
}

func (o *onlooker) emit(_ context.Context, e *contractv1.NetEvent) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p := e.GetPresence(); p != nil && !p.Mine {
		if p.Status == contractv1.SetPresence_AVAILABLE {
			o.here[p.Address] = true
		} else {
			delete(o.here, p.Address)
		}
	}
	if !o.isIn && e.GetConnection().GetState() == contractv1.ConnectionChanged_CONNECTED {
		o.isIn = true
		o.in()
	}
	if !o.isAll && o.isIn && len(o.here) == o.want {
		o.isAll = true
		o.all()
	}
	return nil
}

// crowdRole is many devices. It says when all are connected, and when each sees
// all of its contacts.
func crowdRole() {
	task := crowdTask{}
	in := bufio.NewReader(os.Stdin)
	if err := json.NewDecoder(in).Decode(&task); err != nil {
		fail(err)
	}
	var connected, seen sync.WaitGroup
	connected.Add(len(task.Accounts))
	seen.Add(len(task.Accounts))
	slots := make(chan struct{}, crowdAtOnce)
	go func() {
		for _, a := range task.Accounts {
			slots <- struct{}{}
			o := &onlooker{here: map[string]bool{}, want: task.Contacts, all: seen.Done,
				in: func() { <-slots; connected.Done() }}
			if _, err := client.SignIn(client.Options{Account: a, Dial: dial, Emit: o.emit}, nil,
				&contractv1.SetPresence{Status: contractv1.SetPresence_AVAILABLE, Capabilities: []string{"im/1"}}); err != nil {
				fail(err)
			}
		}
	}()
	connected.Wait()
	fmt.Println("ready connected")
	seen.Wait()
	fmt.Println("ready seen")
	_, _ = io.Copy(io.Discard, in)
	os.Exit(0)
}

// crowdSize is how many clients come, within what this computer lets a process open.
func crowdSize(t *testing.T) int {
	t.Helper()
	n := crowdTest
	if os.Getenv("SWITCHBOARD_SOAK") != "" {
		n = crowdSoak
	}
	if text := os.Getenv("SWITCHBOARD_CROWD"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 2*crowdContacts {
			t.Fatalf("SWITCHBOARD_CROWD=%s is not a number of clients from %d on", text, 2*crowdContacts)
		}
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	need := uint64(n + 500)
	if limit.Max < need { // allowed to root
		limit = unix.Rlimit{Cur: need, Max: need}
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatalf("a server with %d clients opens %d files, which is more than allowed here (%v): run it as root, or raise `ulimit -Hn`", n, need, err)
		}
	}
	return n
}

// TestCrowdSoak: many people with 50 contacts each come online at one server, over
// TLS and TCP, and all see all of their contacts. Printed: time, and the
// processor time and memory of server and clients.
func TestCrowdSoak(t *testing.T) {
	n := crowdSize(t)
	folder := t.TempDir()
	accounts := settle(t, folder, n)
	s, l := serve(t, folder, "")
	before := usage(t, s)
	for _, a := range accounts {
		a.Addresses = l.Addresses
	}
	began := time.Now()
	var crowds []*child
	for i := 0; i < n; i += crowdProcess {
		c := spawn(t, "crowd")
		c.start()
		if err := json.NewEncoder(c.in).Encode(crowdTask{accounts[i:min(n, i+crowdProcess)], crowdContacts}); err != nil {
			t.Fatal(err)
		}
		crowds = append(crowds, c)
	}
	limit := 30*time.Second + time.Duration(n)*30*time.Millisecond
	for _, what := range []string{"connected", "seen"} {
		for _, c := range crowds {
			if line, err := c.line(limit - time.Since(began)); err != nil || line != "ready "+what {
				t.Fatalf("not all of the %d are %s after %v: %q, %v", n, what, time.Since(began).Round(time.Second), line, err)
			}
		}
		t.Logf("%d clients %s after %v", n, what, time.Since(began).Round(10*time.Millisecond))
	}
	after := usage(t, s)
	var clients used
	for _, c := range crowds {
		u := usage(t, c)
		clients.cpu += u.cpu
		clients.memory += u.memory
	}
	t.Logf("server: %.1f s of processor, %d MB (%d MB before, %d MB at most), %.1f KB a client", (after.cpu - before.cpu).Seconds(),
		after.memory>>20, before.memory>>20, after.peak>>20, float64(after.memory-before.memory)/1024/float64(n))
	t.Logf("clients: %.1f s of processor, %d MB in %d processes", clients.cpu.Seconds(), clients.memory>>20, len(crowds))
	if most := int64(150<<20 + n*256<<10); after.peak > most {
		t.Errorf("the server took %d MB, more than %d MB", after.peak>>20, most>>20)
	}
	began = time.Now()
	for _, c := range crowds {
		c.kill()
	}
	s.end()
	t.Logf("all are killed, the server ends %v after", time.Since(began).Round(10*time.Millisecond))
}

// settle writes a network with n people who have crowdContacts friends each.
func settle(t *testing.T, folder string, n int) []*client.Account {
	t.Helper()
	s := start(t, server.Unsafely(server.Options{Folder: folder}))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user%05d", i)
	}
	var pairs [][2]string
	for i := range n {
		for k := range crowdContacts / 2 {
			pairs = append(pairs, [2]string{names[i], names[(i+1+k)%n]})
		}
	}
	seeds, err := s.Settle(ctx, names, pairs)
	if err != nil {
		t.Fatal(err)
	}
	var accounts []*client.Account
	for i, name := range names {
		accounts = append(accounts, account(s, name, seeds[i], t))
	}
	s.Close()
	return accounts
}

type used struct {
	cpu          time.Duration
	memory, peak int64
}

// usage reads what a process has used.
func usage(t *testing.T, c *child) used {
	t.Helper()
	pid := c.cmd.Process.Pid
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var u used
	for _, f := range fields[11:13] { // user and system time, in hundredths
		ticks, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		u.cpu += time.Duration(ticks) * 10 * time.Millisecond
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch key {
		case "VmRSS":
			u.memory = kb << 10
		case "VmHWM":
			u.peak = kb << 10
		}
	}
	if u.memory == 0 {
		t.Fatalf("the memory of process %d is unknown", pid)
	}
	return u
}
