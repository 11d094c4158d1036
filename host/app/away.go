package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"switchboard/host/desktop"
	contractv1 "switchboard/shared/contract/v1"
	"switchboard/shared/model"
)

const (
	// backWithin is how soon somebody who touches the keyboard is back.
	backWithin = time.Second
	// idleAgain is how long it takes until a desktop that could not tell is asked again.
	idleAgain = time.Minute
	// idleTellTime bounds telling the network.
	idleTellTime = 5 * time.Second
)

// awayLoop watches how long keyboard and mouse have not been touched, and tells the
// network that nobody is at this device. It looks again when something can have
// changed, so that it costs nothing while somebody works.
func (a *App) awayLoop() {
	idle := &desktop.Idle{}
	defer idle.Close()
	for {
		timer := time.NewTimer(a.lookAway(idle))
		select {
		case <-timer.C:
		case <-a.awayPoke:
		case <-a.ctx.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// pokeAway has awayLoop look again.
func (a *App) pokeAway() {
	select {
	case a.awayPoke <- struct{}{}:
	default:
	}
}

// lookAway looks once, tells what has changed, and says when to look again.
func (a *App) lookAway(idle *desktop.Idle) (again time.Duration) {
	a.mu.Lock()
	status := a.people.presence.Status
	a.mu.Unlock()
	minutes, err := strconv.Atoi(a.settings.Get("presence.away_minutes"))
	if err != nil || !a.settings.Bool("presence.away") || status != model.Available { // set by hand: that stays
		a.setIdle(false)
		return idleAgain
	}
	limit := time.Duration(minutes) * a.minute
	since, err := idle.Time(a.ctx)
	switch {
	case err != nil:
		if !errors.Is(err, desktop.ErrNoIdle) {
			a.log.Debug("away", "error", err)
		}
		a.setIdle(false)
		return idleAgain
	case since < limit:
		a.setIdle(false)
		return max(limit-since, 50*time.Millisecond)
	}
	a.setIdle(true)
	return min(backWithin, limit)
}

// setIdle notes whether somebody is at this device, and tells the network where
// it has not been told.
func (a *App) setIdle(idle bool) {
	a.mu.Lock()
	changed := a.people.idle != idle
	a.people.idle = idle
	tell := a.people.idleTold != idle && a.people.connection.State == model.Connected
	a.mu.Unlock()
	if changed {
		a.changed()
	}
	if !tell || a.mayAsk() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(a.ctx, idleTellTime)
	defer cancel()
	_, err := a.net.ask(ctx, &contractv1.NetCall{Call: &contractv1.NetCall_Presence{Presence: &contractv1.SetPresence{Idle: idle, Capabilities: a.capabilities()}}})
	if err != nil {
		a.log.Debug("away could not be told", "error", err)
		return // said at the next look
	}
	a.mu.Lock()
	a.people.idleTold = idle
	a.mu.Unlock()
}
