//go:build desktop && windows

package desktop

import (
	"os"
	"os/exec"
)

// takePipes gives the pipes to the main process. Windows hands down only
// handles that are named, so that no helper has them.
func takePipes() (in, out *os.File, err error) { return os.Stdin, os.Stdout, nil }

// viewerProcess is the program that shows one script's window.
func viewerProcess(program, dir string) *exec.Cmd {
	cmd := exec.Command(program, ViewerCommand, dir)
	cmd.Stderr = os.Stderr
	return cmd
}
