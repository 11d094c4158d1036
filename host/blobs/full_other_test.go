//go:build !linux

package blobs

// A full disk is tried on Linux.
const fullDisk = "BLOBS_FULL_DISK"

func onFullDisk(string) int { return 1 }
