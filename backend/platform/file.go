package platform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"scriptsmanager/backend/domain"
)

// WriteFile puts data at path so that after a crash of the program or the
// computer either the old or the new content is there, whole: temporary file,
// fsync, rename, fsync of the folder. It fails with CodeDiskFull where there is
// no space; the old file is then still there.
func WriteFile(path string, data []byte, mode os.FileMode) error {
	if err := writeFile(path, data, mode); err != nil {
		if IsDiskFull(err) {
			return domain.NewError(domain.CodeDiskFull, "path", path).Because(err)
		}
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func writeFile(path string, data []byte, mode os.FileMode) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	tmp := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(tmp)
		}
	}()
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Chmod(mode); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := replace(tmp, path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// OpenPlain opens a file for reading that a program which is not trusted may
// have changed: what stands at path must be a file itself, neither a link nor a
// pipe nor a device, or it is an error.
func OpenPlain(path string) (*os.File, error) {
	f, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is no file any more", path), err, f.Close())
	}
	return f, nil
}

// OpenPlainIn does the same below an open folder, and fails with fs.ErrNotExist
// where a file stands no more. A link that was put in its place leads to a file
// in the folder at most: who wants none looks before and compares.
func OpenPlainIn(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fs.ErrNotExist, err, f.Close())
	}
	return f, nil
}

// RemoveAll removes a folder with all in it, whatever the modes of the folders:
// a script may have taken away the right to change them. No link is followed,
// and of files, which may have other names elsewhere, no mode is touched.
func RemoveAll(dir string) error {
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(path, 0o700) //nolint:gosec // a folder about to be removed
		}
		return nil // it can be looked into now; what cannot be removed is told below
	})
	return os.RemoveAll(dir)
}

// SyncFolder has the names in a folder on the disk. Where a system cannot do
// that (Windows) it does nothing.
func SyncFolder(dir string) error { return syncFolder(dir) }
