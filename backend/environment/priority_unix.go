//go:build unix

package environment

import (
	"os/exec"
	"syscall"
)

// lowly prepares a command that is to run when nothing else wants to.
func lowly(*exec.Cmd) {}

// lower lets a command that was started, and all that it starts, go behind
// everything else. It leads its process group.
func lower(cmd *exec.Cmd) {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, cmd.Process.Pid, 15) // else it runs as the rest does
}
