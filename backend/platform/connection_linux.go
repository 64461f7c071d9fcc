package platform

import (
	"bufio"
	"encoding/hex"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// ConnectionUID tells whose the client's end of a TCP connection on this
// machine is, by the kernel's table of sockets (proc(5), /proc/net/tcp).
func ConnectionUID(client, server netip.AddrPort) (uid int, ok bool) {
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		scan := bufio.NewScanner(f)
		for scan.Scan() {
			if uid, ok = connectionLine(scan.Text(), client, server); ok {
				break
			}
		}
		_ = f.Close()
		if ok {
			return uid, true
		}
	}
	return 0, false
}

// connectionLine reads one line: "sl local_address rem_address st tx:rx tr:tm
// retrnsmt uid …".
func connectionLine(line string, client, server netip.AddrPort) (uid int, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 8 || fields[3] != established {
		return 0, false
	}
	local, ok1 := tableAddress(fields[1])
	remote, ok2 := tableAddress(fields[2])
	if !ok1 || !ok2 || local != unmapped(client) || remote != unmapped(server) {
		return 0, false
	}
	uid, err := strconv.Atoi(fields[7])
	return uid, err == nil
}

const established = "01"

func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// tableAddress reads "0100007F:1F90": the address in the machine's byte order
// by words of 32 bits, the port in hexadecimal.
func tableAddress(s string) (netip.AddrPort, bool) {
	address, port, ok := strings.Cut(s, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	raw, err2 := hex.DecodeString(address)
	if !ok || err != nil || err2 != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for word := range slices.Chunk(raw, 4) {
		slices.Reverse(word)
	}
	a, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(a.Unmap(), uint16(number)), ok
}
