//go:build unix

package guard

import (
	"os"
	"syscall"
)

// openRecord follows no link, and waits for nobody at a named pipe.
func openRecord(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}
