// Package app is the host itself: it owns every long-lived goroutine and joins
// catalog, policy, supervise, session, views, store, settings, dial and control.
// What arrives from plugins is routed here: answers of the network to who asked,
// roster and presence to the snapshot, secrets and sockets to where they live,
// everything of sessions to the engine. It offers the window's backend and the
// control socket's host. It never reads a body and draws nothing.
package app
