//go:build unix

package environment

import (
	"os/exec"
	"syscall"
	"time"
)

// group makes the command the leader of a process group that is killed whole
// when its context ends.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 500 * time.Millisecond
}

// endGroup kills what is left of a group whose leader has ended.
func endGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // ESRCH: nothing is left
}

func started(*exec.Cmd) (done func()) { return func() {} }
