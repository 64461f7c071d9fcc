package imports

import (
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// prepare starts the command without a console window.
func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	cmd.WaitDelay = 500 * time.Millisecond
}

func end(*exec.Cmd) {}
