package model

import "time"

// Query is what a person looks for in everything that plugins keep.
type Query struct {
	// Text as typed, with its filters from: in: before: after: has:.
	Text string
	// Conversation narrows it to one; empty for all.
	Conversation string
	// Limit of hits, 1 to 200; 0 is 50.
	Limit int
	// Cursor of the Found before, for the hits behind it.
	Cursor string
}

// Hit is one place where it was found. Marks are byte ranges of Text.
type Hit struct {
	Key        SessionKey
	Item       string // the list item that an Action REVEAL then names
	From, Name string // address and what I call them
	Title      string // of the conversation
	Time       time.Time
	Text       string
	Marks      [][2]int
	Picture    bool
}

// Found is the answer, newest first. Cursor is empty at the end; Fault is one
// sentence when a part could not be searched or the query makes no sense.
type Found struct {
	Hits   []Hit
	Cursor string
	Fault  string
}
