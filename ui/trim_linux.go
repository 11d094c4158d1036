//go:build linux && !android && cgo

package ui

/*
#include <malloc.h>
static void give_back(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

// giveBack gives the system back what the window system's libraries have freed:
// they leave some of it with the C library, which keeps it.
func giveBack() { C.give_back() }
