package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

// File is a file that is open for reading.
type File struct {
	*os.File

	Info fs.FileInfo
}

// OpenFile opens a file. It fails with CodeNotFound, CodeFileLink,
// CodeFileSpecial and as enter.
func (f *Folder) OpenFile(path string) (*File, error) {
	dir, name, info, err := f.find(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	switch {
	case info == nil:
		return nil, notFound(path)
	case info.IsDir():
		return nil, domain.NewError(domain.CodeFileFolder, "name", path)
	case !info.Mode().IsRegular():
		return nil, refused(path, info.Mode())
	}
	file, err := platform.OpenPlainIn(dir, name)
	if err != nil {
		return nil, asNotFound(err, path)
	}
	if info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &File{file, info}, nil
}

// Part is a piece of a file.
type Part struct {
	Data    []byte
	Size    int64 // of the whole
	Version string
}

// Read gives up to length bytes from offset on. Where wanted is not "", the
// file must still have that version: else CodeFileChanged. It fails as OpenFile.
func (f *Folder) Read(path string, offset int64, length int, wanted string) (Part, error) {
	file, err := f.OpenFile(path)
	if err != nil {
		return Part{}, err
	}
	defer func() { _ = file.Close() }()
	p := Part{Size: file.Info.Size(), Version: version(file.Info)}
	if wanted != "" && wanted != p.Version {
		return Part{}, Changed(path, file.Info)
	}
	p.Data = make([]byte, max(0, min(int64(length), p.Size-offset)))
	n, err := file.ReadAt(p.Data, max(0, offset))
	if err != nil && !errors.Is(err, io.EOF) {
		return Part{}, fmt.Errorf("read %s: %w", path, err)
	}
	p.Data = p.Data[:n]
	return p, nil
}

// ReadAll gives a file of up to most bytes, with the version that a write of
// it has to name: a hash of what was read. It fails with CodeFileLarge and as
// OpenFile.
func (f *Folder) ReadAll(path string, most int64) (Part, error) {
	file, err := f.OpenFile(path)
	if err != nil {
		return Part{}, err
	}
	defer func() { _ = file.Close() }()
	if file.Info.Size() > most {
		return Part{}, domain.NewError(domain.CodeFileLarge, "name", path, "size", file.Info.Size(), "maximum", most)
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return Part{}, fmt.Errorf("read %s: %w", path, err)
	}
	if int64(len(data)) > most { // it grew
		return Part{}, domain.NewError(domain.CodeFileLarge, "name", path, "size", len(data), "maximum", most)
	}
	return Part{Data: data, Size: int64(len(data)), Version: Hash(data)}, nil
}

const hashPrefix = "sha256:"

// Hash is the version by content of a file that holds data.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hashPrefix + hex.EncodeToString(sum[:])
}

// hash gives the version by content of an open file.
func hash(file io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hashPrefix + hex.EncodeToString(h.Sum(nil)), nil
}

// Changed tells that a file is not what it was when it was looked at; a nil
// info: it has gone.
func Changed(path string, info fs.FileInfo) error {
	if info == nil {
		return domain.NewError(domain.CodeFileChanged, "name", path, "gone", true)
	}
	return domain.NewError(domain.CodeFileChanged, "name", path, "gone", false,
		"size", info.Size(), "modified_at", info.ModTime().UTC(), "version", version(info))
}

// Unchanged fails with CodeFileChanged where an open file was written since it
// was opened.
func (f *File) Unchanged(path string) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if version(info) != version(f.Info) {
		return Changed(path, info)
	}
	return nil
}

// State is the version that the file had when it was opened.
func (f *File) State() string { return version(f.Info) }
