// Package sdk is what a plugin author writes against: Main, Session and the
// events of a session. It speaks the contract with the host so that a plugin
// holds only its own idea.
//
// It owns the plugin's end of the one stream: credits, batching, calls with
// deadlines, the idempotency keys of updates, panics (one ends its session, not
// the program) and a graceful stop. It knows nothing of networks, windows or
// other plugins.
package sdk
