package network

import "switchboard/shared/lan"

// Interface is one of this computer's network interfaces: see package lan.
type Interface = lan.Interface

// The kinds on which computers nearby may be met.
const (
	InterfaceReal   = lan.Real
	InterfaceBridge = lan.Bridge
)

// Interfaces lists this computer's network interfaces. It works in a companion;
// a plugin itself cannot see them.
func Interfaces() ([]Interface, error) { return lan.Interfaces() }
