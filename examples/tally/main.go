// Command tally counts presses of a button by everybody in a conversation.
package main

import (
	"context"

	"switchboard/sdk"
	"switchboard/sdk/view"
)

func main() { sdk.Main(sdk.PluginFunc(tally)) }

func tally(ctx context.Context, s *sdk.Session) error {
	n := 0
	for e := range s.Events() { // begins with Started, ends with the session
		switch e.(type) {
		case sdk.Action: // our user pressed: append to the log that everyone shares
			if _, err := s.Update(ctx, nil); err != nil {
				return err
			}
		case sdk.Update: // somebody pressed, ourselves included
			n++
		}
		root := view.Column(view.Textf("%d presses", n), view.Button("press", "Press"))
		if err := s.Show(view.With(root, view.Padded)); err != nil {
			return err
		}
	}
	return ctx.Err()
}
