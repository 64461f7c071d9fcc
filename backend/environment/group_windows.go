package environment

import (
	"os/exec"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group starts the command without a console window.
func group(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	cmd.WaitDelay = 500 * time.Millisecond
}

// started puts the process into a job object; done ends whatever is left in it.
func started(cmd *exec.Cmd) (done func()) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return func() {}
	}
	done = func() { _ = windows.CloseHandle(job) } // kills by JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		return done
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err != nil {
		return done
	}
	_ = windows.AssignProcessToJobObject(job, process) // else the leader alone is killed, by its context
	_ = windows.CloseHandle(process)
	return done
}

func endGroup(*exec.Cmd) {}
