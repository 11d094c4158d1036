package view

import contractv1 "switchboard/shared/contract/v1"

// Item is one keyed entry of a list.
type Item = *contractv1.ListItem

// Op is one change of a list; see Insert, Append, Prepend, Replace and Remove.
type Op = *contractv1.ListOp

// AtEnd is the key that stands for the end of a list in Insert.
const AtEnd = "$end"

// List is a window onto keyed items. The host asks for what it needs (Want) and
// the plugin answers with Session.Items; changes go out by Session.Patch. A new
// generation drops all that the host holds. Options: StickToEnd, Empty,
// TrackSeen, Dates.
func List(id string, generation int64, options ...Option) Node {
	n := &contractv1.Node{Id: id, Body: &contractv1.Node_List{List: &contractv1.List{Generation: generation}}}
	return With(n, options...)
}

// ListItem makes an entry.
func ListItem(key string, node Node, revision int64) Item {
	return &contractv1.ListItem{Key: key, Node: node, Revision: revision}
}

// Insert puts an item after a key.
func Insert(after string, item Item) Op {
	return &contractv1.ListOp{Op: &contractv1.ListOp_Insert{Insert: &contractv1.ListInsert{After: after, Item: item}}}
}

// Append puts an item at the end.
func Append(item Item) Op { return Insert(AtEnd, item) }

// Prepend puts an item at the very beginning.
func Prepend(item Item) Op { return Insert("", item) }

// Replace gives a key new content.
func Replace(item Item) Op {
	return &contractv1.ListOp{Op: &contractv1.ListOp_Replace{Replace: item}}
}

// Remove takes a key out.
func Remove(key string) Op {
	return &contractv1.ListOp{Op: &contractv1.ListOp_Remove{Remove: key}}
}
