package app

import (
	"errors"
	"fmt"
	"os"

	"switchboard/shared/model"
)

// maxRaises bounds the wishes for the window that wait to be seen to; of more the
// oldest go, since the last one says what the person wants now.
const maxRaises = 8

// ErrNoWindow says that this host was started without a window.
var ErrNoWindow = errors.New("there is no window")

// Raise opens the window or brings it to the front, and shows a conversation in it
// where one is named. It never blocks; a host without a window ignores it.
func (a *App) Raise(conversation string) { a.raise(model.Raise{Conversation: conversation}) }

// RaiseWith is Raise with all that can be wished for. It says why it cannot be.
func (a *App) RaiseWith(r model.Raise) error {
	if a.headless {
		return fmt.Errorf("%w: Switchboard runs without one with this profile (process %d); end that with \"switchboard --profile %s quit\", then start it again",
			ErrNoWindow, os.Getpid(), a.profile.Dir)
	}
	a.raise(r)
	return nil
}

func (a *App) raise(r model.Raise) {
	if a.headless {
		return
	}
	for {
		select {
		case a.raises <- r:
			return
		default:
		}
		select {
		case <-a.raises:
		default:
		}
	}
}

// Raises are the wishes for the window, in order; who shows it is the one reader.
func (a *App) Raises() <-chan model.Raise { return a.raises }
