package client

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func account(t testing.TB) *Account {
	t.Helper()
	seed, err := NewSeed()
	if err != nil {
		t.Fatal(err)
	}
	return &Account{User: "alice", Name: "Alice", Device: "aaaaaaaaaaaa", Network: "lab", Key: make([]byte, 32),
		Addresses: []string{"127.0.0.1:1"}, Seed: seed}
}

func TestAccountIsReadAsItWasStored(t *testing.T) {
	a := account(t)
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseAccount(data)
	if err != nil || got.Address() != "alice@lab" || got.Contract().Device != a.Device {
		t.Fatalf("%v, %v", got, err)
	}
	if len(data) > contractv1.MaxSecret {
		t.Errorf("an account has %d bytes", len(data))
	}
	for _, bad := range []string{"", "{}", `{"user":"*","network":"lab"}`, "nonsense"} {
		if _, err := ParseAccount([]byte(bad)); err == nil {
			t.Errorf("%q is an account", bad)
		}
	}
}

// TestRetriesAreHonestAndComeAtOnceWhenAsked: while nothing answers, every
// OFFLINE names a time not later than the longest wait, the waits grow, and a
// call ends them.
func TestRetriesAreHonestAndComeAtOnceWhenAsked(t *testing.T) {
	var mu sync.Mutex
	var tries []time.Time
	offline := make(chan *contractv1.ConnectionChanged, 100)
	o := Options{
		Account: account(t),
		Dial: func(context.Context, string, string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			tries = append(tries, time.Now())
			return nil, errors.New("no route")
		},
		Emit: func(_ context.Context, e *contractv1.NetEvent) error {
			if c := e.GetConnection(); c.GetState() == contractv1.ConnectionChanged_OFFLINE {
				offline <- c
			}
			return nil
		},
	}
	c, err := SignIn(o, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	longest := time.Duration(0)
	for range 4 {
		e := <-offline
		wait := time.Until(time.UnixMilli(e.RetryMs))
		if wait > maxRetry || e.Detail == "" {
			t.Errorf("the next try comes in %v: %q", wait, e.Detail)
		}
		longest = max(longest, wait)
	}
	if longest < firstRetry {
		t.Errorf("the longest wait was %v", longest)
	}
	mu.Lock()
	before := len(tries)
	mu.Unlock()
	began := time.Now()
	reply, err := c.Post(context.Background(), &contractv1.Post{Conversation: "dm.alice.bob", Envelopes: []*contractv1.Envelope{{Id: "x"}}})
	if err != nil || reply.Results[0].GetRetry() == nil {
		t.Fatalf("%v, %v", reply, err)
	}
	<-offline
	mu.Lock()
	if len(tries) == before {
		t.Error("a call does not bring a try")
	}
	mu.Unlock()
	if d := time.Since(began); d > time.Second {
		t.Errorf("the try came after %v", d)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c.SignOut(ctx)
	if ctx.Err() != nil {
		t.Error("signing out hangs")
	}
}

// TestNobodyThere: the sentence names the address once.
func TestNobodyThere(t *testing.T) {
	dial := func(_ context.Context, _, a string) (net.Conn, error) {
		return nil, errors.New("dial " + a + ": could not reach " + a + ": connection refused")
	}
	_, err := secure(t.Context(), dial, Places{Addresses: []string{"10.0.0.7:4430"}}, nil)
	if want := "The server at 10.0.0.7:4430 cannot be reached (connection refused)."; err == nil || err.Error() != want {
		t.Fatalf("%v, not %q", err, want)
	}
}

func TestForeignConversationsNeverLeave(t *testing.T) {
	c := &Client{o: Options{Account: account(t)}, poked: make(chan struct{}, 1)}
	if _, err := c.Post(context.Background(), &contractv1.Post{Conversation: "dm.bob.carol"}); wire.AsError(err).Code != contractv1.Error_REFUSED {
		t.Error(err)
	}
	if err := c.SetState(context.Background(), &contractv1.NetState{}); wire.AsError(err).Code != contractv1.Error_UNAVAILABLE {
		t.Error(err)
	}
}

func FuzzParseAccount(f *testing.F) {
	data, err := json.Marshal(account(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"user":"a","device":"aaaaaaaaaaaa","network":"n","key":"AAAA","seed":"AA"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := ParseAccount(data); err == nil && (!wire.ValidName(a.User) || len(a.Key) != 32) {
			t.Errorf("%q reads as %+v", data, a)
		}
	})
}

func FuzzReadLive(f *testing.F) {
	body, err := proto.Marshal(&contractv1.Envelope{Id: "x", Body: []byte("hello")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("live.dm.alice.bob", "5", "4", body)
	f.Add("live.", "-1", "x", []byte{0xff})
	f.Fuzz(func(t *testing.T, subject, seq, last string, data []byte) {
		m := nats.NewMsg(subject)
		m.Header.Set("Nats-Sequence", seq)
		m.Header.Set("Nats-Last-Sequence", last)
		m.Data = data
		if e, ok := readLive(m); ok && e.Envelope == nil {
			t.Error("an entry of nothing")
		}
	})
}
