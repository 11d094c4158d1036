package view

// Option changes one property of a node. An option that does not fit the node's
// kind changes nothing.
type Option func(Node)

// With applies options to a node and returns it.
func With(n Node, options ...Option) Node {
	for _, o := range options {
		o(n)
	}
	return n
}
