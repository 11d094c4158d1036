package session

import (
	"time"

	"switchboard/shared/model"
)

// alarmKey names a timer: setting it again replaces the one that runs.
type alarmKey struct {
	what string
	id   string
	key  model.SessionKey
}

type alarmIn struct {
	key  alarmKey
	t    *time.Timer
	ring func(e *Engine)
}

func (a *alarmIn) apply(e *Engine) {
	if e.alarms[a.key] != a.t {
		return // it was set anew or stopped in between
	}
	delete(e.alarms, a.key)
	a.ring(e)
}

// alarm calls ring after d; one that is set already is replaced.
func (e *Engine) alarm(k alarmKey, d time.Duration, ring func(e *Engine)) {
	if e.closing {
		return
	}
	if t := e.alarms[k]; t != nil {
		t.Stop()
	}
	in := &alarmIn{key: k, ring: ring}
	set := make(chan struct{})
	in.t = time.AfterFunc(max(d, 0), func() {
		<-set
		e.box.put(in)
	})
	e.alarms[k] = in.t
	close(set)
}

// alarmOnce is alarm unless it is set already.
func (e *Engine) alarmOnce(k alarmKey, d time.Duration, ring func(e *Engine)) {
	if e.alarms[k] == nil {
		e.alarm(k, d, ring)
	}
}

func (e *Engine) silence(k alarmKey) {
	if t := e.alarms[k]; t != nil {
		t.Stop()
		delete(e.alarms, k)
	}
}
