// Package ui owns the window: its loop, its layout and what is open in it. It
// states what it needs from the host as Backend and must never import the host.
package ui
