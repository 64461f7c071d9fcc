package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

const (
	// small is what is read into memory, and again where it changed meanwhile.
	small = 4 << 20
	// tries is how often a small file is read that is written to all the time.
	tries = 3
	// level is that of the compression: twice as quick as the usual one, and a
	// tenth larger.
	level = 3
	// PartPrefix begins the name of a zip that is not whole yet.
	PartPrefix = ".part-"
)

// Backup says what to write into a zip.
type Backup struct {
	Folders     map[string]string `json:"folders"` // where the files lie, by the name of the group's folder
	Output      string            `json:"output"`
	Compress    bool              `json:"compress"`
	Product     string            `json:"product"`
	MadeAt      time.Time         `json:"made_at"`
	User        string            `json:"user"`
	Project     string            `json:"project"`
	Description string            `json:"description"`
	Readme      string            `json:"readme"`  // for who unpacks it by hand
	Reserve     uint64            `json:"reserve"` // bytes of the disk that are left free
}

// Made is what a zip holds.
type Made struct {
	Path     string `json:"path"`
	Size     int64  `json:"size"`
	SHA256   string `json:"sha256"`  // of the zip
	Content  string `json:"content"` // Fingerprint of the project as it was
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"`
	LeftOut  int    `json:"left_out"`
	Unsteady int    `json:"unsteady"`
}

// Told is how a work tells of itself.
type Told interface {
	Begin(step string)
	Bytes(done, total, files int64, text string)
	Say(format string, args ...any)
}

// Part is the name under which a zip is written until it is whole.
func Part(output string) string {
	return filepath.Join(filepath.Dir(output), PartPrefix+filepath.Base(output))
}

// Write makes the zip of a project: it is there whole, read again and found
// good, or not at all. It fails with CodeDiskFull.
func Write(ctx context.Context, b Backup, t Told) (Made, error) {
	part := Part(b.Output)
	made, err := write(ctx, b, part, t)
	if err == nil {
		err = putInPlace(part, b.Output)
	}
	if err != nil {
		err = errors.Join(err, removed(part))
		if platform.IsDiskFull(err) && domain.AsError(err) == nil {
			err = domain.NewError(domain.CodeDiskFull, "path", filepath.Dir(b.Output)).Because(err)
		}
		return Made{}, err
	}
	made.Path = b.Output
	return made, nil
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what is not whole: %w", err)
	}
	return nil
}

func putInPlace(part, output string) error {
	if _, err := os.Lstat(output); err == nil {
		return fmt.Errorf("%s is there already", output)
	}
	if err := os.Rename(part, output); err != nil {
		return fmt.Errorf("put a backup in its place: %w", err)
	}
	return platform.SyncFolder(filepath.Dir(output))
}

// writer puts a project's files into a zip.
type writer struct {
	zip      *zip.Writer
	manifest Manifest
	names    names
	told     Told
	method   uint16
	buffer   []byte
	total    int64
	done     int64
	state    string // fingerprint
}

func write(ctx context.Context, b Backup, part string, t Told) (made Made, err error) {
	t.Begin("backup")
	if err := removed(part); err != nil {
		return made, err
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return made, fmt.Errorf("write a backup: %w", err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	w := &writer{
		zip: zip.NewWriter(&sparing{Writer: io.MultiWriter(f, sum), path: part, reserve: b.Reserve}), told: t, method: zip.Store, buffer: make([]byte, small+1),
		manifest: Manifest{
			Format: Format, FormatVersion: formatVersion, Product: b.Product, MadeAt: b.MadeAt.UTC(), User: b.User,
			Project: b.Project, Description: b.Description, Files: []File{}, Folders: []Folder{}, LeftOut: []LeftOut{},
		},
	}
	if b.Compress {
		w.method = zip.Deflate
	}
	w.zip.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, level) })
	if err := w.text(readmeName, b.Readme, b.MadeAt); err != nil {
		return made, err
	}
	list, closeAll, err := w.listAll(ctx, b.Folders)
	defer closeAll()
	if err != nil {
		return made, err
	}
	expected := w.total
	if b.Compress {
		expected = 0 // nobody knows; see sparing
	}
	if err := hasRoom(part, expected, b.Reserve); err != nil {
		return made, err
	}
	if err := w.all(ctx, list); err != nil {
		return made, err
	}
	manifest, err := json.MarshalIndent(w.manifest, "", " ")
	if err != nil {
		return made, fmt.Errorf("write %s: %w", manifestName, err)
	}
	if err := w.text(manifestName, string(manifest), b.MadeAt); err != nil {
		return made, err
	}
	if err := w.zip.Close(); err != nil {
		return made, fmt.Errorf("write a backup: %w", err)
	}
	if err := f.Sync(); err != nil {
		return made, fmt.Errorf("write a backup: %w", err)
	}
	made = summed(w.manifest)
	made.SHA256, made.Content = hex.EncodeToString(sum.Sum(nil)), w.state
	return verified(ctx, part, made, t)
}

// verified reads again what was written.
func verified(ctx context.Context, part string, made Made, t Told) (Made, error) {
	t.Begin("verify")
	z, err := Open(part, OwnLimits())
	if err != nil {
		return made, err
	}
	defer func() { _ = z.Close() }()
	made.Size = z.Size
	now, err := sumOf(ctx, io.NewSectionReader(z.file, 0, z.Size))
	if err != nil {
		return made, err
	}
	if now != made.SHA256 {
		return made, z.invalid("SHA-256")
	}
	return made, z.Verify(ctx, func(done int64, name string) { t.Bytes(done, made.Bytes, 0, name) })
}

// summed is what a manifest says in figures.
func summed(m Manifest) Made {
	made := Made{Files: len(m.Files), Bytes: m.Bytes, LeftOut: len(m.LeftOut)}
	for _, f := range m.Files {
		if f.Unsteady {
			made.Unsteady++
		}
	}
	return made
}

func (w *writer) text(name, text string, at time.Time) error {
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: w.method, Modified: at})
	if err == nil {
		_, err = io.WriteString(to, text)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// found is a file or an empty folder, in one of the groups' folders.
type found struct {
	path   string // with the group's folder
	inside string
	root   *os.Root
	folder bool
	size   int64
	time   time.Time
}

// listAll finds what is in the groups' folders; close what it gives.
func (w *writer) listAll(ctx context.Context, dirs map[string]string) (list []found, closeAll func(), err error) {
	var roots []*os.Root
	closeAll = func() {
		for _, root := range roots {
			_ = root.Close()
		}
	}
	groups := make([]string, 0, len(dirs))
	for group := range dirs {
		groups = append(groups, group)
	}
	slices.Sort(groups)
	for _, group := range groups {
		root, err := os.OpenRoot(dirs[group])
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if errors.Is(err, fs.ErrPermission) { // a script closed it to all
			w.leave(group, "unreadable")
			continue
		}
		if err != nil {
			return list, closeAll, fmt.Errorf("open a project: %w", err)
		}
		roots = append(roots, root)
		if list, err = w.list(ctx, list, root, group, "."); err != nil {
			return list, closeAll, err
		}
	}
	return list, closeAll, nil
}

// Fingerprint is the same as long as no file of a project is written to, comes
// or goes.
func Fingerprint(ctx context.Context, dirs map[string]string) (string, error) {
	w := &writer{told: silent{}}
	list, closeAll, err := w.listAll(ctx, dirs)
	defer closeAll()
	return fingerprint(list), err
}

func fingerprint(list []found) string {
	sum := sha256.New()
	for _, f := range list {
		_, _ = fmt.Fprintf(sum, "%q %d %d\n", f.path, f.size, f.time.UnixNano())
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// silent is told and says nothing.
type silent struct{}

func (silent) Begin(string)                      {}
func (silent) Bytes(int64, int64, int64, string) {}
func (silent) Say(string, ...any)                {}

func (w *writer) all(ctx context.Context, list []found) error {
	w.state = fingerprint(list)
	if len(list) > maxEntries-4 {
		return domain.NewError(domain.CodeBackupBomb, "path", w.manifest.Project, "limit", fmt.Sprint(maxEntries))
	}
	for _, f := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if f.folder {
			err = w.folder(f)
		} else {
			err = w.file(ctx, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list finds what is in a folder, without following links. What is no file
// and no folder is left out and told.
func (w *writer) list(ctx context.Context, to []found, root *os.Root, group, dir string) ([]found, error) {
	if err := ctx.Err(); err != nil {
		return to, err
	}
	path := group
	if dir != "." {
		path = group + "/" + dir
	}
	entries, err := readDir(root, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return to, nil // it has gone meanwhile
	}
	if err != nil {
		w.leave(path, "unreadable")
		return to, nil //nolint:nilerr // it is told
	}
	if len(entries) == 0 {
		return append(to, found{path: path, inside: dir, root: root, folder: true}), nil
	}
	for _, e := range entries { // sorted
		inside := e.Name()
		if dir != "." {
			inside = dir + "/" + inside
		}
		below := group + "/" + inside
		switch {
		case !utf8.ValidString(e.Name()):
			w.leave(strings.ToValidUTF8(below, "\uFFFD"), "name")
		case e.IsDir():
			if to, err = w.list(ctx, to, root, group, inside); err != nil {
				return to, err
			}
		case e.Type()&fs.ModeSymlink != 0:
			w.leave(below, "link")
		case !e.Type().IsRegular():
			w.leave(below, "special")
		default:
			f := found{path: below, inside: inside, root: root}
			if info, err := e.Info(); err == nil {
				f.size, f.time = info.Size(), info.ModTime()
			}
			w.total += f.size
			to = append(to, f)
		}
	}
	return to, nil
}

func readDir(root *os.Root, dir string) ([]fs.DirEntry, error) {
	info, err := root.Lstat(dir)
	if err == nil && !info.IsDir() {
		return nil, fs.ErrNotExist // a link by now
	}
	if err != nil {
		return nil, err
	}
	return fs.ReadDir(root.FS(), dir)
}

func (w *writer) leave(path, why string) {
	if len(w.manifest.LeftOut) < maxEntries { // more are not read back, either
		w.manifest.LeftOut = append(w.manifest.LeftOut, LeftOut{Path: path, Why: why})
	}
	w.told.Say("left out (%s): %s", why, shown(path))
}

func (w *writer) folder(f found) error {
	name := w.names.of(f.path)
	if _, err := w.zip.CreateHeader(&zip.FileHeader{Name: dataPrefix + name + "/"}); err != nil {
		return fmt.Errorf("write folder %s: %w", f.path, err)
	}
	w.manifest.Folders = append(w.manifest.Folders, Folder{Name: name, Path: other(name, f.path)})
	return nil
}

func other(name, path string) string {
	if name == path {
		return ""
	}
	return path
}

// open opens what was listed as a file, if it is that file still: a script may
// have put a link, or a pipe that nobody writes to, in its place.
func open(f found) (*os.File, fs.FileInfo, error) {
	listed, err := f.root.Lstat(f.inside)
	if err != nil {
		return nil, nil, err
	}
	if !listed.Mode().IsRegular() {
		return nil, nil, fs.ErrNotExist
	}
	file, err := platform.OpenPlainIn(f.root, f.inside)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err != nil || !os.SameFile(info, listed) {
		return nil, nil, errors.Join(fs.ErrNotExist, err, file.Close())
	}
	return file, info, nil
}

func (w *writer) file(ctx context.Context, f found) error {
	file, info, err := open(f)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has gone meanwhile
	}
	if err != nil {
		w.leave(f.path, "unreadable")
		return nil
	}
	defer func() { _ = file.Close() }()
	name := w.names.of(f.path)
	entry := File{Name: name, Path: other(name, f.path), Modified: info.ModTime().UTC()}
	header := &zip.FileHeader{Name: dataPrefix + name, Method: w.method, Modified: info.ModTime()}
	sum := sha256.New()
	begin := func() (io.Writer, error) {
		to, err := w.zip.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", f.path, err)
		}
		return io.MultiWriter(to, sum), nil
	}
	if info.Size() <= small {
		content, steady, err := w.steady(file)
		if err != nil {
			w.leave(f.path, "unreadable")
			return nil
		}
		if content != nil {
			to, err := begin()
			if err != nil {
				return err
			}
			if entry.Size, err = io.Copy(to, bytes.NewReader(content)); err != nil {
				return fmt.Errorf("write %s: %w", f.path, err)
			}
			entry.Unsteady = !steady
			w.wrote(f, entry, sum.Sum(nil))
			return nil
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil { // it has grown
			return fmt.Errorf("read %s: %w", f.path, err)
		}
	}
	to, err := begin()
	if err != nil {
		return err
	}
	if info, err = file.Stat(); err != nil {
		return fmt.Errorf("read %s: %w", f.path, err)
	}
	// What goes on growing is taken as it is now.
	if entry.Size, err = w.large(ctx, to, io.LimitReader(file, info.Size()), f.path); err != nil {
		return err
	}
	after, err := file.Stat()
	entry.Unsteady = err != nil || after.Size() != info.Size() || !after.ModTime().Equal(info.ModTime())
	w.wrote(f, entry, sum.Sum(nil))
	return nil
}

// steady reads a small file, again where it changed meanwhile; nil: it is not
// small any more.
func (w *writer) steady(file *os.File) (content []byte, steady bool, err error) {
	for try := 1; ; try++ {
		before, err := file.Stat()
		if err != nil {
			return nil, false, err
		}
		n, err := io.ReadFull(io.NewSectionReader(file, 0, small+1), w.buffer)
		if err == nil {
			return nil, false, nil
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, false, err
		}
		after, err := file.Stat()
		if err != nil {
			return nil, false, err
		}
		steady = int64(n) == after.Size() && after.Size() == before.Size() && after.ModTime().Equal(before.ModTime())
		if steady || try == tries {
			return w.buffer[:n:n], steady, nil
		}
	}
}

func (w *writer) large(ctx context.Context, to io.Writer, from io.Reader, path string) (size int64, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return size, err
		}
		n, err := from.Read(w.buffer)
		if _, failed := to.Write(w.buffer[:n]); failed != nil {
			return size, fmt.Errorf("write %s: %w", path, failed)
		}
		size += int64(n)
		w.told.Bytes(w.done+size, max(w.total, w.done+size), int64(len(w.manifest.Files)), path)
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return size, fmt.Errorf("read %s: %w", path, err)
		}
	}
}

func (w *writer) wrote(f found, entry File, sum []byte) {
	entry.SHA256 = hex.EncodeToString(sum)
	if entry.Unsteady {
		w.told.Say("written to while it was read: %s", shown(f.path))
	}
	w.manifest.Files = append(w.manifest.Files, entry)
	w.manifest.Bytes += entry.Size
	w.done += entry.Size
	w.told.Bytes(w.done, max(w.total, w.done), int64(len(w.manifest.Files)), f.path)
}
