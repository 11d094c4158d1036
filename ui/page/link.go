package page

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"switchboard/ui/words"
)

// openLink hands an address that the person has seen and agreed to to the
// desktop. Without a program for it the address is copied instead.
func (s *Shell) openLink(address string) {
	s.Jobs.Go(func(ctx context.Context) func() {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		name, args := "xdg-open", []string{address}
		switch runtime.GOOS {
		case "darwin":
			name = "open"
		case "windows":
			name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
		}
		if err := exec.CommandContext(ctx, name, args...).Run(); err != nil && ctx.Err() == nil { // a browser that stays in front is fine
			return func() { s.linkFailed(address) }
		}
		return nil
	})
}

// openFolder shows the folder of a file in the desktop's own program.
func (s *Shell) openFolder(path string) { s.openLink(filepath.Dir(path)) }

func (s *Shell) linkFailed(address string) {
	s.Copy(address)
	s.Say(words.LinkFailed.Text())
}
