// Package flow holds the mechanics that both ends of a plugin's stream share:
// one writer that drains its queues into batches, a credit window per session
// and direction, bounded queues, and the proof of who is at the other end of a
// unix socket.
//
// The rules, which a plugin in any language must keep:
//
//   - Items (events one way; shows, lists, view commands, signals and network
//     events the other) cost credit of their session: one message and their
//     encoded size in bytes. An item may be sent while at least one message and
//     one byte are left, so the last one may take the byte window below zero.
//   - The receiver returns credit when half of either window has been consumed.
//   - Everything else costs nothing and overtakes items that wait. Only the
//     frame that ends a session stays behind its items.
//
// It knows neither hosts nor plugins nor what a frame means.
package flow
