package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	contractv1 "switchboard/shared/contract/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testKey() ed25519.PublicKey {
	sum := sha256.Sum256([]byte("a network"))
	return ed25519.NewKeyFromSeed(sum[:]).Public().(ed25519.PublicKey)
}

func TestLink(t *testing.T) {
	l := Link{Addresses: []string{"127.0.0.1:4430", "chat.example.org:443", "[::1]:5"}, Network: "lab", Key: testKey(), Token: "abc_DEF-1"}
	got, err := ParseLink("  " + l.String() + "\n")
	if err != nil || got.String() != l.String() || !got.Key.Equal(l.Key) {
		t.Fatalf("%v, %v", got, err)
	}
	k := PrintKey(testKey())
	for _, bad := range []string{
		"", "nats://host:1", "host:4430", "https://example.org/", "switchboard://nowhere", "switchboard://h:1/lab",
		"switchboard://h:1/lab#i=x", "switchboard://h:1/lab#k=AAAA", "switchboard://h:1/lab#k=" + k[1:], "switchboard://h:1/LAB#k=" + k,
		"switchboard://h:1/*#k=" + k, "switchboard://h:1/..#k=" + k, "switchboard://h:0/lab#k=" + k, "switchboard://h:65536/lab#k=" + k,
		"switchboard://h/lab#k=" + k, "switchboard://:1/lab#k=" + k, "switchboard://u@h:1/lab#k=" + k, "switchboard://h h:1/lab#k=" + k,
		"switchboard://h:1,/lab#k=" + k, "switchboard://h:01/lab#k=" + k, "switchboard://h:1/lab#k=" + k + "&i=", "switchboard://h:1/lab#k=" + k + "&i=a.b",
		"switchboard://" + strings.Repeat("h:1,", 9) + "h:1/lab#k=" + k, "switchboard://h:1/lab#k=" + k + "&x=" + strings.Repeat("x", MaxLink),
	} {
		var e *Error
		if l, err := ParseLink(bad); !errors.As(err, &e) || e.Message == "" {
			t.Errorf("%q: %v, %v", bad, l, err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, ok := range []string{"a", "alice", "0", "a_b-c", strings.Repeat("a", 32)} {
		if !ValidName(ok) {
			t.Errorf("%q is refused", ok)
		}
	}
	for _, bad := range []string{"", "*", ">", ".", "..", "a.b", "a b", "A", "-a", "_a", "é", "a\n", "a\x00", strings.Repeat("a", 33)} {
		if ValidName(bad) {
			t.Errorf("%q is allowed", bad)
		}
	}
	if c := Conversation("bob", "alice"); c != "dm.alice.bob" || c != Conversation("alice", "bob") {
		t.Error(c)
	}
	if p, err := Peer("dm.alice.alice", "alice"); err != nil || p != "alice" {
		t.Error(p, err)
	}
	if _, err := Peer("dm.alice.bob", "eve"); AsError(err).Code != contractv1.Error_REFUSED {
		t.Error(err)
	}
	for _, bad := range []string{"", "dm", "dm.a", "dm.b.a", "dm.a.b.c", "room.a.b", "dm.*.b", "dm.a.>", "dm..b"} {
		if _, _, err := Members(bad); err == nil {
			t.Errorf("%q is a conversation", bad)
		}
	}
	if u, err := User(" Bob@lab ", "lab"); err != nil || u != "bob" {
		t.Error(u, err)
	}
	if id := DeviceID("UABC"); !ValidDevice(id) || id != DeviceID("UABC") {
		t.Error(id)
	}
	for key, want := range map[string]bool{"draft": true, "read.cursor": true, "": false, ".": false, "a.": false, ".a": false,
		"a..b": false, "A": false, "a b": false, "*": false, "a/b": false, strings.Repeat("a", 65): false} {
		if ValidStateKey(key) != want {
			t.Errorf("state key %q: want %v", key, want)
		}
	}
}

// TestGrants fixes what a connection may do: every subject ends in tokens that
// are the connection's own, and none grows with what its user has.
func TestGrants(t *testing.T) {
	pub, sub := Grants("alice", "dddddddddddd")
	want := "post.*.*.alice.dddddddddddd box.alice.dddddddddddd dir.*.alice.dddddddddddd sig.*.*.alice.dddddddddddd"
	if got := strings.Join(pub, " "); got != want {
		t.Error(got)
	}
	want = "live.dm.alice.* live.dm.*.alice in.alice.dddddddddddd.> in.alice.me.* in.alice.room.* eph.alice.> pres.alice.*"
	if got := strings.Join(sub, " "); got != want {
		t.Error(got)
	}
}

func TestDecode(t *testing.T) {
	var p Page
	for _, bad := range []string{"", "{", `{"after":1}`, `{"x":1}`, `{}{}`, `{} x`, "null x", strings.Repeat(" ", 17<<10) + "{}"} {
		if Decode([]byte(bad), &p) == nil {
			t.Errorf("%.20q is read", bad)
		}
	}
	if err := Decode([]byte(`{"after":"bob"}`), &p); err != nil || p.After != "bob" {
		t.Error(p, err)
	}
}

func TestRooms(t *testing.T) {
	for id, want := range map[string]bool{
		"abcdefghij234567": true, strings.Repeat("a", 26): true, strings.Repeat("a", 27): false, "abcdefghij23456": false, "": false,
		"abcdefghij23456*": false, "abcdefghij.34567": false, "ABCDEFGHIJ234567": false, "abcdefghij234567\n": false, "abcdefghij-34567": false,
	} {
		if got, ok := Room("room." + id); ok != want || ok && got != id {
			t.Errorf("%q: %v", id, ok)
		}
	}
	for conv, want := range map[string]string{
		"room.abcdefghij234567": "post.room.abcdefghij234567.alice.dddddddddddd", "dm.alice.bob": "post.dm.bob.alice.dddddddddddd",
		"dm.bob.chris": "", "room.x": "", "": "",
	} {
		if got, err := PostTo(conv, "alice", "dddddddddddd"); got != want || (err == nil) != (want != "") {
			t.Errorf("%q is posted to %q: %v", conv, got, err)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	k := PrintKey(testKey())
	f.Add("switchboard://127.0.0.1:4430/lab#k=" + k + "&i=abc")
	f.Add("switchboard://a:1,b:2,[::1]:3/lab#k=" + k)
	f.Add("switchboard://%2f:1/lab#k=" + k)
	f.Add("switchboard://h:1/lab#i=x&k=" + k + "&k=" + k)
	f.Fuzz(func(t *testing.T, s string) {
		l, err := ParseLink(s)
		if err != nil {
			return
		}
		if !ValidName(l.Network) || len(l.Key) != ed25519.PublicKeySize || len(l.Addresses) == 0 || len(l.Addresses) > maxAddresses ||
			(l.Token != "" && !ValidToken(l.Token)) {
			t.Fatalf("%q reads as %+v", s, l)
		}
		again, err := ParseLink(l.String())
		if err != nil || again.String() != l.String() {
			t.Fatalf("%q prints as %q: %v", s, l.String(), err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"op":"new","token":"x","user":"alice","name":"Alice"}`))
	f.Add([]byte(`{"op":"page","conversation":"dm.a.b","from":9223372036854775807}`))
	f.Add([]byte(`{"status":1,"capabilities":["im/1"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []any{&Register{}, &BoxRequest{}, &Announce{}, &Page{}} {
			if err := Decode(data, v); err != nil && AsError(err).Message == "" {
				t.Fatal("an error without a sentence")
			}
		}
	})
}

func FuzzSubjects(f *testing.F) {
	f.Add("dm.alice.bob", "bob@lab", "read.cursor")
	f.Add("dm.*.>", "*", "..")
	f.Add("room.abcdefghij234567abcd", "a.b@lab", "x")
	f.Add("room.*", "room@lab", "a/b")
	f.Fuzz(func(t *testing.T, conversation, address, key string) {
		if lo, hi, err := Members(conversation); err == nil && Conversation(lo, hi) != conversation {
			t.Fatalf("%q is not what it is made of", conversation)
		}
		if room, ok := Room(conversation); ok && (RoomConversation(room) != conversation || strings.ContainsAny(room, ".*> \t\r\n\x00")) {
			t.Fatalf("%q is not what it is made of", conversation)
		}
		if subject, err := PostTo(conversation, "alice", "dddddddddddd"); err == nil && strings.Count(subject, ".") != 4 {
			t.Fatalf("%q is posted to %q", conversation, subject)
		}
		for _, s := range []string{conversation, address, key} {
			if user, err := User(s, "lab"); err == nil && strings.ContainsAny(user, ".*> \t\r\n\x00") {
				t.Fatalf("user %q", user)
			}
			if ValidStateKey(s) && strings.ContainsAny(strings.ReplaceAll(s, ".", "/"), ".*> \t\r\n\x00") {
				t.Fatalf("key %q", s)
			}
		}
	})
}

func TestCertificateRules(t *testing.T) {
	if LeafLife < 24*time.Hour {
		t.Error("a certificate must outlive a run")
	}
	if err := ClientTLS(testKey()).VerifyConnection; err == nil {
		t.Error("nobody looks at the certificate")
	}
}
