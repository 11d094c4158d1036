package control

import (
	"strings"
	"testing"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// renewing is a host whose list is emptied once it was shown, as by a plugin
// that begins it anew, and comes back when somebody asks for it.
type renewing struct {
	*desk
	views chan *model.View
	wants chan string
	poke  func()
	now   *model.View
}

func (r *renewing) Subscribe(f func()) func() {
	r.poke = f
	return func() {}
}

func (r *renewing) View(model.SessionKey) *model.View {
	select {
	case r.now = <-r.views:
	default:
	}
	return r.now
}

func (r *renewing) Want(_ model.SessionKey, list, _ string, _, _ int) {
	select {
	case r.wants <- list:
	default:
	}
}

func TestAttendAsksAgainForAListThatWasEmptied(t *testing.T) {
	d := newDesk()
	empty := *d.view
	empty.Lists = map[string]*model.List{"log": {}}
	r := &renewing{desk: d, views: make(chan *model.View, 1), wants: make(chan string, 1), now: d.view}
	c := serve(t, r)
	stream, err := c.Attend(t.Context(), &controlv1.ViewRequest{Session: "bob/im"})
	if err != nil {
		t.Fatal(err)
	}
	see := func(text string, want bool) {
		t.Helper()
		v, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(v.Json), text) != want {
			t.Fatalf("%s", v.Json)
		}
	}
	see("hello", true)
	for range 2 {
		r.views <- &empty
		r.poke()
		see("hello", false)
		if list := <-r.wants; list != "log" {
			t.Fatalf("asked for %s", list)
		}
		r.views <- d.view
		r.poke()
		see("hello", true)
	}
}
