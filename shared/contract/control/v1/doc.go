// Package controlv1 is the wire between a running host and its command line.
// It imports nothing of ours and knows neither windows nor plugins.
package controlv1
