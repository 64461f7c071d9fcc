//go:build unix

package process

import (
	"os/exec"
	"syscall"
)

// Group makes a command that is still to be started the leader of a process
// group that is killed whole when its context ends.
func Group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = groupDelay
}

// grouped is called once the command of a Group is started. What it gives is
// called as soon as the command has ended, before its number can be another's,
// and kills whatever is left of the group.
func grouped(cmd *exec.Cmd) (end func()) {
	return func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // ESRCH: nothing is left
}
