package sdktest

import (
	"context"
	"errors"
	"fmt"

	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// Search looks for a text as the host does, in one page: query has words, "phrases"
// and the filters before: after: has:. The plugin must run.
func (d *Device) Search(ctx context.Context, query, cursor string, limit int) (hits []*contractv1.Hit, next string, err error) {
	answer := make(chan *contractv1.SearchReply, 1)
	d.room.mu.Lock()
	if d.proc == nil {
		d.room.mu.Unlock()
		return nil, "", errors.New("sdktest: the plugin does not run")
	}
	if d.searches == nil {
		d.searches = map[uint64]chan *contractv1.SearchReply{}
	}
	d.searched++
	id := d.searched
	d.searches[id] = answer
	_ = d.proc.sender.Control(&contractv1.HostFrame{Body: &contractv1.HostFrame_Search{Search: &contractv1.SearchCall{
		Id: id, Query: query, Cursor: cursor, Limit: uint32(max(limit, 0))}}})
	d.room.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, contractv1.SearchLimit)
	defer cancel()
	select {
	case r := <-answer:
		if e := r.GetError(); e != nil {
			return nil, "", &sdk.Error{Code: e.GetCode(), Message: e.GetMessage()}
		}
		return r.GetHits(), r.GetCursor(), nil
	case <-ctx.Done():
		d.room.mu.Lock()
		delete(d.searches, id)
		d.room.mu.Unlock()
		return nil, "", fmt.Errorf("search for %q: %w", query, ctx.Err())
	}
}
