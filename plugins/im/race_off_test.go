//go:build !race

package im

const slow = false
