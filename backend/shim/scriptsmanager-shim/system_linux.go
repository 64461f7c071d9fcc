package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// closeInherited closes the descriptors that a starter forgot to keep for
// itself, so that neither we nor the program hold them (a locked file, a
// listening socket), and has all others closed when the program is started.
func closeInherited() {
	// Those of Go's runtime (epoll, events, its cgroup's files) must stay open.
	_ = unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC)
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd < 3 {
			continue
		}
		target, err := os.Readlink("/proc/self/fd/" + entry.Name())
		if err != nil || strings.HasPrefix(target, "anon_inode:") || strings.Contains(target, "/cgroup") || strings.Contains(target, "/cpu.") {
			continue
		}
		_ = unix.Close(fd)
	}
}

// keepFolder has the system's cleaning of temporary files (tmpfiles.d(5), which
// leaves out folders that are locked) pass over a run folder as long as we run,
// which may be months.
func keepFolder(dir string) {
	if fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil {
		_ = unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB) // some file systems have no locks
	}
}

// becomeReaper makes orphans of the tree our children, wherever they sit.
func becomeReaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become reaper of the tree: %w", err)
	}
	return nil
}

func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("unix", address)
	if err != nil {
		return nil, fmt.Errorf("listen for the engine: %w", err)
	}
	if err := os.Chmod(address, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect the socket: %w", err), listener.Close())
	}
	return listener, nil
}

// allowed tells whether the other end is our own user, or root.
func allowed(conn net.Conn) bool {
	local, ok := conn.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := local.SyscallConn()
	if err != nil {
		return false
	}
	ok = false
	err = raw.Control(func(fd uintptr) {
		peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		ok = err == nil && (peer.Uid == 0 || int(peer.Uid) == os.Getuid())
	})
	return err == nil && ok
}

// writeReady writes to stdout by itself: through os.Stdout a starter that is
// gone would end us by SIGPIPE. Then stdout becomes /dev/null.
func writeReady(line []byte) {
	_, _ = unix.Write(1, line)
	if null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0); err == nil {
		_ = unix.Dup2(null, 1)
		_ = unix.Close(null)
	}
}

// leaveInput puts /dev/null in place of stdin: a number that is free would be
// given to the next file that is opened.
func leaveInput() {
	if null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0); err == nil {
		_ = unix.Dup2(null, 0)
		_ = unix.Close(null)
	}
}

func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
