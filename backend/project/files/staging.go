package files

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// Staging is the folder where files grow until they are whole. It lies on the
// disk of the data folders and outside of all of them: no script sees half a
// file, and no list shows one.
type Staging struct{ root *os.Root }

// draftSuffix is one that backups leave out.
const draftSuffix = ".tmp"

// OpenStaging opens the folder, which it makes, and removes what a crash left
// there: nobody else may have it open.
func OpenStaging(dir string) (*Staging, error) {
	if err := os.MkdirAll(dir, folderMode); err != nil {
		return nil, fmt.Errorf("make folder for uploads: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder for uploads: %w", err)
	}
	at, err := root.Open(".")
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	names, err := at.Readdirnames(-1)
	_ = at.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look into folder for uploads: %w", err), root.Close())
	}
	for _, name := range names {
		_ = removeTree(root, name) // what cannot be removed takes room, and is in nobody's way
	}
	return &Staging{root}, nil
}

// Close ends the access.
func (s *Staging) Close() error { return s.root.Close() }

func (s *Staging) name() string { return rand.Text() + draftSuffix }

// Free is how many bytes this disk still takes.
func (s *Staging) Free() (int64, error) {
	free, _, err := platform.DiskUsage(s.root.Name())
	return int64(min(free, 1<<62)), err
}

// Draft is a file that is not whole yet. Put gives it its place; Discard it
// afterwards in any case.
type Draft struct {
	staging *os.Root
	name    string
	file    *os.File // nil: it is whole
	size    int64
}

// NewDraft begins a file. It fails with CodeDiskFull.
func (s *Staging) NewDraft() (*Draft, error) {
	name := s.name()
	file, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return nil, failed(err, name)
	}
	return &Draft{staging: s.root, name: name, file: file}, nil
}

// Size is how many bytes were written.
func (d *Draft) Size() int64 { return d.size }

// Write appends. It fails with CodeDiskFull.
func (d *Draft) Write(p []byte) (int, error) {
	if d.file == nil {
		return 0, errors.New("write into a file that is whole")
	}
	n, err := d.file.Write(p)
	d.size += int64(n)
	if platform.IsDiskFull(err) {
		return n, domain.NewError(domain.CodeDiskFull, "path", d.staging.Name()).Because(err)
	}
	return n, err
}

// seal has all of it on the disk.
func (d *Draft) seal() error {
	if d.file == nil {
		return nil
	}
	err := errors.Join(d.file.Sync(), d.file.Close())
	d.file = nil
	if platform.IsDiskFull(err) {
		return domain.NewError(domain.CodeDiskFull, "path", d.staging.Name()).Because(err)
	}
	return err
}

// Discard removes the draft where it has got no place.
func (d *Draft) Discard() {
	if d.file != nil {
		_ = d.file.Close()
		d.file = nil
	}
	_ = d.staging.Remove(d.name)
}
