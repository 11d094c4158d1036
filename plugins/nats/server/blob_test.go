package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"switchboard/plugins/nats/server"
	"switchboard/plugins/nats/wire"
	contractv1 "switchboard/shared/contract/v1"
)

func content(t testing.TB, n int) ([]byte, string) {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	h := sha256.Sum256(b)
	return b, hex.EncodeToString(h[:])
}

func part(b []byte, hash string, at int, ttl uint32) *contractv1.BlobPut {
	return &contractv1.BlobPut{Hash: hash, Size: int64(len(b)), Offset: int64(at), TtlS: ttl,
		Data: b[at:min(len(b), at+contractv1.MaxBlobPart)]}
}

func put(t testing.TB, p *peer, b []byte, hash string, ttl uint32) *contractv1.BlobStored {
	t.Helper()
	var got *contractv1.BlobStored
	for at := 0; at < len(b); at += contractv1.MaxBlobPart {
		var err error
		if got, err = p.c.BlobPut(short(t), part(b, hash, at, ttl)); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

func get(ctx context.Context, p *peer, hash string) ([]byte, error) {
	var all []byte
	for {
		g, err := p.c.BlobGet(ctx, &contractv1.BlobGet{Hash: hash, Offset: int64(len(all))})
		if err != nil {
			return nil, err
		}
		if all = append(all, g.Data...); len(g.Data) == 0 || int64(len(all)) >= g.Size {
			return all, nil
		}
	}
}

func code(err error) contractv1.Error_Code {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return contractv1.Error_CODE_UNSPECIFIED
}

func TestBlobsComeInPartsAndGoOn(t *testing.T) {
	folder := t.TempDir()
	s := start(t, server.Options{Folder: folder})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	b, hash := content(t, 3*contractv1.MaxBlobPart+17)
	if _, err := alice.c.BlobPut(short(t), part(b, hash, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := get(short(t), bob, hash); code(err) != contractv1.Error_NOT_FOUND {
		t.Fatalf("half a blob was given out: %v", err)
	}
	at, err := alice.c.BlobPut(short(t), &contractv1.BlobPut{Hash: hash, Size: int64(len(b))})
	if err != nil || at.Complete || at.Offset != contractv1.MaxBlobPart {
		t.Fatalf("goes on at %v, %v", at, err)
	}
	done := put(t, alice, b, hash, 0) // a repeat of the first part is harmless
	if !done.Complete || time.UnixMilli(done.ExpiresMs).Before(time.Now().Add(300*24*time.Hour)) {
		t.Fatalf("done: %v", done)
	}
	got, err := get(short(t), bob, hash)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	alice.leave()
	bob.leave()
	listening := s.Listening()
	s.Close()
	start(t, server.Options{Folder: folder, Listen: listening})
	bob = signIn(t, bob.a)
	if got, err = get(short(t), bob, hash); err != nil || !bytes.Equal(got, b) {
		t.Fatalf("after a restart: %d bytes, %v", len(got), err)
	}
}

func TestBlobsAreBounded(t *testing.T) {
	s := start(t, server.Options{BlobQuota: 1 << 20})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	b, hash := content(t, 1000)
	other, _ := content(t, 1000)
	_, big := content(t, 1)
	for _, v := range []struct {
		what string
		put  *contractv1.BlobPut
		want contractv1.Error_Code
	}{
		{"no hash", &contractv1.BlobPut{Hash: "..>", Size: 1, Data: []byte("x")}, contractv1.Error_INVALID},
		{"a subject for a hash", &contractv1.BlobPut{Hash: hash[:63] + "*", Size: 1, Data: []byte("x")}, contractv1.Error_INVALID},
		{"nothing", &contractv1.BlobPut{Hash: hash}, contractv1.Error_TOO_LARGE},
		{"too large", &contractv1.BlobPut{Hash: hash, Size: contractv1.MaxBlob + 1}, contractv1.Error_TOO_LARGE},
		{"a part that is short", &contractv1.BlobPut{Hash: hash, Size: 1000, Data: b[:999]}, contractv1.Error_INVALID},
		{"a part beside the others", &contractv1.BlobPut{Hash: hash, Size: 1 << 19, Offset: 5, Data: b}, contractv1.Error_INVALID},
		{"a part behind the end", &contractv1.BlobPut{Hash: hash, Size: 1000, Offset: contractv1.MaxBlobPart, Data: b}, contractv1.Error_INVALID},
		{"other content", &contractv1.BlobPut{Hash: hash, Size: 1000, Data: other}, contractv1.Error_INVALID},
		{"beyond the quota", &contractv1.BlobPut{Hash: big, Size: 2 << 20}, contractv1.Error_TOO_LARGE},
	} {
		if _, err := alice.c.BlobPut(short(t), v.put); code(err) != v.want {
			t.Errorf("%s: %v", v.what, err)
		}
	}
	// What was wrong is gone, and does not count.
	if got := put(t, alice, b, hash, 0); !got.Complete {
		t.Fatalf("after wrong content: %v", got)
	}
	if _, err := alice.c.BlobPut(short(t), &contractv1.BlobPut{Hash: hash, Size: 999}); code(err) != contractv1.Error_INVALID {
		t.Errorf("another size: %v", err)
	}
	// Nobody spoils another's copy, and nobody has the one of another counted.
	if _, err := bob.c.BlobPut(short(t), &contractv1.BlobPut{Hash: hash, Size: 1000, Data: other}); code(err) != contractv1.Error_INVALID {
		t.Errorf("wrong content for another's hash: %v", err)
	}
	if got, err := get(short(t), bob, hash); err != nil || !bytes.Equal(got, b) {
		t.Errorf("after an attack: %d bytes, %v", len(got), err)
	}
}

func TestBlobsExpireAndPicturesDoNot(t *testing.T) {
	var later atomic.Int64
	s := start(t, server.Options{Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) }, BlobQuota: 1 << 20})
	alice, bob := signIn(t, join(t, s, "alice")), signIn(t, join(t, s, "bob"))
	befriend(t, alice, bob)
	gone, goneHash := content(t, 700<<10)
	face, faceHash := content(t, 2000)
	put(t, alice, gone, goneHash, 60)
	put(t, alice, face, faceHash, 60)
	if err := alice.c.Profile(short(t), &contractv1.ProfileChange{Avatar: &goneHash}); code(err) != contractv1.Error_INVALID {
		t.Errorf("a picture of 700 KB: %v", err)
	}
	if err := bob.c.Profile(short(t), &contractv1.ProfileChange{Avatar: &faceHash}); code(err) != contractv1.Error_INVALID {
		t.Errorf("another's picture: %v", err)
	}
	from := bob.mark()
	if err := alice.c.Profile(short(t), &contractv1.ProfileChange{Avatar: &faceHash}); err != nil {
		t.Fatal(err)
	}
	bob.waitFrom(from, "the new picture", func(e *contractv1.NetEvent) bool {
		r := e.GetRoster().GetContacts()
		return len(r) == 1 && r[0].Avatar == faceHash
	})
	later.Store(int64(2 * time.Minute))
	s.ExpireBlobs(short(t))
	if _, err := get(short(t), bob, goneHash); code(err) != contractv1.Error_NOT_FOUND {
		t.Errorf("what expired is still there: %v", err)
	}
	if got, err := get(short(t), bob, faceHash); err != nil || !bytes.Equal(got, face) {
		t.Errorf("the picture: %d bytes, %v", len(got), err)
	}
	again, againHash := content(t, 700<<10)
	if got := put(t, alice, again, againHash, 0); !got.Complete {
		t.Errorf("the room of what expired is not free")
	}
}
