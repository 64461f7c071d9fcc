//go:build !linux

package discovery

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// folder gives access to the files directly in an open folder.
type folder struct{ dir *os.File }

// stat describes what stands at name itself, links not followed.
func (d folder) stat(name string) (stamp, fs.FileMode, error) {
	info, err := os.Lstat(filepath.Join(d.dir.Name(), name))
	if err != nil {
		return stamp{}, 0, err
	}
	return stampOf(info), info.Mode().Type(), nil
}

// open opens a regular file.
func (d folder) open(name string) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(d.dir.Name(), name))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return f, nil
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), modified: info.ModTime().UnixNano()}
}
