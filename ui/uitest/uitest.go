// Package uitest drives a window's drawing without a screen: it lays out a
// function, finds things by the labels that a screen reader would say, clicks,
// types and presses keys through Gio's input router, and compares pictures drawn
// by the software renderer with stored ones. It must not know what it tests.
package uitest
