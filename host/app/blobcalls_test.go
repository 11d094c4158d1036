package app

import (
	"strings"
	"testing"
	"time"

	contractv1 "switchboard/shared/contract/v1"
)

func TestWhatPluginsPutInADayIsBounded(t *testing.T) {
	var b pluginBlobs
	now := time.Unix(86400*20000, 0)
	n := 0
	for b.take("im", contractv1.MaxPluginBlob, now) {
		n++
	}
	if n != contractv1.MaxPluginBlobs/contractv1.MaxPluginBlob {
		t.Fatal(n)
	}
	if !b.take("tally", 1, now) || !b.take("im", 1, now.Add(24*time.Hour)) {
		t.Fatal("another plugin, or another day")
	}
}

func TestBlobsOfPluginsNeedTheNetwork(t *testing.T) {
	a := quietApp(t)
	r := a.blobPutCall("im", 7, &contractv1.BlobPutCall{Data: []byte("x")})
	if r.Id != 7 || r.Error.GetCode() != contractv1.Error_UNAVAILABLE {
		t.Fatal(r)
	}
	if got := len(a.blobs.Uploads()); got != 0 {
		t.Fatalf("%d uploads of what was refused", got)
	}
	r = a.blobGetCall(8, &contractv1.BlobGetCall{Hash: "0a"})
	if r.Id != 8 || r.Error.GetCode() != contractv1.Error_NOT_FOUND {
		t.Fatal(r)
	}
}

func TestABlobIsGivenAnew(t *testing.T) {
	a := quietApp(t)
	hash, err := a.blobs.Add([]byte("picture"), 0)
	if err != nil {
		t.Fatal(err)
	}
	give := &contractv1.BlobWantCall{Hash: hash, Size: 7, Give: true}
	r := a.blobGiveCall("im", 9, give)
	if r.Id != 9 || r.GetDone() == nil || len(a.blobs.Uploads()) != 1 || a.putBlobs.size["im"] != 7 {
		t.Fatalf("%v, %d uploads, %v counted", r, len(a.blobs.Uploads()), a.putBlobs.size)
	}
	a.putBlobs.take("im", contractv1.MaxPluginBlobs-7, time.Now())
	if r = a.blobGiveCall("im", 9, give); r.Error.GetCode() != contractv1.Error_TOO_LARGE {
		t.Fatal(r)
	}
	r = a.blobGiveCall("im", 10, &contractv1.BlobWantCall{Hash: strings.Repeat("0a", 32), Size: 7, Give: true})
	if r.Error.GetCode() != contractv1.Error_NOT_FOUND {
		t.Fatal(r)
	}
}
