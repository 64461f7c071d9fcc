package port

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// inetDiagInfo is the attribute with struct tcp_info (linux/inet_diag.h).
const inetDiagInfo = 2

// Where struct tcp_info (linux/tcp.h) has the counters of bytes.
const (
	infoAcked    = 120
	infoReceived = 128
)

// Other TCP states of the kernel (include/net/tcp_states.h).
const (
	tcpEstablished = 1
	tcpFinWait1    = 4
	tcpFinWait2    = 5
	tcpCloseWait   = 8
	tcpLastAck     = 9
	tcpClosing     = 11
)

const over = 1<<tcpTimeWait | 1<<tcpFinWait2

// connections gives those to the port, and the rests of those of the last
// minute: on the side that closed first, which may be the other one.
func connections(port int) ([]flow, error) {
	const open = 1<<tcpEstablished | 1<<tcpFinWait1 | 1<<tcpCloseWait | 1<<tcpLastAck | 1<<tcpClosing
	var all []flow
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		for _, q := range []query{
			{family: family, states: open | over, local: port, info: true},
			{family: family, states: over, remote: port},
		} {
			err := dump(q, func(b []byte) (bool, error) {
				found, done, err := parseFlows(b)
				all = append(all, found...)
				return done, err
			})
			if err != nil {
				return procConnections(port)
			}
		}
	}
	return all, nil
}

// parseFlows reads netlink messages that hold struct inet_diag_msg and, after
// it, attributes.
func parseFlows(b []byte) (flows []flow, done bool, err error) {
	ne := binary.NativeEndian
	done, err = messages(b, func(body []byte) {
		var f flow
		f.id = ne.Uint64(body[44:]) // id.idiag_cookie
		copy(f.ends[:], body[4:40])
		f.over = over&(1<<(body[1]&31)) != 0
		f.blind = !f.over
		for rest := body[diagSize:]; len(rest) >= 4; {
			length, kind := int(ne.Uint16(rest)), ne.Uint16(rest[2:])
			if length < 4 || length > len(rest) {
				break
			}
			if info := rest[4:length]; kind == inetDiagInfo && len(info) >= infoReceived+8 {
				f.bytes, f.blind = ne.Uint64(info[infoAcked:])+ne.Uint64(info[infoReceived:]), false
			}
			rest = rest[min((length+3)&^3, len(rest)):]
		}
		flows = append(flows, f)
	})
	return flows, done, err
}

// procConnections is for kernels without sock_diag; it tells no bytes.
func procConnections(port int) ([]flow, error) {
	var all []flow
	read := false
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		if b, err := os.ReadFile(name); err == nil {
			read = true
			all = append(all, parseProcFlows(string(b), port)...)
		}
	}
	if !read {
		return nil, fmt.Errorf("ask for the connections of port %d: neither sock_diag nor /proc/net/tcp is there", port)
	}
	return all, nil
}

// parseProcFlows reads the table of proc(5), /proc/net/tcp.
func parseProcFlows(table string, port int) []flow {
	var flows []flow
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		state, err := strconv.ParseUint(f[3], 16, 8)
		if err != nil {
			continue
		}
		rest := state < 32 && over&(1<<state) != 0
		if at(f[1]) != port && (!rest || at(f[2]) != port) || state == tcpListen {
			continue
		}
		one := flow{blind: !rest}
		one.over = rest
		copy(one.ends[:], f[1]+f[2])
		if len(f[1])+len(f[2]) > len(one.ends) { // IPv6: the ends of both are telling enough
			copy(one.ends[:18], f[1][max(0, len(f[1])-18):])
			copy(one.ends[18:], f[2][max(0, len(f[2])-18):])
		}
		flows = append(flows, one)
	}
	return flows
}

// at gives the port of an address of /proc/net/tcp; -1 where there is none.
func at(address string) int {
	_, port, _ := strings.Cut(address, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
