//go:build unix

package platform

import (
	"os"
	"syscall"
)

// openPlain follows no link, and waits for nobody at a named pipe.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|withoutWaiting, 0)
}

// withoutWaiting: at a named pipe nobody is waited for.
const withoutWaiting = syscall.O_NONBLOCK
