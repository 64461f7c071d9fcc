package platform

import "golang.org/x/sys/unix"

// background is the nice value of a thread that works behind the others.
const background = 10

// Background has the calling thread, to which its goroutine must be locked for
// good, give way to whoever else wants the processor. It gets no less than a
// tenth of one, so that who waits for it does not wait for long.
func Background() error {
	// The system call gives 20 - nice. Who gives way more does so already.
	if got, err := unix.Getpriority(unix.PRIO_PROCESS, 0); err == nil && 20-got >= background {
		return nil
	}
	return unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), background)
}
