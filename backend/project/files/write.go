package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scriptsmanager/backend/domain"
	"scriptsmanager/backend/platform"
)

const (
	folderMode = 0o700
	fileMode   = 0o600
	// maxDepth is of folders in each other: a path of more is longer than what
	// many programs take.
	maxDepth = 64
)

// moving is how a rename deals with what stands at its end.
type moving int

const (
	moveOver     moving = iota // it is replaced
	moveNew                    // nothing may stand there: else fs.ErrExist
	moveExchange               // it comes to where the other stood; errors.ErrUnsupported where the system cannot
)

// renamePlainly is for systems that cannot hold what they checked.
func renamePlainly(from *os.Root, old string, to *os.Root, name string, how moving) error {
	if how == moveExchange {
		return errors.ErrUnsupported
	}
	if how == moveNew {
		if info, err := to.Lstat(name); err == nil && !sameUnderBoth(from, old, to, name, info) {
			return fs.ErrExist
		}
	}
	return os.Rename(filepath.Join(from.Name(), old), filepath.Join(to.Name(), name))
}

// sameUnderBoth tells whether what stands at the end of a rename is the file
// itself, whose name is to differ in case alone: on Windows both names find it.
func sameUnderBoth(from *os.Root, old string, to *os.Root, name string, there fs.FileInfo) bool {
	info, err := from.Lstat(old)
	if err != nil || !strings.EqualFold(old, name) || !os.SameFile(info, there) {
		return false
	}
	a, errA := from.Stat(".")
	b, errB := to.Stat(".")
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// Wanted is what must stand where something is written. The zero value: nothing.
type Wanted struct {
	// Version is that of the file that is to be replaced.
	Version string
}

// Put gives a draft its place. Where nothing is wanted there and something
// stands there, also under a name that differs in case alone, it fails with
// CodeFileExists; where a version is wanted and another one stands there, with
// CodeFileChanged. In both cases nothing has changed, and the draft stays. It
// also fails with CodeFileName…, CodeFileLink, CodeFileSpecial, CodeFileFolder,
// CodeNotFound and CodeDiskFull.
func (f *Folder) Put(d *Draft, path string, want Wanted) (domain.DataEntry, error) {
	if err := d.seal(); err != nil {
		return domain.DataEntry{}, err
	}
	dir, name, info, err := f.find(path)
	if err != nil {
		return domain.DataEntry{}, err
	}
	defer func() { _ = dir.Close() }()
	if info == nil && want.Version == "" {
		if name, err = newName(path); err != nil {
			return domain.DataEntry{}, err
		}
	}
	f.writing.Lock()
	defer f.writing.Unlock()
	if want.Version == "" {
		err = f.putNew(d, dir, name, path)
	} else {
		err = f.putOver(d, dir, name, path, want.Version)
	}
	if err != nil {
		return domain.DataEntry{}, err
	}
	if err := syncDir(dir); err != nil {
		return domain.DataEntry{}, fmt.Errorf("sync folder of %s: %w", path, err)
	}
	if info, err = dir.Lstat(name); err != nil {
		return domain.DataEntry{}, asNotFound(err, path)
	}
	return entry(name, info, dir), nil
}

// newName is the checked name of what is to be made at a path.
func newName(path string) (string, error) {
	_, shown := cut(path)
	if strings.Count(path, "/") >= maxDepth {
		return "", outside(path)
	}
	return CheckName(meant(shown))
}

func (f *Folder) putNew(d *Draft, dir *os.Root, name, path string) error {
	if err := free(dir, name, ""); err != nil {
		return err
	}
	err := rename(d.staging, d.name, dir, name, moveNew)
	if errors.Is(err, fs.ErrExist) {
		return domain.NewError(domain.CodeFileExists, "name", Shown(name))
	}
	return failed(err, path)
}

// free tells with CodeFileExists of what stands under a name, or one that is the
// same on Windows; except is a name that does not count.
func free(dir *os.Root, name, except string) error {
	at, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = at.Close() }()
	names, err := at.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, other := range names {
		if other != except && strings.EqualFold(other, name) {
			return domain.NewError(domain.CodeFileExists, "name", Shown(other))
		}
	}
	return nil
}

// putOver replaces a file. Between the look at it and the exchange a script may
// have written it anew: what came out by the exchange is looked at again, and
// goes back where it is not what was wanted.
func (f *Folder) putOver(d *Draft, dir *os.Root, name, path, wanted string) error {
	info, err := same(dir, name, path, wanted)
	if err != nil {
		return err
	}
	if err := d.staging.Chmod(d.name, info.Mode().Perm()|0o200); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("set mode of %s: %w", path, err)
	}
	err = rename(d.staging, d.name, dir, name, moveExchange)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return failed(rename(d.staging, d.name, dir, name, moveOver), path)
	case errors.Is(err, fs.ErrNotExist):
		return Changed(path, nil)
	case err != nil:
		return failed(err, path)
	}
	if _, err := same(d.staging, d.name, path, wanted); err != nil {
		// The draft is back in its place after this, and so is the other's.
		return errors.Join(err, rename(d.staging, d.name, dir, name, moveExchange))
	}
	_ = d.staging.Remove(d.name) // what was replaced; the next start removes it else
	return nil
}

// same looks whether a file has a version, by its content where that is a hash.
func same(dir *os.Root, name, path, wanted string) (fs.FileInfo, error) {
	info, err := dir.Lstat(name)
	switch {
	case err != nil && missing(err):
		return nil, Changed(path, nil)
	case err != nil:
		return nil, fmt.Errorf("look at %s: %w", path, err)
	case info.IsDir():
		return nil, domain.NewError(domain.CodeFileFolder, "name", path)
	case !info.Mode().IsRegular():
		return nil, refused(path, info.Mode())
	}
	now := version(info)
	if strings.HasPrefix(wanted, hashPrefix) {
		file, err := platform.OpenPlainIn(dir, name)
		if err != nil {
			return nil, asNotFound(err, path)
		}
		defer func() { _ = file.Close() }()
		if now, err = hash(file); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
	if now != wanted {
		return nil, Changed(path, info)
	}
	return info, nil
}

func failed(err error, path string) error {
	switch {
	case err == nil:
		return nil
	case platform.IsDiskFull(err):
		return domain.NewError(domain.CodeDiskFull, "path", path).Because(err)
	case missing(err):
		return notFound(path)
	default:
		return fmt.Errorf("write %s: %w", path, err)
	}
}

// MakeFolder makes a folder, and gives its path: the name may have another
// form in Unicode. It fails with CodeFileExists, CodeFileName… and as enter.
func (f *Folder) MakeFolder(path string) (string, error) {
	dir, _, _, err := f.find(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = dir.Close() }()
	name, err := newName(path)
	if err != nil {
		return "", err
	}
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := free(dir, name, ""); err != nil {
		return "", err
	}
	if err := dir.Mkdir(name, folderMode); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return "", domain.NewError(domain.CodeFileExists, "name", Shown(name))
		}
		return "", failed(err, path)
	}
	folder, _ := cut(path)
	return join(folder, name), failed(syncDir(dir), path)
}

// Move gives a file, a folder or a link another name or place, and gives its new
// path. It never replaces. It fails with CodeNotFound, CodeFileExists,
// CodeFileName… (also for a folder into itself) and as enter.
func (f *Folder) Move(from, to string) (string, error) {
	dir, name, info, err := f.find(from)
	if err != nil {
		return "", err
	}
	defer func() { _ = dir.Close() }()
	if info == nil {
		return "", notFound(from)
	}
	target, _, _, err := f.find(to)
	if err != nil {
		return "", err
	}
	defer func() { _ = target.Close() }()
	fresh, err := newName(to)
	if err != nil {
		return "", err
	}
	if to == from || strings.HasPrefix(to, from+"/") {
		return "", outside(to)
	}
	except := ""
	fromFolder, _ := cut(from)
	toFolder, _ := cut(to)
	if fromFolder == toFolder {
		except = name // it may change its case alone
	}
	f.writing.Lock()
	defer f.writing.Unlock()
	if err := free(target, fresh, except); err != nil {
		return "", err
	}
	err = rename(dir, name, target, fresh, moveNew)
	if errors.Is(err, fs.ErrExist) {
		return "", domain.NewError(domain.CodeFileExists, "name", Shown(fresh))
	}
	if err == nil {
		err = errors.Join(syncDir(dir), syncDir(target))
	}
	return join(toFolder, fresh), failed(err, from)
}

// Deleted says what Delete removed.
type Deleted struct {
	Count          // of all that was to be removed
	Paths []string `json:"-"` // those that are gone
}

// Delete removes what stands at the paths, for good: folders with all that is
// in them, links as links. seen is how many files the person was told of: where
// there are more by now, it fails with CodeFilesMore and removes nothing. It
// fails with CodeNotFound and as enter; what is gone by then it gives, too.
func (f *Folder) Delete(ctx context.Context, staging *Staging, paths []string, seen int) (Deleted, error) {
	f.writing.Lock()
	defer f.writing.Unlock()
	count, err := f.Weigh(ctx, paths)
	if err != nil {
		return Deleted{}, err
	}
	if count.Files > seen {
		return Deleted{}, domain.NewError(domain.CodeFilesMore, "count", count.Files, "seen", seen)
	}
	d := Deleted{Count: count}
	for _, path := range outermost(paths) {
		if err := f.delete(staging, path); err != nil {
			return d, err
		}
		d.Paths = append(d.Paths, path)
	}
	return d, nil
}

// outermost leaves out what lies in another one of the folders, or stands there
// twice.
func outermost(paths []string) []string {
	var outer []string
	for i, p := range paths {
		inside := func(of string) bool { return strings.HasPrefix(p, strings.TrimSuffix(of, "/")+"/") }
		if !slices.Contains(paths[:i], p) && !slices.ContainsFunc(paths, inside) {
			outer = append(outer, p)
		}
	}
	return outer
}

// removeTree removes a folder with all that is in it, also in folders that a
// script has closed.
func removeTree(root *os.Root, name string) error {
	if err := root.RemoveAll(name); err == nil {
		return nil
	}
	_ = fs.WalkDir(root.FS(), name, func(path string, e fs.DirEntry, _ error) error {
		if e != nil && e.IsDir() {
			_ = root.Chmod(path, folderMode) // what cannot be removed is told below
		}
		return nil
	})
	return root.RemoveAll(name)
}

// delete takes a folder out of the way in one step, so that nobody sees it half
// removed, and then removes it. What cannot be removed is gone for people all
// the same, and is tried again at the next start.
func (f *Folder) delete(staging *Staging, path string) error {
	dir, name, info, err := f.find(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	if info == nil {
		return notFound(path)
	}
	if !info.IsDir() {
		return failed(errors.Join(dir.Remove(name), syncDir(dir)), path)
	}
	aside := staging.name()
	if err := rename(dir, name, staging.root, aside, moveNew); err != nil {
		return failed(errors.Join(removeTree(dir, name), syncDir(dir)), path)
	}
	_ = removeTree(staging.root, aside)
	return failed(syncDir(dir), path)
}

// CheckNew tells whether the names of a path that is to be written are good,
// those that stand there already aside. It fails with CodeFileName….
func (f *Folder) CheckNew(path string) error {
	parts, err := split(path)
	if err != nil {
		return err
	}
	at := ""
	for _, part := range parts {
		at = join(at, Shown(part))
		_, err := f.Look(at)
		if err == nil {
			continue
		}
		if !domain.HasCode(err, domain.CodeNotFound) {
			return err
		}
		if _, err := newName(at); err != nil {
			return err
		}
	}
	return nil
}

// MakeFolders makes those folders of a path that are not there. It gives the
// path as it stands then (a decomposed name is composed), and what it made. It
// fails as MakeFolder.
func (f *Folder) MakeFolders(path string) (at string, made []string, err error) {
	parts, err := split(path)
	if err != nil {
		return "", nil, err
	}
	for _, part := range parts {
		next := join(at, Shown(part))
		e, err := f.Look(next)
		switch {
		case err == nil && e.Kind == domain.DataFolder:
			at = next
			continue
		case err == nil && e.Kind == domain.DataLink:
			return at, made, domain.NewError(domain.CodeFileLink, "name", next)
		case err != nil && !domain.HasCode(err, domain.CodeNotFound):
			return at, made, err
		}
		folder, err := f.MakeFolder(next)
		if domain.HasCode(err, domain.CodeFileExists) {
			if name, bad := newName(next); bad == nil && f.isFolder(join(at, name)) {
				at = join(at, name)
				continue
			}
		}
		if err != nil {
			return at, made, err
		}
		at = folder
		made = append(made, at)
	}
	return at, made, nil
}

// isFolder tells whether somebody else made a folder meanwhile.
func (f *Folder) isFolder(path string) bool {
	e, err := f.Look(path)
	return err == nil && e.Kind == domain.DataFolder
}
