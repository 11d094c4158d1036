// Package viewcheck checks what a plugin shows against the published bounds, on
// both ends by the same code. It knows nothing of drawing.
package viewcheck

import contractv1 "switchboard/shared/contract/v1"

// Tree checks a whole view; compact views have tighter bounds.
func Tree(root *contractv1.Node, compact bool) error { return nil }

// Items checks the answer to a Want.
func Items(m *contractv1.ListItems) error { return nil }

// Patch checks changes of a list.
func Patch(m *contractv1.ListPatch) error { return nil }

// Command checks a one-time command.
func Command(m *contractv1.ViewCommand) error { return nil }
