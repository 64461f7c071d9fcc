package files_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"scriptsmanager/backend/project/files"
)

// asNobody calls f as an ordinary account, which owns the folder: to root
// nothing is closed.
func asNobody(t *testing.T, dir string, f func() error) error {
	t.Helper()
	if os.Getuid() != 0 {
		return f()
	}
	const nobody = 65534
	for _, above := range []string{filepath.Dir(dir), dir} {
		check(t, os.Chmod(above, 0o755))
	}
	check(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody)
		}
		return err
	}))
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // which ends with this
		err := unix.Setfsuid(nobody)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// A script may have closed a folder in what is deleted.
func TestDeleteClosedFolders(t *testing.T) {
	p := newPlace(t)
	p.write(t, "d/closed/file", "1")
	check(t, os.Chmod(filepath.Join(p.dir, "d", "closed"), 0o500))
	check(t, asNobody(t, filepath.Dir(p.outside), func() error {
		_, err := p.folder.Delete(t.Context(), p.staging, []string{"d"}, 9)
		return err
	}))
	if p.staged(t) != 0 {
		t.Error("it lies among the uploads")
	}
}

// What a crash left among the uploads is removed, and ends none where it cannot be.
func TestStagingOpensWithWhatIsClosed(t *testing.T) {
	p := newPlace(t)
	dir := filepath.Join(filepath.Dir(p.outside), "uploads")
	check(t, os.MkdirAll(filepath.Join(dir, "old", "closed", "deep"), 0o700))
	check(t, os.Chmod(filepath.Join(dir, "old", "closed"), 0o500))
	check(t, asNobody(t, filepath.Dir(p.outside), func() error {
		s, err := files.OpenStaging(dir)
		if err == nil {
			err = s.Close()
		}
		return err
	}))
	if p.staged(t) != 0 {
		t.Error("it is left, and could be removed")
	}
}
