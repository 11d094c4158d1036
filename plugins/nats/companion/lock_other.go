//go:build !unix

package companion

import (
	"fmt"
	"os"
	"path/filepath"
)

// lock makes sure that one server alone writes a folder, as far as this system
// can tell: a crash leaves the file behind, and it is taken over.
func lock(folder string) (unlock func(), err error) {
	path := filepath.Join(folder, lockName)
	_ = os.Remove(path)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("another server carries the network in %s already", folder)
	}
	return func() { _ = f.Close(); _ = os.Remove(path) }, nil
}

func umask(int) int { return 0 }
