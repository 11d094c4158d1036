package sdk

// Main serves a plugin to the host that started the program, and never returns.
func Main(p Plugin) {
	panic("not yet")
}
