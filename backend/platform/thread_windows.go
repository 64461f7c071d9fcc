package platform

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// belowNormal is THREAD_PRIORITY_BELOW_NORMAL of winbase.h, as the int that it is.
const belowNormal = ^uintptr(0)

var setThreadPriority = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadPriority")

// Background has the calling thread, to which its goroutine must be locked for
// good, give way to whoever else wants the processor.
func Background() error {
	if ok, _, err := setThreadPriority.Call(uintptr(windows.CurrentThread()), belowNormal); ok == 0 {
		return fmt.Errorf("set the priority of a thread: %w", err)
	}
	return nil
}
