package environment

import (
	"os/exec"

	"golang.org/x/sys/windows"
)

// lowly prepares a command that is to run when nothing else wants to, as all
// that it starts.
func lowly(cmd *exec.Cmd) { cmd.SysProcAttr.CreationFlags |= windows.IDLE_PRIORITY_CLASS }

// lower has nothing to add.
func lower(*exec.Cmd) {}
