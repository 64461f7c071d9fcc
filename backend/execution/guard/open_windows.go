package guard

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

func openRecord(path string) (*os.File, error) { return os.Open(path) }

// hide keeps a console window from flashing up.
func hide(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
}
