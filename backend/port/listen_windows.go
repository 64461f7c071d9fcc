package port

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// holdBlocks: on Windows SO_REUSEADDR would let any program take the port, so
// it is held with SO_EXCLUSIVEADDRUSE and must be yielded before the start.
const holdBlocks = true

const soExclusiveAddrUse = ^4 // winsock2.h: ((int)(~SO_REUSEADDR))

type hold struct{ socket windows.Handle }

func (h *hold) close() error { return errors.Join(windows.Closesocket(h.socket), windows.WSACleanup()) }

// reserve binds the port on the loopback without listening; nil means that it
// is not free, or reserved by the system (Hyper-V).
func reserve(port int, _ bool) *hold {
	if busy, err := Listening(port); err != nil || busy {
		return nil
	}
	var data windows.WSAData
	if windows.WSAStartup(0x202, &data) != nil { // version 2.2; counted, close takes it back
		return nil
	}
	s, err := windows.WSASocket(windows.AF_INET, windows.SOCK_STREAM, windows.IPPROTO_TCP, nil, 0, windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		_ = windows.WSACleanup()
		return nil
	}
	err = windows.SetsockoptInt(s, windows.SOL_SOCKET, soExclusiveAddrUse, 1)
	if err == nil {
		err = windows.Bind(s, &windows.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		_ = (&hold{s}).close() // nothing was sent, there is nothing to lose
		return nil
	}
	return &hold{s}
}

// Listening tells whether any program listens on the TCP port, on whichever
// address of this machine.
func Listening(port int) (bool, error) {
	pids, err := listeners(port)
	return len(pids) > 0, err
}

// Owner gives the process that listens on the port.
func Owner(port int) (pid int, ok bool) {
	pids, err := listeners(port)
	if err != nil || len(pids) == 0 {
		return 0, false
	}
	return slices.Min(pids), true
}

// OwnedBy tells whether one of the processes listens on the port.
func OwnedBy(port int, pids []int) (bool, error) {
	found, err := listeners(port)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(found, func(pid int) bool { return slices.Contains(pids, pid) }), nil
}

func listeners(port int) ([]int, error) {
	var pids []int
	for _, family := range []uint32{windows.AF_INET, windows.AF_INET6} {
		table, err := tcpTable(family, ownerPIDListener)
		if err != nil {
			return nil, fmt.Errorf("ask who listens on port %d: %w", port, err)
		}
		pids = append(pids, parseTable(table, family == windows.AF_INET6, port)...)
	}
	return pids, nil
}

// Values of TCP_TABLE_CLASS (iprtrmib.h).
const (
	ownerPIDListener = 3
	ownerPIDAll      = 5
)

// tcpTable calls GetExtendedTcpTable.
func tcpTable(family, class uint32) ([]byte, error) {
	proc := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
	if err := proc.Find(); err != nil {
		return nil, err
	}
	size := uint32(16 << 10)
	for range 8 { // the table may grow between two calls
		buf := make([]byte, size)
		rc, _, _ := proc.Call(uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)), 0,
			uintptr(family), uintptr(class), 0)
		switch windows.Errno(rc) {
		case 0:
			return buf, nil
		case windows.ERROR_INSUFFICIENT_BUFFER:
			size += 4 << 10
		default:
			return nil, fmt.Errorf("GetExtendedTcpTable: %w", windows.Errno(rc))
		}
	}
	return nil, fmt.Errorf("GetExtendedTcpTable: the table grew with every call")
}
