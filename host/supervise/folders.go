package supervise

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// longestRoot leaves room, within the hundred bytes of a socket's path, for the
// folder and the name that the transport adds.
const longestRoot = 60

// socketRoot is a short folder of this user alone for the sockets of this
// profile's plugins. When there is none, the transport makes its own.
func socketRoot(runDir string) string {
	dir := filepath.Join(runDir, "s")
	if len(dir) > longestRoot {
		sum := sha256.Sum256([]byte(runDir))
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("switchboard-%d-%s", os.Getuid(), hex.EncodeToString(sum[:6])))
	}
	if len(dir) > longestRoot || os.MkdirAll(dir, 0o700) != nil || !ours(dir) {
		return ""
	}
	return dir
}

// sweep empties the folder: sockets of plugins whose host is dead. Nobody else
// uses it, since the profile is locked.
func sweep(dir string) {
	if dir == "" {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(dir, e.Name()))
	}
}
