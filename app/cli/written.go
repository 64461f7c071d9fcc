package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"scriptsmanager/backend/domain"
)

func unwritten(path string, err error) error {
	return domain.NewError(domain.CodeExportFailed, "path", path, "detail", err.Error()).Because(err)
}

// counted counts what is written.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (n int, err error) {
	n, err = c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// written has a file written, which is whole then or as it was. A device or a
// pipe is written to as it is, never replaced; of a link, what it leads to is
// replaced.
func written(path string, write func(w io.Writer) error) (size int64, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return 0, unwritten(path, err)
		}
		to := &counted{w: f}
		err = write(to)
		if failed := f.Close(); err == nil && failed != nil {
			err = unwritten(path, failed)
		}
		return to.n, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".scriptsmanager-*")
	if err != nil {
		return 0, unwritten(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	to := &counted{w: f}
	if err := write(to); err != nil {
		return 0, errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return 0, unwritten(path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, unwritten(path, err)
	}
	return to.n, nil
}
