// Package platformtest has tests see a machine as another account does.
package platformtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// AsNobody calls f as an ordinary account, which owns the folder, one in a
// folder of the test's own: to root nothing is closed. It is so for what f
// itself opens, not for other goroutines and processes.
func AsNobody(t *testing.T, dir string, f func() error) error {
	t.Helper()
	if os.Getuid() != 0 {
		return f()
	}
	const nobody = 65534
	for _, above := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(above, 0o755); err != nil { //nolint:gosec // the other account goes through it
			return err
		}
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody) //nolint:gosec // a folder of the test's own
		}
		return err
	})
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // which ends with this
		if err = unix.Setfsuid(nobody); err == nil {
			err = f()
		}
	}()
	<-done
	return err
}
