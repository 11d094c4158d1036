package catalog

// Problem is something an author should look at. A warning does not keep the
// plugin from running.
type Problem struct {
	File    string
	Line    int
	Message string
	Warning bool
}

// Check examines a plugin's folder without executing anything of it. An empty
// result means that a host would take it.
func Check(dir string) []Problem { return check(dir) }

// New makes the folder dir/name with a plugin that works: manifest, program and
// README. It never writes into a folder that has something in it.
func New(name, dir string) error { return scaffold(name, dir) }
