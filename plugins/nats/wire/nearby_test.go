package wire

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"unicode"
)

func TestNotice(t *testing.T) {
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := Notice{Network: "lab", Key: key, Owner: "Zoë \u202eevil\x00 " + strings.Repeat("é", 100), Computer: "pc\n1", Approval: true}
	for _, s := range n.Text() {
		if len(s) > 255 || strings.IndexFunc(s, func(r rune) bool { return r > 126 || r < 32 }) >= 0 {
			t.Errorf("%q", s)
		}
	}
	got, err := ParseNotice(n.Text())
	if err != nil || got.Network != "lab" || !got.Key.Equal(key) || got.Computer != "pc1" || !got.Approval {
		t.Fatalf("%+v, %v", got, err)
	}
	if !strings.HasPrefix(got.Owner, "Zoë evil") || len(got.Owner) > MaxDisplayName {
		t.Errorf("the owner: %q", got.Owner)
	}
	for _, bad := range [][]string{nil, {"v=1"}, {"v=2", "n=lab", "k=" + PrintKey(key)}, {"v=1", "n=LAB", "k=" + PrintKey(key)},
		{"v=1", "n=lab", "k=x"}, {"v=1", "n=lab", "k=" + PrintKey(key), "o=%"}, make([]string, 17)} {
		if _, err := ParseNotice(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestRecord(t *testing.T) {
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, _, _ := ed25519.GenerateKey(nil)
	data, err := Record{Network: "lab", Seq: 7, Addresses: []string{"10.0.0.1:4430"}, TimeMS: 5}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	r, err := OpenRecord(data, pub)
	if err != nil || r.Seq != 7 || r.Addresses[0] != "10.0.0.1:4430" {
		t.Fatal(r, err)
	}
	if got, ok := MovedRecord(MovedLine(data)); !ok || !bytes.Equal(got, data) {
		t.Error("the line does not carry the record")
	}
	if _, ok := MovedRecord("INFO {}"); ok {
		t.Error("a greeting is taken for a move")
	}
	if _, err := OpenRecord(data, other); !errors.Is(err, ErrRecord) {
		t.Error("another key's record is taken")
	}
	if _, err := OpenRecord(bytes.Replace(data, []byte(`"seq":7`), []byte(`"seq":8`), 1), pub); !errors.Is(err, ErrRecord) {
		t.Error("a changed record is taken")
	}
	if bad, err := (Record{Network: "lab", Addresses: []string{"not an address"}}).Sign(key); err != nil {
		t.Fatal(err)
	} else if _, err := OpenRecord(bad, pub); err == nil {
		t.Error("an address that is none is taken")
	}
}

func TestDigits(t *testing.T) {
	a, _, _ := ed25519.GenerateKey(nil)
	b, _, _ := ed25519.GenerateKey(nil)
	mine, theirs := bytes.Repeat([]byte{1}, NonceBytes), bytes.Repeat([]byte{2}, NonceBytes)
	j := Joining{Network: a, Device: "UKEY", User: "bob", Computer: "pc"}
	d := j.Digits(mine, theirs)
	if len(d) != 6 || d != j.Digits(mine, theirs) {
		t.Fatalf("%q", d)
	}
	between := j
	between.Network = b // who stands between shows its own key
	if between.Digits(mine, theirs) == d || j.Digits(theirs, mine) == d {
		t.Error("other keys and nonces, the same digits")
	}
	if !j.Keeps(j.Commit(mine), mine) || j.Keeps(j.Commit(mine), theirs) || between.Keeps(j.Commit(mine), mine) || j.Keeps(j.Commit(nil), nil) {
		t.Error("a commitment binds nothing")
	}
	if (Joining{User: "ab", Computer: "c"}).Commit(mine) == (Joining{User: "a", Computer: "bc"}).Commit(mine) {
		t.Error("names run into each other")
	}
}

func FuzzParseNotice(f *testing.F) {
	key := make(ed25519.PublicKey, ed25519.PublicKeySize)
	f.Add(strings.Join(Notice{Network: "lab", Key: key, Owner: "Ann", Computer: "pc"}.Text(), "\n"))
	f.Add("v=1\nn=lab\nk=\no=____")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseNotice(strings.Split(text, "\n"))
		if err != nil {
			return
		}
		for _, s := range []string{n.Owner, n.Computer} {
			if len(s) > MaxDisplayName || strings.IndexFunc(s, unicode.IsControl) >= 0 {
				t.Errorf("%q", s)
			}
		}
	})
}

func FuzzOpenRecord(f *testing.F) {
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	good, err := Record{Network: "lab", Seq: 1, Addresses: []string{"h:1"}}.Sign(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"record":{},"signature":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := OpenRecord(data, pub); err == nil && r.Key != PrintKey(pub) {
			t.Errorf("%+v", r)
		}
	})
}
