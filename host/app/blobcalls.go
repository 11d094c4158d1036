package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"switchboard/host/blobs"
	contractv1 "switchboard/shared/contract/v1"
)

// Times of the blobs of plugins; an answer comes before the plugin gives up.
const (
	pluginBlobLife = 24 * time.Hour
	pluginBlobTime = contractv1.CallTimeout - 2*time.Second
)

// pluginBlobs counts what plugins have put in a day, since this host started.
type pluginBlobs struct {
	mu   sync.Mutex
	day  int64
	size map[string]int64
}

// take counts n bytes of a plugin, unless that would be too many for today.
func (b *pluginBlobs) take(plugin string, n int, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if day := now.Unix() / 86400; b.size == nil || day != b.day {
		b.day, b.size = day, map[string]int64{}
	}
	if b.size[plugin]+int64(n) > contractv1.MaxPluginBlobs {
		return false
	}
	b.size[plugin] += int64(n)
	return true
}

func (a *App) blobPutCall(plugin string, id uint64, c *contractv1.BlobPutCall) *contractv1.HostReply {
	if err := (blobNet{a}).connected(); err != nil {
		return failed(id, contractv1.Error_UNAVAILABLE, errors.New("the network is away"))
	}
	if !a.putBlobs.take(plugin, len(c.Data), time.Now()) {
		return failed(id, contractv1.Error_TOO_LARGE, fmt.Errorf("a plugin gives the network at most %d MB a day", contractv1.MaxPluginBlobs>>20))
	}
	hash, err := a.blobs.Add(c.Data, pluginBlobLife)
	if err != nil {
		return failed(id, contractv1.Error_INTERNAL, err)
	}
	ctx, cancel := context.WithTimeout(a.ctx, pluginBlobTime)
	defer cancel()
	var no blobs.Refusal
	switch err := a.blobs.Wait(ctx, hash); {
	case errors.As(err, &no):
		a.blobs.Drop(hash)
		return failed(id, contractv1.Error_REFUSED, no)
	case err != nil:
		return failed(id, contractv1.Error_UNAVAILABLE, err)
	}
	return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_BlobPut{BlobPut: &contractv1.BlobPutReply{Hash: hash}}}
}

func (a *App) blobGetCall(id uint64, c *contractv1.BlobGetCall) *contractv1.HostReply {
	ctx, cancel := context.WithTimeout(a.ctx, pluginBlobTime)
	defer cancel()
	data, err := a.blobs.Get(ctx, c.Hash, contractv1.MaxPluginBlob)
	switch {
	case errors.Is(err, blobs.ErrGone):
		return failed(id, contractv1.Error_NOT_FOUND, err)
	case err != nil:
		return failed(id, contractv1.Error_UNAVAILABLE, err)
	}
	return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_BlobGet{BlobGet: &contractv1.BlobGetReply{Data: data}}}
}

// blobGiveCall gives the network a blob that is here once more: somebody is told of
// it who could not ask for it before. It goes on its way over restarts.
func (a *App) blobGiveCall(plugin string, id uint64, c *contractv1.BlobWantCall) *contractv1.HostReply {
	if !a.blobs.Has(c.Hash) {
		return failed(id, contractv1.Error_NOT_FOUND, blobs.ErrGone)
	}
	ctx, cancel := context.WithTimeout(a.ctx, pluginBlobTime)
	defer cancel()
	data, err := a.blobs.Get(ctx, c.Hash, contractv1.MaxSentPicture)
	if err != nil {
		return failed(id, contractv1.Error_NOT_FOUND, err)
	}
	if !a.putBlobs.take(plugin, len(data), time.Now()) {
		return failed(id, contractv1.Error_TOO_LARGE, fmt.Errorf("a plugin gives the network at most %d MB a day", contractv1.MaxPluginBlobs>>20))
	}
	if _, err := a.blobs.Add(data, 0); err != nil {
		return failed(id, contractv1.Error_INTERNAL, err)
	}
	return &contractv1.HostReply{Id: id, Reply: &contractv1.HostReply_Done{Done: &contractv1.Empty{}}}
}
