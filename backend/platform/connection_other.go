//go:build !linux

package platform

import "net/netip"

// ConnectionUID does not know on this system.
func ConnectionUID(netip.AddrPort, netip.AddrPort) (uid int, ok bool) { return 0, false }
