package ui

import "switchboard/ui/page"

// Backend is all that the window needs from the host; host/main.go joins them.
// It is written down in ui/page, which draws what comes through it.
type Backend = page.Backend

// SetUp is what the first run asks. Mode is local, invite, server or device.
type SetUp = page.SetUp
