package sdk_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// TestOverflow: a flood larger than every window and queue arrives in order,
// while the plugin is slow and shows at every event.
func TestOverflow(t *testing.T) {
	const n = 3000
	r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Timeout: 30 * time.Second, Plugin: plugin(func(_ context.Context, s *sdk.Session) error {
		last, count := int64(0), 0
		for e := range s.Events() {
			if u, ok := e.(sdk.Update); ok {
				if u.Seq != last+1 {
					return fmt.Errorf("after %d came %d", last, u.Seq)
				}
				last = u.Seq
				count++
			}
			if err := s.Show(view.Textf("count %d", count)); err != nil {
				return err
			}
		}
		return nil
	})})
	d := r.Device("alice", 0)
	d.Hold(true)
	body := make([]byte, 2000)
	for range n {
		r.Inject("alice", "other", body)
	}
	d.Hold(false)
	d.WaitText(fmt.Sprintf("count %d", n))
}

// TestBounds: what is too large never leaves the plugin.
func TestBounds(t *testing.T) {
	results := make(chan error, 10)
	r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Plugin: plugin(func(ctx context.Context, s *sdk.Session) error {
		_, err := s.Update(ctx, make([]byte, contractv1.MaxUpdate+1))
		results <- err
		results <- s.Signal(make([]byte, contractv1.MaxSignal+1))
		results <- s.SetState(ctx, "x", make([]byte, contractv1.MaxState+1), sdk.Everyone)
		results <- s.Show(view.Text(strings.Repeat("x", contractv1.MaxTree+1)))
		results <- s.ShowCompact(view.List("l", 1))
		results <- s.Show(view.Column(view.Button("a", "A"), view.Button("a", "B")))
		results <- s.Items(sdk.Want{List: "l", ID: 1}, make([]view.Item, contractv1.MaxListItems+1), false, false, 1)
		results <- s.Show(view.With(view.Text("x"), view.Label("\xff")))
		results <- s.SetState(ctx, "\xff", nil, sdk.Everyone)
		if err := s.Show(view.Text("\xff is replaced")); err != nil {
			t.Error(err)
		}
		results <- s.Host().SetSecret(ctx, "s", make([]byte, contractv1.MaxSecret+1))
		for range s.Events() {
		}
		return nil
	})})
	for i := range 10 {
		if err := <-results; err == nil {
			t.Errorf("number %d was accepted", i)
		}
	}
	r.Settle()
}

// TestList: a list is filled by wants and changed by patches.
func TestList(t *testing.T) {
	r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Plugin: plugin(func(_ context.Context, s *sdk.Session) error {
		item := func(i int) view.Item { return view.ListItem(fmt.Sprint(i), view.Textf("row %d", i), 1) }
		_ = s.Show(view.Column(view.Button("add", "Add"), view.List("rows", 1)))
		top := 3
		for e := range s.Events() {
			switch v := e.(type) {
			case sdk.Want:
				var items []view.Item
				for i := range top {
					items = append(items, item(i))
				}
				if err := s.Items(v, items, false, false, 1); err != nil {
					return err
				}
			case sdk.Action:
				if err := s.Patch("rows", 1, view.Append(item(top)), view.Remove("0")); err != nil {
					return err
				}
				top++
			}
		}
		return nil
	})})
	d := r.Device("alice", 0)
	d.WaitText("row 2")
	d.Press("Add")
	d.WaitText("row 3")
	if strings.Contains(d.Text(), "row 0") || len(d.Items("rows")) != 3 {
		t.Fatal(d.Text())
	}
}
