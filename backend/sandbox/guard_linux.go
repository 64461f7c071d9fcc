package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Guard makes the connections of a confined process in its place, where they
// are allowed. Landlock does not judge Unix sockets with a path, and a filter
// of system calls cannot read an address: without it, a script could have the
// person's desktop or service manager start programs that are not confined.
//
// The address is copied before it is judged, and what was judged is what is
// connected to, so that nothing can be exchanged in between.
type Guard struct {
	listener int
	network  string
	open     []int    // ports of this machine
	closed   [][2]int // and those that are not, open ones aside
	folders  []string // sockets in these may be used
	slots    chan struct{}
}

// guardSlots is how many connections may wait at the same time.
const guardSlots = 64

func newGuard(listener int, p Policy) *Guard {
	return &Guard{listener: listener, network: p.Network, open: p.Bind, closed: p.Closed, folders: p.Write, slots: make(chan struct{}, guardSlots)}
}

func (g *Guard) close() { _ = unix.Close(g.listener) }

// notification is struct seccomp_notif (linux/seccomp.h).
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	call  int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// answer is struct seccomp_notif_resp.
type answer struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

func ioctl(fd int, request uintptr, argument unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(argument))
		if errno == 0 {
			return nil
		}
		if errno != unix.EINTR {
			return errno
		}
	}
}

// Serve answers until no confined process is left.
func (g *Guard) Serve() {
	defer g.close()
	for {
		fds := []unix.PollFd{{Fd: int32(g.listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
		if fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0 {
			return
		}
		if fds[0].Revents&unix.POLLIN == 0 {
			continue
		}
		var n notification
		if err := ioctl(g.listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
			if errors.Is(err, unix.ENOENT) {
				continue // the caller was ended meanwhile
			}
			return
		}
		g.slots <- struct{}{}
		go func() {
			defer func() { <-g.slots }()
			errno := g.connect(&n)
			_ = ioctl(g.listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&answer{id: n.id, errno: -int32(errno)}))
		}()
	}
}

// maxAddress is the kernel's own bound (struct sockaddr_storage).
const maxAddress = 128

// connect does what the caller asked for, or gives why not.
func (g *Guard) connect(n *notification) unix.Errno {
	length := int32(n.args[2])
	if length < 0 || length > maxAddress {
		return unix.EINVAL
	}
	if length < 2 {
		return unix.EINVAL
	}
	address := make([]byte, length)
	read, err := unix.ProcessVMReadv(int(n.pid),
		[]unix.Iovec{{Base: &address[0], Len: uint64(length)}},
		[]unix.RemoteIovec{{Base: uintptr(n.args[1]), Len: int(length)}}, 0)
	if err != nil || read != int(length) {
		return unix.EFAULT
	}
	fd, err := descriptor(int(n.pid), int(int32(n.args[0])))
	if err != nil {
		return unix.EBADF
	}
	defer func() { _ = unix.Close(fd) }()
	// The pid may have been given to another process since it asked.
	if ioctl(g.listener, unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&n.id)) != nil {
		return unix.EINTR
	}
	family := binary.NativeEndian.Uint16(address)
	switch family {
	case unix.AF_UNIX:
		return g.connectUnix(int(n.pid), fd, address)
	case unix.AF_INET, unix.AF_INET6:
		if !g.reaches(address) || g.isClosed(address) {
			return unix.EACCES
		}
	}
	// Another kind of socket than the address says would be judged wrongly.
	if domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err != nil || domain == unix.AF_UNIX {
		return unix.EINVAL
	}
	return rawConnect(fd, address)
}

func rawConnect(fd int, address []byte) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&address[0])), uintptr(len(address)))
	return errno
}

// reaches judges an address of the internet by the script's network.
func (g *Guard) reaches(address []byte) bool {
	if g.network == NetworkFull {
		return true
	}
	if g.network == NetworkNone {
		return false
	}
	to, ok := addressOf(address)
	return ok && ofThisMachine(to)
}

// isClosed tells whether an address is one of ours or of another script.
func (g *Guard) isClosed(address []byte) bool {
	to, ok := addressOf(address)
	port := int(to.Port())
	return ok && ofThisMachine(to) && !slices.Contains(g.open, port) &&
		slices.ContainsFunc(g.closed, func(r [2]int) bool { return r[0] <= port && port <= r[1] })
}

// ofThisMachine: to connect to no address is to connect to this machine.
func ofThisMachine(a netip.AddrPort) bool { return a.Addr().IsLoopback() || a.Addr().IsUnspecified() }

// addressOf reads struct sockaddr_in and sockaddr_in6.
func addressOf(b []byte) (netip.AddrPort, bool) {
	if len(b) < 8 {
		return netip.AddrPort{}, false
	}
	port := binary.BigEndian.Uint16(b[2:4])
	switch {
	case binary.NativeEndian.Uint16(b) == unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port), true
	case binary.NativeEndian.Uint16(b) == unix.AF_INET6 && len(b) >= 24:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])).Unmap(), port), true
	}
	return netip.AddrPort{}, false
}

// descriptor gets a copy of another process's descriptor. Only a process has
// one for others to take it from, so that of a thread is looked up.
func descriptor(tid, fd int) (int, error) {
	pid, err := processOf(tid)
	if err != nil {
		return -1, err
	}
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(process) }()
	return unix.PidfdGetfd(process, fd, 0)
}

func processOf(tid int) (int, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("\nTgid:\t"))
	number, _, _ := bytes.Cut(rest, []byte("\n"))
	return strconv.Atoi(string(number))
}

// connectUnix connects to a socket that lies in a folder of the script. An
// abstract address has no folder.
func (g *Guard) connectUnix(tid, fd int, address []byte) unix.Errno {
	path, _, _ := strings.Cut(string(address[2:]), "\x00")
	if path == "" {
		return unix.EACCES
	}
	if !filepath.IsAbs(path) {
		path = "/proc/" + strconv.Itoa(tid) + "/cwd/" + path
	}
	target, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		var errno unix.Errno
		if errors.As(err, &errno) && errno == unix.ENOENT {
			return errno
		}
		return unix.EACCES
	}
	defer func() { _ = unix.Close(target) }()
	held := "/proc/self/fd/" + strconv.Itoa(target)
	real, err := os.Readlink(held)
	if err != nil || !g.owns(real) {
		return unix.EACCES
	}
	if domain, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err != nil || domain != unix.AF_UNIX {
		return unix.EINVAL
	}
	again := make([]byte, 2, 2+len(held)+1)
	binary.NativeEndian.PutUint16(again, unix.AF_UNIX)
	return rawConnect(fd, append(append(again, held...), 0))
}

func (g *Guard) owns(path string) bool {
	for _, folder := range g.folders {
		if inside(path, folder) {
			return true
		}
	}
	return false
}
