package change

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/process"
)

// apart puts a tool into a group of its own, so that we decide when it is
// asked to end, and when killed.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// adopt makes orphans of what we start our own children.
func adopt() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) } // without it, the shim is

// writable tells whether we may make files in a folder, without making one: it
// is asked often, and whoever watches the folder would look at it each time.
func writable(dir string) bool { return unix.Access(dir, unix.W_OK|unix.X_OK) == nil }

// terminate asks the whole tree to end.
func (t *tree) terminate() {
	t.look()
	process.SignalTree(t.root.PID, unix.SIGTERM)
	_ = t.root.Signal(unix.SIGTERM)
}

// outputs gives where a tool's output is read and where it is written: a
// terminal that changes nothing of it, where one is wanted and to be had, else
// a pipe.
func outputs(terminal bool) (read, write *os.File, err error) {
	if terminal {
		if read, write, err = openTerminal(); err == nil {
			return read, write, nil
		}
	}
	if read, write, err = os.Pipe(); err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	return read, write, nil
}

func openTerminal() (master, slave *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	master = os.NewFile(uintptr(fd), "terminal")
	defer func() {
		if err != nil {
			_ = master.Close()
		}
	}()
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, fmt.Errorf("unlock a terminal: %w", err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, fmt.Errorf("find a terminal: %w", err)
	}
	slave, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	// Lines as they are written, and wide enough that none is folded.
	if mode, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS); err == nil {
		mode.Oflag &^= unix.OPOST
		mode.Lflag &^= unix.ECHO
		_ = unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, mode)
	}
	_ = unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 50, Col: 500})
	return master, slave, nil
}
