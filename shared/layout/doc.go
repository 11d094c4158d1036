// Package layout owns the rule of who may import whom and the test that
// enforces it. It has no code that runs.
package layout
