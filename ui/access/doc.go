// Package access makes the window usable with a screen reader. It owns the model
// that assistive technology sees - what a frame drew, as a tree of nodes with
// roles, names, states and places - and, on Linux, the AT-SPI2 objects made of it.
// Widgets describe themselves while they are drawn (Wrap, Set); nothing is
// recorded, and nothing costs anything, unless somebody listens. It must not know
// pages, views, words or the host.
package access
