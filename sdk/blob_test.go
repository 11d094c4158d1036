package sdk_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"switchboard/sdk"
	"switchboard/sdk/sdktest"
	"switchboard/sdk/view"
	contractv1 "switchboard/shared/contract/v1"
)

// parcels puts what is submitted as a blob and tells the others its hash; they
// fetch it.
func parcels(ctx context.Context, s *sdk.Session) error {
	shown := "nothing"
	for e := range s.Events() {
		switch v := e.(type) {
		case sdk.Action:
			hash, err := s.PutBlob(ctx, bytes.Repeat([]byte(v.Value), 1000))
			if err != nil {
				return err
			}
			if _, err := s.Update(ctx, []byte(hash)); err != nil {
				return err
			}
		case sdk.Update:
			data, err := s.GetBlob(ctx, string(v.Body))
			if err != nil {
				return err
			}
			shown = string(data)
		}
		if err := s.Show(view.Column(view.Editor("line"), view.Text(shown))); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func TestABlobComesToWhoKnowsItsHash(t *testing.T) {
	r := sdktest.New(t, sdktest.Options{Plugin: plugin(parcels), People: []string{"alice", "bob"}})
	r.Device("alice", 0).Submit("line", "ab")
	r.Settle()
	if text := r.Device("bob", 0).Text(); !strings.Contains(text, strings.Repeat("ab", 1000)) {
		t.Errorf("bob sees %.80q", text)
	}
}

func TestBlobsOfPluginsAreBounded(t *testing.T) {
	refused := make(chan error, 4)
	r := sdktest.New(t, sdktest.Options{People: []string{"alice"}, Plugin: plugin(func(ctx context.Context, s *sdk.Session) error {
		for e := range s.Events() {
			if _, ok := e.(sdk.CaughtUp); !ok {
				continue
			}
			_, err := s.PutBlob(ctx, make([]byte, contractv1.MaxPluginBlob+1))
			refused <- err
			_, err = s.GetBlob(ctx, strings.Repeat("0a", 32))
			refused <- err
		}
		return ctx.Err()
	})})
	r.Settle()
	for i, want := range []contractv1.Error_Code{contractv1.Error_TOO_LARGE, contractv1.Error_NOT_FOUND} {
		var e *sdk.Error
		if err := <-refused; !errors.As(err, &e) || e.Code != want {
			t.Errorf("%d: %v", i, err)
		}
	}
}
