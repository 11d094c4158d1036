// Package windowtest drives the program as it is delivered, with its real window
// on a virtual screen, by keyboard and mouse only, and asks the control socket
// what came of it. It holds nothing but tests, and knows no part of the program
// but its files, its command line and what the window calls things.
package windowtest
