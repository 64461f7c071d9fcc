package document

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
)

// Hash tells contents of files apart.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// ReadFile reads a whole document of at most that many bytes as it is. It
// fails with fs.ErrNotExist, CodeDocumentLong, and CodeDocumentFolder where a
// folder or a link stands in its place.
func ReadFile(group *os.Root, place string, most int) ([]byte, fs.FileInfo, error) {
	info, err := plainFile(group, place)
	if err != nil {
		return nil, nil, err
	}
	if info == nil {
		return nil, nil, fs.ErrNotExist
	}
	f, err := platform.OpenPlainIn(group, place)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err == nil && len(content) > most {
		err = domain.NewError(domain.CodeDocumentLong, "maximum", most)
	}
	return content, info, err
}

// plainFile tells what stands where a document belongs; nil is nothing.
func plainFile(group *os.Root, place string) (fs.FileInfo, error) {
	if !domain.DocumentFile(place) {
		return nil, domain.NewError(domain.CodeDocumentName, "path", place)
	}
	info, err := group.Lstat(place)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, domain.NewError(domain.CodeFileUnreadable, "path", place, "detail", err.Error()).Because(err)
	case !info.Mode().IsRegular():
		return nil, domain.NewError(domain.CodeDocumentFolder)
	}
	return info, nil
}

// Draft is a document that is written and has not its place yet.
type Draft struct {
	group       *os.Root
	place, temp string
	want, hash  string // of what is to be replaced, and of what is written
	most        int
	put         bool
	found       []byte // what Put replaced
}

// Prepare writes content beside where it belongs, with the mode of what stands
// there. Put gives it the place, Drop removes it; want is the hash of what is
// to be replaced, "" where nothing may stand there.
func Prepare(group *os.Root, place string, content []byte, want string, most int) (_ *Draft, err error) {
	info, err := plainFile(group, place)
	if err != nil {
		return nil, err
	}
	mode := fs.FileMode(fileMode)
	if info != nil {
		mode = info.Mode().Perm()
	}
	dir := path.Dir(place)
	if err := group.MkdirAll(dir, folderMode); err != nil {
		return nil, failed(place, err)
	}
	d := &Draft{group: group, place: place, want: want, hash: Hash(content), most: most, temp: path.Join(dir, "."+path.Base(place)+"."+rand.Text()[:8]+".tmp")}
	f, err := group.OpenFile(d.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, failed(place, err)
	}
	_, err = f.Write(content)
	if err == nil {
		if changed := f.Chmod(mode); !errors.Is(changed, errors.ErrUnsupported) {
			err = changed
		}
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		d.Drop()
		return nil, failed(place, err)
	}
	return d, nil
}

func failed(place string, err error) error {
	if platform.IsDiskFull(err) {
		return domain.NewError(domain.CodeDiskFull, "path", place).Because(err)
	}
	return domain.NewError(domain.CodeDocumentUnwritable, "path", place, "detail", err.Error()).Because(err)
}

// Put gives the draft its place, whole. It fails with CodeDocumentChanged where
// something else stands there than was wanted; nothing has changed then.
func (d *Draft) Put() error {
	content, _, err := ReadFile(d.group, d.place, d.most)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if d.want != "" {
			return domain.NewError(domain.CodeDocumentChanged, "path", d.place, "gone", true)
		}
	case err != nil && !domain.HasCode(err, domain.CodeDocumentLong):
		return err
	case d.want != Hash(content):
		return domain.NewError(domain.CodeDocumentChanged, "path", d.place, "gone", false)
	}
	if err := d.group.Rename(d.temp, d.place); err != nil {
		return failed(d.place, err)
	}
	d.temp, d.put, d.found = "", true, content
	if dir, err := d.group.Open(path.Dir(d.place)); err == nil {
		_ = dir.Sync() // what cannot be synced (Windows) is as safe as the system makes it
		_ = dir.Close()
	}
	return nil
}

// Back puts what was replaced in its place again, where Put had done its work
// and nobody has changed the document since.
func (d *Draft) Back() error {
	if !d.put {
		return nil
	}
	d.put = false
	if d.want != "" {
		before, err := Prepare(d.group, d.place, d.found, d.hash, d.most)
		if err != nil {
			return err
		}
		defer before.Drop()
		return before.Put()
	}
	if content, _, err := ReadFile(d.group, d.place, d.most); err != nil || Hash(content) != d.hash {
		return err
	}
	if err := d.group.Remove(d.place); err != nil {
		return failed(d.place, err)
	}
	return nil
}

// Drop removes a draft that did not get its place.
func (d *Draft) Drop() {
	if d.temp != "" {
		_ = d.group.Remove(d.temp)
	}
}

// AddImage puts an image into the folder "images" beside a document, under a
// name that is safe everywhere, and gives its path relative to the group. Where
// another image has the name, a piece of the content's hash is put behind. The
// same content is not put there twice.
func AddImage(group *os.Root, place, name, ending string, content []byte) (string, error) {
	dir := path.Join(path.Dir(place), "images")
	if err := group.MkdirAll(dir, folderMode); err != nil {
		return "", failed(dir, err)
	}
	stem := platform.SafeName(strings.TrimSuffix(name, path.Ext(name)))
	for _, behind := range []string{"", "-" + Hash(content)[:8]} {
		file := path.Join(dir, stem+behind+ending)
		f, err := group.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
		if errors.Is(err, fs.ErrExist) {
			if there, err := platform.OpenPlainIn(group, file); err == nil {
				same, err := io.ReadAll(io.LimitReader(there, int64(len(content))+1))
				_ = there.Close()
				if err == nil && string(same) == string(content) {
					return file, nil
				}
			}
			continue
		}
		if err != nil {
			return "", failed(file, err)
		}
		_, err = f.Write(content)
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			_ = group.Remove(file)
			return "", failed(file, err)
		}
		return file, nil
	}
	return "", domain.NewError(domain.CodeFileExists, "name", name)
}
