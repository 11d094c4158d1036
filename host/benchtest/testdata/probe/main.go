// Command probe sends updates and tells how long they were under way: from the call of
// Update on one side to the event on the other. Both sides run on one computer
// and so have one clock.
package main

import (
	"context"
	"encoding/binary"
	"time"

	"switchboard/sdk"
	"switchboard/shared/budget"
)

func main() { sdk.Main(sdk.PluginFunc(probe)) }

type times struct {
	Kept     []int64 `json:"kept"`
	Sent     []int64 `json:"sent"`
	Received []int64 `json:"received"`
}

type run struct {
	s    *sdk.Session
	left int
	size int
	at   time.Time
	id   sdk.ID
	got  times
}

func probe(ctx context.Context, s *sdk.Session) error {
	r := run{s: s}
	for e := range s.Events() {
		var err error
		switch e := e.(type) {
		case sdk.Command:
			err = r.command(e)
		case sdk.Signal: // our own: the pause is over
			err = r.send(ctx)
		case sdk.Sent:
			r.sent(e)
		case sdk.Update:
			r.received(e)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *run) command(c sdk.Command) error {
	if c.Name == "report" {
		got := r.got
		r.got = times{}
		return r.s.Reply(c, got)
	}
	var args struct{ N, Size int }
	if err := c.Decode(&args); err != nil {
		return err
	}
	r.left, r.size = args.N, max(args.Size, 8)
	err := r.s.Reply(c, struct{}{})
	r.next()
	return err
}

// next sends after a pause, so that each update travels alone.
func (r *run) next() {
	if r.left == 0 {
		return
	}
	r.left--
	r.s.Go(func(ctx context.Context) sdk.Event {
		select {
		case <-time.After(budget.Pause):
		case <-ctx.Done():
		}
		return sdk.Signal{}
	})
}

func (r *run) send(ctx context.Context) error {
	body := make([]byte, r.size)
	r.at = time.Now()
	binary.BigEndian.PutUint64(body, uint64(r.at.UnixNano()))
	id, err := r.s.Update(ctx, body)
	if err != nil {
		return err
	}
	r.id = id
	r.got.Kept = append(r.got.Kept, int64(time.Since(r.at)))
	return nil
}

func (r *run) sent(e sdk.Sent) {
	if e.ID == r.id {
		r.got.Sent = append(r.got.Sent, int64(time.Since(r.at)))
		r.next()
	}
}

func (r *run) received(e sdk.Update) {
	if e.From == r.s.Self().Address || len(e.Body) < 8 {
		return
	}
	at := int64(binary.BigEndian.Uint64(e.Body))
	r.got.Received = append(r.got.Received, time.Now().UnixNano()-at)
}
