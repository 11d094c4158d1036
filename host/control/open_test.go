package control

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	controlv1 "switchboard/shared/contract/control/v1"
	"switchboard/shared/model"
)

// raised is a desk with a window, or with a reason why there is none.
type raised struct {
	*desk
	mu    sync.Mutex
	all   []model.Raise
	fault error
}

func (d *raised) RaiseWith(r model.Raise) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fault == nil {
		d.all = append(d.all, r)
	}
	return d.fault
}

func TestOpen(t *testing.T) {
	d := &raised{desk: newDesk()}
	c := serve(t, d)
	for _, r := range []*controlv1.OpenRequest{{}, {Conversation: "bob", Token: "t"}, {Link: "switchboard://h:1/lab#k=x"}, {Token: strings.Repeat("t", maxToken+1)}} {
		if _, err := c.Open(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	want := []model.Raise{{}, {Conversation: "dm.alice.bob", Token: "t"}, {Link: "switchboard://h:1/lab#k=x"}, {}}
	if !slices.Equal(d.all, want) {
		t.Errorf("asked for %v", d.all)
	}
	for _, r := range []*controlv1.OpenRequest{{Conversation: "nobody"}, {Link: "https://example.org"}, {Link: LinkScheme + strings.Repeat("x", maxLink)}} {
		if _, err := c.Open(t.Context(), r); err == nil {
			t.Errorf("%.40v is opened", r)
		}
	}
	if d.fault = errors.New("no window here"); len(d.all) != len(want) {
		t.Errorf("asked for %v", d.all)
	}
	if _, err := c.Open(t.Context(), &controlv1.OpenRequest{}); err == nil || !strings.Contains(err.Error(), "no window here") {
		t.Errorf("the reason is %v", err)
	}
}
