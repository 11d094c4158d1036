package im

import (
	"context"
	"errors"
	"strings"
	"time"

	"switchboard/plugins/im/wire"
	"switchboard/sdk"
	contractv1 "switchboard/shared/contract/v1"
)

// States about what the network no longer keeps; both end in wire.OlderKey.
const (
	olderWant = "older.want."
	olderHave = "older.have."
)

// Bounds of bringing older messages along.
const (
	maxOlderAsking = 8   // devices that are answered in one conversation
	maxOlderPieces = 128 // 64 MiB in one opening
	maxOlderTries  = 3
	olderLife      = 20 * time.Hour // of a blob; the network keeps it a little longer
	// A question that is older is of a device that is gone: one that is there asks anew.
	olderPatience = 7 * 24 * time.Hour
	olderRepeat   = 6 * 24 * time.Hour
)

// older is what this device lacks of the beginning, and what others lack.
type older struct {
	lacks    bool // the beginning is on another device of mine
	coming   bool // a piece is being fetched
	pieces   int
	tries    int
	asked    wire.OlderWant // as the others know it
	askedAt  time.Time
	have     wire.OlderHave // the last answer to this device
	wants    map[string]wantedOlder
	answered map[string]answeredOlder
	putting  bool
}

type wantedOlder struct {
	wire.OlderWant
	at time.Time
}

type answeredOlder struct {
	below int64
	try   uint32
	at    time.Time
}

// olderDone comes back from a transfer; it embeds an event to be one.
type olderDone struct {
	sdk.Signal
	have wire.OlderHave
	data []byte // of a piece that was fetched; nil for one that was put
	err  error
}

// olderState takes what my other devices say about older messages.
func (c *chat) olderState(ctx context.Context, s sdk.State) error {
	if s.Author != c.me {
		return nil
	}
	mine := wire.OlderKey(c.self.Device)
	if key, ok := strings.CutPrefix(s.Key, olderWant); ok {
		w, ok := wire.DecodeOlderWant(s.Value)
		switch {
		case !ok || wire.OlderKey(w.Device) != key:
		case key == mine:
			c.older.asked, c.older.askedAt = w, s.Time
		case len(c.older.wants) < maxOlderAsking || c.older.wants[w.Device].Below > 0:
			c.older.wants[w.Device] = wantedOlder{w, s.Time}
		}
	} else if key, ok := strings.CutPrefix(s.Key, olderHave); ok {
		h, ok := wire.DecodeOlderHave(s.Value)
		switch {
		case !ok || wire.OlderKey(h.Device) != key:
		case key == mine:
			c.older.have = h
		case len(c.older.answered) < maxOlderAsking || c.older.answered[h.Device].below > 0:
			c.older.answered[h.Device] = answeredOlder{h.Below, h.Try, s.Time}
		}
	}
	if !c.caughtUp {
		return nil
	}
	return c.olderNext(ctx)
}

// olderCaughtUp is when this device knows that it lacks the beginning.
func (c *chat) olderCaughtUp(ctx context.Context, trimmed bool) error {
	if trimmed {
		whole, err := c.log.WholeBeginning(ctx)
		if err != nil {
			return err
		}
		c.older.lacks = !whole && c.floor == 0
		c.shown.anew = c.shown.anew || c.older.lacks
	}
	return c.olderNext(ctx)
}

// olderNext does what is due: answers one who asks, asks, or fetches an answer.
func (c *chat) olderNext(ctx context.Context) error {
	if err := c.answerOlder(ctx); err != nil || !c.older.lacks || c.older.coming || c.older.pieces >= maxOlderPieces {
		return err
	}
	below, err := c.log.OldestStored(ctx)
	if err != nil {
		return err
	}
	if h := c.older.have; h.Hash != "" && h.Below == below {
		c.older.coming, c.shown.anew = true, true
		c.s.Go(func(ctx context.Context) sdk.Event {
			data, err := c.s.GetBlob(ctx, h.Hash)
			return olderDone{have: h, data: data, err: err}
		})
		return nil
	}
	switch {
	case c.older.asked.Below != below:
		c.askOlder(ctx, wire.OlderWant{Device: c.self.Device, Below: below})
	case c.now().Sub(c.older.askedAt) > olderRepeat:
		c.askOlder(ctx, wire.OlderWant{Device: c.self.Device, Below: below, Try: c.older.asked.Try + 1})
	}
	return nil
}

func (c *chat) askOlder(ctx context.Context, w wire.OlderWant) {
	value, err := wire.EncodeOlderWant(w)
	if err == nil {
		err = c.s.SetState(ctx, olderWant+wire.OlderKey(w.Device), value, sdk.MyDevices)
	}
	if err != nil {
		c.oops("ask for older messages", err)
		return
	}
	c.older.asked, c.older.askedAt = w, c.now()
}

// answerOlder gives a device of mine what is below the place that it asks for. Who
// has nothing there is silent: another device may have it.
func (c *chat) answerOlder(ctx context.Context) error {
	if c.older.putting {
		return nil
	}
	for device, w := range c.older.wants {
		delete(c.older.wants, device)
		a := c.older.answered[device]
		if a.below == w.Below && a.try == w.Try && c.now().Sub(a.at) < olderLife || c.now().Sub(w.at) > olderPatience {
			continue
		}
		rows, all, err := c.log.Below(ctx, w.Below, wire.MaxOlderRows)
		if err != nil {
			return err
		}
		data, err := wire.EncodeOlder(wire.Older{Conversation: c.conversation.GetId(), Below: w.Below, Rows: rows, End: all && !c.older.lacks && c.floor == 0}, contractv1.MaxPluginBlob)
		if err != nil {
			return err
		}
		if data == nil {
			continue
		}
		c.older.putting = true
		c.s.Go(func(ctx context.Context) sdk.Event {
			hash, err := c.s.PutBlob(ctx, data)
			return olderDone{have: wire.OlderHave{Device: w.Device, Below: w.Below, Hash: hash, Try: w.Try}, err: err}
		})
		return nil
	}
	return nil
}

// olderDone takes the end of a transfer.
func (c *chat) olderDone(ctx context.Context, d olderDone) error {
	if d.have.Device != c.self.Device {
		c.older.putting = false
		if d.err != nil { // it is tried again when the session opens
			c.oops("hand over older messages", d.err)
			return nil
		}
		value, err := wire.EncodeOlderHave(d.have)
		if err == nil {
			err = c.s.SetState(ctx, olderHave+wire.OlderKey(d.have.Device), value, sdk.MyDevices)
		}
		c.oops("hand over older messages", err)
		c.older.answered[d.have.Device] = answeredOlder{d.have.Below, d.have.Try, c.now()}
		return c.olderNext(ctx)
	}
	c.older.coming, c.older.have, c.shown.anew = false, wire.OlderHave{}, true
	var gone *sdk.Error
	switch {
	case errors.As(d.err, &gone) && gone.Code == contractv1.Error_NOT_FOUND:
		return c.olderAgain(ctx, d.have.Below)
	case d.err != nil: // it is tried again when the session opens
		c.oops("fetch older messages", d.err)
		return nil
	}
	o, err := wire.DecodeOlder(d.data)
	if err != nil || o.Conversation != c.conversation.GetId() || o.Below != d.have.Below {
		c.oops("read older messages", errors.Join(err, wire.ErrOlder))
		return c.olderAgain(ctx, d.have.Below)
	}
	if err := c.log.AddOlder(ctx, o.Rows, o.End); err != nil {
		return err
	}
	c.older.pieces++
	if c.older.lacks = !o.End; o.End {
		c.askOlder(ctx, wire.OlderWant{Device: c.self.Device}) // nothing any more
	}
	if c.last, err = c.log.LastStored(ctx); err != nil {
		return err
	}
	if c.message, err = c.log.LastMessage(ctx); err != nil {
		return err
	}
	if err := c.loadEvents(ctx); err != nil {
		return err
	}
	if err := c.countUnread(ctx); err != nil {
		return err
	}
	c.shown.summary = true
	return c.olderNext(ctx)
}

// olderAgain asks for a piece that was gone, or damaged, once more.
func (c *chat) olderAgain(ctx context.Context, below int64) error {
	if c.older.tries++; c.older.tries <= maxOlderTries {
		c.askOlder(ctx, wire.OlderWant{Device: c.self.Device, Below: below, Try: c.older.asked.Try + 1})
	}
	return nil
}

// olderLine is what stands above the first row, where the beginning is missing.
func (c *chat) olderLine() string {
	switch {
	case !c.older.lacks:
		return c.agedLine()
	case c.older.coming:
		return c.words.olderComing
	}
	return c.words.olderElsewhere
}
