package sdk

import (
	"os"

	"golang.org/x/sys/unix"

	"switchboard/sdk/internal/link"
	contractv1 "switchboard/shared/contract/v1"
)

// openDescriptors takes the descriptor channel, when the host gave one.
func openDescriptors() (*link.Descriptors, error) {
	kind, err := unix.GetsockoptInt(contractv1.DescriptorFD, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_SEQPACKET {
		return nil, nil
	}
	unix.CloseOnExec(contractv1.DescriptorFD)
	return link.NewDescriptors(os.NewFile(contractv1.DescriptorFD, "descriptors"))
}
