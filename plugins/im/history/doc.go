// Package history keeps the messages of every conversation in one SQLite file.
// It owns the file, its schema, and the rule that a conversation's data and its
// position in the conversation's order change in one transaction. It knows the
// kinds of wire bodies, but no session, no view and no host.
//
// A conversation is one sequence of rows by position. What the network has
// ordered stands at its own sequence number; own messages that have none yet
// stand far above all of them, in the order in which they were written. So a
// transcript of any length is read by ranges of one index.
package history
