package process

import (
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Group has a command that is still to be started begin without a console window.
func Group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	cmd.WaitDelay = groupDelay
}

// grouped is called once the command of a Group is started, and puts it into a
// job object. What it gives is called when the command has ended, and ends
// whatever is left in that.
func grouped(cmd *exec.Cmd) (end func()) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return func() {}
	}
	end = func() { _ = windows.CloseHandle(job) } // kills by JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		return end
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err != nil {
		return end
	}
	_ = windows.AssignProcessToJobObject(job, process) // else the leader alone is killed, by its context
	_ = windows.CloseHandle(process)
	return end
}
