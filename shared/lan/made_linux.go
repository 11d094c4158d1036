package lan

import (
	"bytes"
	"syscall"
)

// Attributes of a link that x/sys names only for newer kernels' headers.
const (
	attrName     = 3  // IFLA_IFNAME
	attrLinkInfo = 18 // IFLA_LINKINFO
	infoKind     = 1  // IFLA_INFO_KIND
)

// madeOf tells by name what kind of device the kernel made each interface as;
// real hardware has none. When the kernel does not say, nobody is in the map.
func madeOf() map[string]string {
	data, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, syscall.AF_UNSPEC)
	if err != nil {
		return nil
	}
	messages, err := syscall.ParseNetlinkMessage(data)
	if err != nil {
		return nil
	}
	made := map[string]string{}
	for i := range messages {
		attributes, err := syscall.ParseNetlinkRouteAttr(&messages[i])
		if messages[i].Header.Type != syscall.RTM_NEWLINK || err != nil {
			continue
		}
		name, kind := "", ""
		for _, a := range attributes {
			switch a.Attr.Type {
			case attrName:
				name = text(a.Value)
			case attrLinkInfo:
				kind = kindIn(a.Value)
			}
		}
		if name != "" && kind != "" {
			made[name] = kind
		}
	}
	return made
}

func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// kindIn finds the kind in the attributes of a link's info: each has a length
// and a type of two bytes and is padded to four.
func kindIn(b []byte) string {
	for len(b) >= 4 {
		length := int(b[0]) | int(b[1])<<8
		kind := int(b[2]) | int(b[3])<<8
		if length < 4 || length > len(b) {
			return ""
		}
		if kind == infoKind {
			return text(b[4:length])
		}
		b = b[min((length+3)&^3, len(b)):]
	}
	return ""
}
