// Command plugins is every first-party plugin that builds without cgo, in one
// executable: a plugin's folder holds a link to it, and the name under which it
// is called says which one to be. A name is never an identity: that is the
// launch token. It knows nothing but the generated table of plugins.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:generate go run ./gen -root .. -out imports_gen.go

// entry is one plugin: the program itself and, for a network plugin, the
// programs beside it, which are told apart by their first argument.
type entry struct {
	plugin, companion func()
}

func main() {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	e, ok := plugins[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "This program is called by one of these names: %s. %q is none of them.\n",
			strings.Join(slices.Sorted(maps.Keys(plugins)), ", "), name)
		os.Exit(2)
	}
	if len(os.Args) > 1 && e.companion != nil {
		e.companion()
		return
	}
	e.plugin()
}
