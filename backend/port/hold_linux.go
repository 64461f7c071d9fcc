package port

import (
	"errors"

	"golang.org/x/sys/unix"
)

// holdBlocks: a held port is no hindrance for a server that sets SO_REUSEADDR.
const holdBlocks = false

type hold struct{ fd int }

func (h *hold) close() error { return unix.Close(h.fd) }

// reserve binds the port on the loopback without listening; nil means that it
// is not free. The bind itself is made without SO_REUSEADDR, which is refused
// while any other socket has the port, a reserving one of another engine too;
// only then the option is set, which lets the script's server in. lingering
// also takes a port whose old connections are in TIME_WAIT, which a bind
// without the option refuses for a minute.
func reserve(port int, lingering bool) *hold {
	if busy, err := Listening(port); err != nil || busy {
		return nil
	}
	fd, err := bound(port, false)
	if errors.Is(err, unix.EADDRINUSE) && lingering {
		if waiting, err := timeWait(port); err != nil || !waiting {
			return nil
		}
		fd, err = bound(port, true)
	}
	if err != nil {
		return nil
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) != nil {
		_ = unix.Close(fd) // nothing was sent, there is nothing to lose
		return nil
	}
	return &hold{fd}
}

func bound(port int, reuse bool) (int, error) {
	fd, err := socket()
	if err != nil {
		return -1, err
	}
	if reuse {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
