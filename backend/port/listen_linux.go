package port

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// TCP states of the kernel (include/net/tcp_states.h).
const (
	tcpTimeWait = 6
	tcpListen   = 10
)

func socket() (int, error) {
	return unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}

// Listening tells whether any program listens on the TCP port, on whichever
// address of this machine.
func Listening(port int) (bool, error) {
	inodes, err := sockets(port, tcpListen)
	return len(inodes) > 0, err
}

// timeWait tells whether old connections of the port are in TIME_WAIT.
func timeWait(port int) (bool, error) {
	found, err := sockets(port, tcpTimeWait)
	return len(found) > 0, err
}

// sockets gives the inodes of the sockets with the local port in the state.
// It asks by sock_diag and, where the kernel lacks that, reads /proc/net.
func sockets(port, state int) ([]uint32, error) {
	var inodes []uint32
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		found, err := diag(family, port, state)
		if err != nil {
			return procSockets(port, state)
		}
		inodes = append(inodes, found...)
	}
	return inodes, nil
}

// diag asks the kernel by netlink (sock_diag(7)): a dump of one family's TCP
// sockets in one state, filtered by local port in the kernel.
func diag(family uint8, port, state int) (inodes []uint32, err error) {
	err = dump(query{family: family, states: 1 << state, local: port}, func(b []byte) (bool, error) {
		found, done, err := parseDiag(b, port)
		inodes = append(inodes, found...)
		return done, err
	})
	return inodes, err
}

// query is what sock_diag is asked for: TCP sockets in some states, with the
// ports that are not 0.
type query struct {
	family        uint8
	states        uint32 // bits
	local, remote int
	info          bool // struct tcp_info besides
}

// dump asks sock_diag, and hands over what it answers until take has had the end.
func dump(q query, take func([]byte) (done bool, err error)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_INET_DIAG)
	if err != nil {
		return fmt.Errorf("open sock_diag: %w", err)
	}
	defer func() { _ = unix.Close(fd) }() // nothing is lost with it
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 2}); err != nil {
		return fmt.Errorf("set the time limit of sock_diag: %w", err)
	}
	// struct nlmsghdr (16 bytes), then struct inet_diag_req_v2 (56 bytes)
	const header, request = 16, 56
	msg := make([]byte, header+request)
	ne := binary.NativeEndian
	ne.PutUint32(msg[0:], header+request)
	ne.PutUint16(msg[4:], unix.SOCK_DIAG_BY_FAMILY)
	ne.PutUint16(msg[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	ne.PutUint32(msg[8:], 1)
	req := msg[header:]
	req[0], req[1] = q.family, unix.IPPROTO_TCP
	if q.info {
		req[2] = 1 << (inetDiagInfo - 1) // idiag_ext
	}
	ne.PutUint32(req[4:], q.states)
	binary.BigEndian.PutUint16(req[8:], uint16(q.local))   // id.idiag_sport
	binary.BigEndian.PutUint16(req[10:], uint16(q.remote)) // id.idiag_dport
	for i := 48; i < 56; i++ {
		req[i] = 0xff // id.idiag_cookie: INET_DIAG_NOCOOKIE
	}
	if err := unix.Sendto(fd, msg, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("ask sock_diag: %w", err)
	}
	buf := make([]byte, 32<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read sock_diag: %w", err)
		}
		if done, err := take(buf[:n]); done || err != nil {
			return err
		}
	}
}

// parseDiag reads netlink messages that hold struct inet_diag_msg (72 bytes:
// family, state, timer, retrans; sport and dport in network order; …; inode last).
func parseDiag(b []byte, port int) (inodes []uint32, done bool, err error) {
	done, err = messages(b, func(body []byte) {
		if int(binary.BigEndian.Uint16(body[4:])) == port {
			inodes = append(inodes, binary.NativeEndian.Uint32(body[68:]))
		}
	})
	return inodes, done, err
}

// diagSize is that of struct inet_diag_msg.
const diagSize = 72

// messages goes through netlink messages, and tells whether the last was there.
func messages(b []byte, each func(body []byte)) (done bool, err error) {
	const header = 16
	ne := binary.NativeEndian
	for len(b) >= header {
		length := int(ne.Uint32(b))
		if length < header || length > len(b) {
			return true, errors.New("sock_diag: message of impossible length")
		}
		body := b[header:length]
		switch ne.Uint16(b[4:]) {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			if len(body) >= 4 {
				if code := int32(ne.Uint32(body)); code != 0 {
					return true, fmt.Errorf("sock_diag: %w", unix.Errno(-code))
				}
			}
			return true, nil
		default:
			if len(body) >= diagSize {
				each(body)
			}
		}
		b = b[min((length+3)&^3, len(b)):]
	}
	return false, nil
}

func procSockets(port, state int) ([]uint32, error) {
	var inodes []uint32
	read := false
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // no IPv6
		}
		if err != nil {
			return nil, fmt.Errorf("ask who listens on port %d: %w", port, err)
		}
		read = true
		inodes = append(inodes, parseProcNet(string(b), port, state)...)
	}
	if !read {
		return nil, fmt.Errorf("ask who listens on port %d: neither sock_diag nor /proc/net/tcp is there", port)
	}
	return inodes, nil
}

// parseProcNet reads the table of proc(5), /proc/net/tcp.
func parseProcNet(table string, port, state int) []uint32 {
	var inodes []uint32
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) < 10 {
			continue
		}
		_, hexPort, _ := strings.Cut(f[1], ":")
		p, err := strconv.ParseUint(hexPort, 16, 16)
		if err != nil || int(p) != port {
			continue
		}
		if st, err := strconv.ParseUint(f[3], 16, 8); err != nil || int(st) != state {
			continue
		}
		if inode, err := strconv.ParseUint(f[9], 10, 32); err == nil {
			inodes = append(inodes, uint32(inode))
		}
	}
	return inodes
}

// Owner gives the process that listens on the port, the one with the lowest
// id where several share the socket. ok is false where nobody listens or the
// process is one that we may not look into. It reads all of /proc: to check
// known processes, OwnedBy is far cheaper.
func Owner(port int) (pid int, ok bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, false
	}
	links, err := listenerLinks(port)
	if err != nil || len(links) == 0 {
		return 0, false
	}
	for _, e := range entries {
		if p, err := strconv.Atoi(e.Name()); err == nil && (pid == 0 || p < pid) && hasSocket(p, links) {
			pid = p
		}
	}
	return pid, pid != 0
}

// OwnedBy tells whether one of the processes listens on the port.
func OwnedBy(port int, pids []int) (bool, error) {
	links, err := listenerLinks(port)
	if err != nil || len(links) == 0 {
		return false, err
	}
	for _, pid := range pids {
		if hasSocket(pid, links) {
			return true, nil
		}
	}
	return false, nil
}

func listenerLinks(port int) (map[string]bool, error) {
	inodes, err := sockets(port, tcpListen)
	if err != nil {
		return nil, err
	}
	links := map[string]bool{}
	for _, inode := range inodes {
		links[fmt.Sprintf("socket:[%d]", inode)] = true
	}
	return links, nil
}

func hasSocket(pid int, links map[string]bool) bool {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	d, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return false
	}
	for _, name := range names {
		if target, err := os.Readlink(filepath.Join(dir, name)); err == nil && links[target] {
			return true
		}
	}
	return false
}
