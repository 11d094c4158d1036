package desktop

import (
	"context"
	"sync"
	"time"

	"switchboard/host/desktop/tones"
)

const (
	// soundGap is the least time between the beginnings of two sounds.
	soundGap = 1500 * time.Millisecond
	// playTime bounds playing one sound, connecting included.
	playTime = 6 * time.Second
)

// Player plays the program's sounds one at a time in its own goroutine, through the
// sound server of the session. Where there is none it is silent. It is safe for
// concurrent use.
type Player struct {
	names  chan string
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
	now    func() time.Time

	mu   sync.Mutex
	last time.Time
}

// NewPlayer starts a player. It connects to nothing before there is something to play.
func NewPlayer() *Player {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Player{names: make(chan string, 1), cancel: cancel, done: make(chan struct{}), now: time.Now}
	go p.run(ctx)
	return p
}

// Play plays a sound of package tones soon and never blocks. A sound so soon after
// another is left out; played says whether it was not.
func (p *Player) Play(name string) (played bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if since := now.Sub(p.last); !p.last.IsZero() && since >= 0 && since < soundGap {
		return false
	}
	select {
	case p.names <- name:
		p.last = now
		return true
	default:
		return false
	}
}

// Close ends the player, and a sound that plays.
func (p *Player) Close() {
	p.once.Do(p.cancel)
	<-p.done
}

func (p *Player) run(ctx context.Context) {
	defer close(p.done)
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-p.names:
			playing, cancel := context.WithTimeout(ctx, playTime)
			_ = play(playing, tones.Samples(name)) // without a device there is nothing to say
			cancel()
		}
	}
}
