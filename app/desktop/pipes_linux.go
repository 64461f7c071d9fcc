//go:build desktop && linux

package desktop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// takePipes moves the pipes to the main process away from descriptors 0 and 1,
// to ones that no child inherits: the web view's helpers, in one of which the
// script's page runs, must be able neither to read nor to write them, nor keep
// them open after this process.
func takePipes() (in, out *os.File, err error) {
	taken := [2]*os.File{}
	for i, name := range []string{"from main", "to main"} {
		fd, err := unix.FcntlInt(uintptr(i), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, nil, fmt.Errorf("duplicate descriptor %d: %w", i, err)
		}
		taken[i] = os.NewFile(uintptr(fd), name)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	defer null.Close()
	if err := unix.Dup3(int(null.Fd()), 0, 0); err != nil {
		return nil, nil, err
	}
	return taken[0], taken[1], unix.Dup3(2, 1, 0)
}

// viewerProcess is the program that shows one script's window.
func viewerProcess(program, dir string) *exec.Cmd {
	cmd := exec.Command(program, ViewerCommand, dir)
	cmd.Env = append(cmd.Environ(), "XDG_DATA_HOME="+filepath.Join(dir, "data"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	cmd.Stderr = os.Stderr
	return cmd
}
