package access

import (
	"image"

	"gioui.org/io/input"
	"gioui.org/op"
)

var clipMargin = image.Pt(margin, margin)

// Node is one thing in the window. Nodes are never changed after the frame, so
// any goroutine may read them.
type Node struct {
	// ID stays the same as long as the thing is there; the root's is 0.
	ID       int64
	Parent   *Node
	Index    int // in Parent.Children
	Children []*Node
	// Bounds are what of it is in sight, in pixels of the window.
	Bounds image.Rectangle
	Note
}

// Tree is the window of one frame. Said is what happened by itself since the
// last one.
type Tree struct {
	Root  *Node
	Focus *Node // nil when nothing in the window has the keyboard
	Nodes map[int64]*Node
	Said  []string
}

// End finishes the frame whose drawing is in ops, and gives its tree; nil when
// nobody listens.
func (r *Recorder) End(ops *op.Ops, size image.Point, title string) *Tree {
	if !r.Enabled() {
		return nil
	}
	r.router.Frame(ops)
	r.nodes = r.router.AppendSemantics(r.nodes[:0])
	t := &Tree{
		Root:  &Node{Bounds: image.Rectangle{Max: size}, Note: Note{Role: Frame, Name: title}},
		Nodes: map[int64]*Node{}, Said: append([]string(nil), r.said...),
	}
	t.Nodes[0] = t.Root
	b := builder{r: r, t: t}
	if len(r.nodes) > 0 {
		for i := range r.nodes[0].Children {
			b.walk(&r.nodes[0].Children[i], t.Root, nil)
		}
	}
	r.ids.forget()
	r.notes = r.notes[:0] // of the frame that is over; they hold on to much
	return t
}

// builder makes one tree.
type builder struct {
	r *Recorder
	t *Tree
}

// walk adds what a semantic node of Gio's stands for below parent; whole is the
// nearest node around it whose name says everything inside.
func (b *builder) walk(s *input.SemanticNode, parent, whole *Node) {
	if n, ok := b.r.noted(s.Desc.Description); ok {
		b.note(s, n, parent, whole)
		return
	}
	before := len(parent.Children)
	into := parent
	if s.Desc.Label != "" && whole == nil && s.Desc.Label != parent.Name {
		if n := b.add(parent, s.Desc.Bounds, Note{Name: s.Desc.Label}); n != nil {
			into, before = n, 0
		}
	}
	for i := range s.Children {
		b.walk(&s.Children[i], into, whole)
	}
	if into != parent && len(into.Children) > 0 {
		into.Role = Panel
	}
	if d := s.Desc.Description; d != "" && len(into.Children) > before {
		if c := into.Children[before]; c.Description == "" && c.Name != d {
			c.Description = cut(d)
		}
	}
}

func (b *builder) note(s *input.SemanticNode, n *Note, parent, whole *Node) {
	if n.Hidden {
		return
	}
	into := parent
	if !n.Plain || whole == nil {
		if made := b.add(parent, s.Desc.Bounds.Inset(margin), *n); made != nil {
			into = made
			if n.Role.whole() {
				whole = made
			}
		} else if n.Role.whole() {
			return
		}
	}
	for i := range s.Children {
		b.walk(&s.Children[i], into, whole)
	}
}

// add makes a node, unless it is out of sight without having the keyboard, or
// there are too many.
func (b *builder) add(parent *Node, bounds image.Rectangle, n Note) *Node {
	seen := bounds.Intersect(parent.Bounds)
	if seen.Empty() && !n.Focused || len(b.t.Nodes) >= MaxNodes {
		return nil
	}
	if seen.Empty() {
		seen = bounds
	}
	n.Name, n.Description = cut(n.Name), cut(n.Description)
	if len(n.Actions) > maxActions {
		n.Actions = n.Actions[:maxActions]
	}
	if n.Text != nil {
		t := *n.Text
		t.Content = cut(t.Content)
		n.Text = &t
	}
	node := &Node{Parent: parent, Index: len(parent.Children), Bounds: seen, Note: n}
	key := n.Key
	if key == nil {
		key = place{parent.ID, n.Role, n.Name[:min(len(n.Name), maxKey)]}
	}
	node.ID = b.r.ids.of(key)
	b.t.Nodes[node.ID] = node
	parent.Children = append(parent.Children, node)
	if n.Stands && !n.Disabled || n.Focused && b.t.Focus == nil {
		b.t.Focus = node
	}
	return node
}

// place names a node that has no key of its own.
type place struct {
	parent int64
	role   Role
	name   string
}

// again tells several nodes of one key apart.
type again struct {
	key any
	n   int
}

// ids remembers which thing has which number. A thing that was not there for a
// while loses its number, which is never given again.
type ids struct {
	frame uint64
	last  int64
	known map[any]*ident
	times map[any]int // how often a key came in this frame
}

type ident struct {
	id   int64
	seen uint64
}

// maxKey is how much of a name tells it apart from others.
const maxKey = 256

// keepIDs is for how many frames the number of a thing is kept that is not there.
const keepIDs = 64

func (k *ids) of(key any) int64 {
	if k.known == nil {
		k.known, k.times = map[any]*ident{}, map[any]int{}
	}
	n := k.times[key]
	k.times[key] = n + 1
	if n > 0 {
		key = again{key, n}
	}
	d := k.known[key]
	if d == nil {
		k.last++
		d = &ident{id: k.last}
		k.known[key] = d
	}
	d.seen = k.frame
	return d.id
}

func (k *ids) forget() {
	k.frame++
	clear(k.times)
	if k.frame%keepIDs != 0 {
		return
	}
	for key, d := range k.known {
		if k.frame-d.seen > keepIDs {
			delete(k.known, key)
		}
	}
}
