package platform_test

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/platform"
)

func TestBackgroundIsOfOneThread(t *testing.T) {
	runtime.LockOSThread() // so that the other goroutine has another thread
	defer runtime.UnlockOSThread()
	before, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan int)
	go func() {
		runtime.LockOSThread() // it ends with this goroutine
		if err := platform.Background(); err != nil {
			t.Error(err)
		}
		nice, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
		if err != nil {
			t.Error(err)
		}
		got <- nice
	}()
	// The system call gives 20 - nice.
	if nice := <-got; nice > 10 {
		t.Errorf("20 - nice is %d, before %d", nice, before)
	}
	if after, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid()); err != nil || after != before {
		t.Errorf("this thread has %d, before %d, %v", after, before, err)
	}
}
