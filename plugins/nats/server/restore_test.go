package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"switchboard/plugins/nats/client"
	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

// TestARestoredNetworkGoesOn: a backup is made while people talk; they go on
// talking, the disk is lost, the backup comes back. Nobody signs up again, what
// was in the backup is there, and what is said afterwards reaches hosts that had
// read further than the backup goes.
func TestARestoredNetworkGoesOn(t *testing.T) {
	listen := free(t)
	s := start(t, server.Options{Folder: t.TempDir(), Network: "lab", Listen: listen})
	a, b := owner(t, s, "alice"), join(t, s, "bob")
	p, q := signIn(t, a), signIn(t, b)
	befriend(t, p, q)
	conv := "dm.alice.bob"
	for n := range 20 {
		p.say(conv, fmt.Sprint("before ", n))
	}
	var file bytes.Buffer
	if err := s.Backup(short(t), &file, "nothing.here"); err != nil {
		t.Fatal(err)
	}
	for n := range 20 { // lost with the disk, but read
		p.say(conv, fmt.Sprint("after ", n))
	}
	had := q.waitEntries(conv, 40)
	newest := had[len(had)-1].Seq
	s.Close()

	for name, bad := range map[string][]byte{"cut": file.Bytes()[:file.Len()-2048], "short": file.Bytes()[:file.Len()/2], "empty": nil,
		"changed": bytes.Replace(bytes.Clone(file.Bytes()), []byte(`"network":"lab"`), []byte(`"network":"lob"`), 1)} {
		folder := t.TempDir()
		if _, err := server.Restore(short(t), folder, bytes.NewReader(bad), false); err == nil {
			t.Errorf("a backup that is %s is taken", name)
		}
		if _, err := os.Stat(filepath.Join(folder, "network.key")); err == nil {
			t.Errorf("a backup that is %s leaves a network", name)
		}
	}
	folder := t.TempDir()
	r, err := server.Restore(short(t), folder, bytes.NewReader(file.Bytes()), false)
	if err != nil || r.Network != "lab" || r.Moved || !r.Key.Equal(a.Key) {
		t.Fatalf("%+v, %v", r, err)
	}
	s = start(t, server.Options{Folder: folder, Network: "lab", Listen: listen})
	mark := q.mark()
	q.waitFrom(mark, "connected again", connection(contractv1.ConnectionChanged_CONNECTED))
	if seq := p.say(conv, "a new beginning"); seq <= newest+1<<21 {
		t.Fatalf("the new entry has %d, hosts have read up to %d", seq, newest)
	}
	got := q.waitEntries(conv, 41)
	if last := got[len(got)-1]; string(last.Body) != "a new beginning" || last.Seq <= newest {
		t.Fatalf("bob reads %q at %d", last.Body, last.Seq)
	}
	fresh := signIn(t, b) // a host that has nothing gets what the backup had, and what is new
	all := fresh.waitEntries(conv, 21)
	same(t, append(append([]*contractv1.Envelope{}, had[:20]...), got[40]), all)
	// The same over what is there: the network before is kept aside.
	s.Close()
	if _, err := server.Restore(short(t), folder, bytes.NewReader(file.Bytes()), false); err != nil {
		t.Fatal(err)
	}
	if kept, _ := filepath.Glob(filepath.Join(folder, "store.before-*")); len(kept) != 1 {
		t.Errorf("what was there is %v", kept)
	}
	other := t.TempDir()
	start(t, server.Options{Folder: other}).Close()
	if _, err := server.Restore(short(t), other, bytes.NewReader(file.Bytes()), false); err == nil || !strings.Contains(err.Error(), "another network") {
		t.Errorf("over another network: %v", err)
	}
	if _, err := server.Restore(short(t), t.TempDir(), bytes.NewReader(file.Bytes()), true); err == nil || !strings.Contains(err.Error(), "restore") {
		t.Errorf("a backup is adopted: %v", err)
	}
}

// TestAMovedNetworkIsFollowed: the network moves to another folder and address.
// The old place says where it is, never carries it again, and clients go over.
func TestAMovedNetworkIsFollowed(t *testing.T) {
	old, fresh := t.TempDir(), t.TempDir()
	from, to := free(t), free(t)
	o := server.Options{Folder: old, Network: "lab", Door: true}
	s := start(t, o)
	if _, err := s.SetDoor(server.Door{Addresses: []string{from}}); err != nil {
		t.Fatal(err)
	}
	a := owner(t, s, "alice")
	var record []byte
	p := &peer{t: t, a: a, changed: make(chan struct{})}
	recorded := make(chan []byte, 10)
	c, err := client.SignIn(client.Options{Account: a, Dial: dial, Emit: p.emit, Record: func(r []byte) error { recorded <- r; return nil }}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.c = c
	t.Cleanup(p.leave)
	record = <-recorded
	first, err := wire.OpenRecord(record, a.Key)
	if err != nil || len(first.Addresses) != 1 || first.Addresses[0] != from {
		t.Fatalf("%+v, %v", first, err)
	}
	p.wait("connected", connection(contractv1.ConnectionChanged_CONNECTED))
	p.say("dm.alice.alice", "kept")
	s.Close()

	var file bytes.Buffer
	broken := errors.New("the disk is full")
	if err := server.Move(short(t), o, io.Discard, nil, func() error { return broken }); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if m, err := server.LoadMoved(old); m != nil || err != nil {
		t.Fatalf("a move that failed is one: %v, %v", m, err)
	}
	if err := server.Move(short(t), o, &file, []string{to}, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Start(o); !errors.Is(err, server.ErrMoved) {
		t.Fatalf("the old place carries it again: %v", err)
	}
	if _, err := server.Restore(short(t), old, bytes.NewReader(file.Bytes()), false); !errors.Is(err, server.ErrMoved) {
		t.Errorf("restored in the old place: %v", err)
	}
	if _, err := os.Stat(filepath.Join(old, "network.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the key stays behind: %v", err)
	}
	m, err := server.LoadMoved(old)
	if err != nil || len(m.Old) != 1 || m.Old[0] != from {
		t.Fatalf("%+v, %v", m, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	told := make(chan struct{})
	go func() { defer close(told); m.Tell(ctx, m.Old, hclog.NewNullLogger()) }()
	defer func() { cancel(); <-told }()

	if _, err := server.Restore(short(t), fresh, bytes.NewReader(file.Bytes()), true); err != nil {
		t.Fatal(err)
	}
	n := start(t, server.Options{Folder: fresh, Network: "lab", Door: true})
	mark := p.mark()
	if _, err := n.SetDoor(server.Door{Addresses: []string{to}}); err != nil {
		t.Fatal(err)
	}
	second, err := wire.OpenRecord(<-recorded, a.Key)
	if err != nil || second.Seq <= first.Seq || second.Addresses[0] != to {
		t.Fatalf("%+v after %+v, %v", second, first, err)
	}
	p.waitFrom(mark, "connected again", connection(contractv1.ConnectionChanged_CONNECTED))
	if p.say("dm.alice.alice", "and more") == 0 || len(p.waitEntries("dm.alice.alice", 2)) != 2 {
		t.Fatal("nothing is there")
	}
}
