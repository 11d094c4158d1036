// Package session is the heart of the host: the life of sessions as a fold over
// each conversation's order, offers, the outbox, exactly-once delivery to
// plugins, state values and signals. One goroutine owns all of it.
//
// It never reads a body that belongs to a plugin, draws nothing, starts no
// process and knows no network: those are behind the interfaces of Options.
package session
