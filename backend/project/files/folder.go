package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"scriptsmanager/backend/domain"
)

// Folder is a data folder. Close it.
type Folder struct {
	root *os.Root
	// writing is held from the check of what stands at a place to the write, so
	// that two writers of ours never pass that check together.
	writing *sync.Mutex
}

// Open opens the folder at path, with slashes, below base. No part of the path
// may be a link. It fails with fs.ErrNotExist where it is not there.
func Open(base, path string, writing *sync.Mutex) (*Folder, error) {
	root, err := os.OpenRoot(base)
	if err != nil {
		return nil, err
	}
	outer := &Folder{root: root}
	defer outer.Close()
	inner, err := outer.enter(path)
	if domain.HasCode(err, domain.CodeNotFound) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	return &Folder{root: inner, writing: writing}, nil
}

// Close ends the access.
func (f *Folder) Close() { _ = f.root.Close() }

// Dir is the folder's path.
func (f *Folder) Dir() string { return f.root.Name() }

func notFound(path string) error {
	return domain.NewError(domain.CodeNotFound, "what", "file", "name", path)
}

// refused tells of what is neither a file nor a folder.
func refused(path string, mode fs.FileMode) error {
	if mode&fs.ModeSymlink != 0 {
		return domain.NewError(domain.CodeFileLink, "name", path)
	}
	return domain.NewError(domain.CodeFileSpecial, "name", path)
}

// enter opens a folder below this one, name by name, so that a link on the way
// is refused and not followed. Between the look and the opening somebody may put
// a link there: os.Root then still keeps inside of the folder. It fails with
// CodeNotFound, CodeFileLink, CodeFileSpecial or CodeFileName….
func (f *Folder) enter(path string) (*os.Root, error) {
	parts, err := split(path)
	if err != nil {
		return nil, err
	}
	at, err := f.root.OpenRoot(".")
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	for _, name := range parts {
		info, err := at.Lstat(name)
		switch {
		case err != nil:
		case info.Mode().IsRegular():
			err = fs.ErrNotExist
		case !info.IsDir():
			err = refused(path, info.Mode())
		}
		var next *os.Root
		if err == nil {
			next, err = at.OpenRoot(name)
		}
		_ = at.Close()
		if err != nil {
			return nil, asNotFound(err, path)
		}
		at = next
	}
	return at, nil
}

// find gives the folder that a path lies in, opened, the name in it, and what
// stands there, nil for nothing. It fails as enter, for the path's folder.
func (f *Folder) find(path string) (dir *os.Root, name string, info fs.FileInfo, err error) {
	parts, err := split(path)
	if err == nil && len(parts) == 0 {
		err = outside(path)
	}
	if err != nil {
		return nil, "", nil, err
	}
	folder, _ := cut(path)
	if dir, err = f.enter(folder); err != nil {
		return nil, "", nil, err
	}
	name = parts[len(parts)-1]
	info, err = dir.Lstat(name)
	if err != nil && !missing(err) {
		_ = dir.Close()
		return nil, "", nil, fmt.Errorf("look at %s: %w", path, err)
	}
	if err != nil {
		info = nil
	}
	return dir, name, info, nil
}

// missing tells whether nothing stands at a path, be it that a name is longer
// than any that could.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || isNotFolder(err) || isTooLong(err)
}

func asNotFound(err error, path string) error {
	if missing(err) {
		return notFound(path)
	}
	if domain.AsError(err) != nil {
		return err
	}
	return fmt.Errorf("open %s: %w", path, err)
}

// Look tells what stands at a path. It fails with CodeNotFound and as enter.
func (f *Folder) Look(path string) (domain.DataEntry, error) {
	if path == "" {
		info, err := f.root.Lstat(".")
		if err != nil {
			return domain.DataEntry{}, asNotFound(err, path)
		}
		return entry("", info, nil), nil
	}
	dir, name, info, err := f.find(path)
	if err != nil {
		return domain.DataEntry{}, err
	}
	defer func() { _ = dir.Close() }()
	if info == nil {
		return domain.DataEntry{}, notFound(path)
	}
	return entry(name, info, dir), nil
}

// entry describes what stands under a name; dir is for where a link leads.
func entry(name string, info fs.FileInfo, dir *os.Root) domain.DataEntry {
	e := domain.DataEntry{Name: Shown(name), Kind: kindOf(info.Mode()), ModifiedAt: info.ModTime().UTC(), Version: version(info)}
	if name != "" {
		e.Odd = wrong(name)
	}
	switch e.Kind {
	case domain.DataFile:
		e.Size = info.Size()
	case domain.DataLink:
		if dir != nil {
			if target, err := dir.Readlink(name); err == nil {
				e.Target = Shown(target)
			}
		}
	default:
	}
	return e
}

func kindOf(mode fs.FileMode) domain.DataKind {
	switch {
	case mode.IsRegular():
		return domain.DataFile
	case mode.IsDir():
		return domain.DataFolder
	case mode&fs.ModeSymlink != 0:
		return domain.DataLink
	default:
		return domain.DataOther
	}
}

// version tells one state of a file from another without reading it. It is
// compared for sameness alone: a clock that was set back does no harm.
func version(info fs.FileInfo) string {
	return fmt.Sprintf("%x-%x-%x", info.ModTime().UnixNano(), info.Size(), inode(info))
}

// Page is a part of a folder's entries, folders first, then by name.
type Page struct {
	Entries []domain.DataEntry
	Total   int // in the folder
}

// List gives the entries of a folder from one on, at most count. It fails as
// enter.
func (f *Folder) List(ctx context.Context, path string, from, count int) (Page, error) {
	dir, err := f.enter(path)
	if err != nil {
		return Page{}, err
	}
	defer func() { _ = dir.Close() }()
	names, err := sorted(dir)
	if err != nil {
		return Page{}, fmt.Errorf("list %s: %w", path, err)
	}
	page := Page{Total: len(names), Entries: []domain.DataEntry{}}
	for _, n := range names[min(max(from, 0), len(names)):] {
		if len(page.Entries) == count {
			break
		}
		if err := ctx.Err(); err != nil {
			return Page{}, err
		}
		info, err := dir.Lstat(n.name)
		if err != nil {
			continue // it went in between
		}
		page.Entries = append(page.Entries, entry(n.name, info, dir))
	}
	return page, nil
}

type listed struct {
	name, key string
	folder    bool
}

// sorted gives what is in a folder, in the order in which people look for it.
func sorted(dir *os.Root) ([]listed, error) {
	at, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer func() { _ = at.Close() }()
	found, err := at.ReadDir(-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	names := make([]listed, len(found))
	for i, d := range found {
		names[i] = listed{d.Name(), strings.ToLower(d.Name()), d.IsDir()}
	}
	slices.SortFunc(names, func(a, b listed) int {
		if a.folder != b.folder {
			if a.folder {
				return -1
			}
			return 1
		}
		if c := natural(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	return names, nil
}

// natural compares texts so that "run 9" stands before "run 10".
func natural(a, b string) int {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	for same > 0 && a[same-1] >= '0' && a[same-1] <= '9' { // a number counts as a whole
		same--
	}
	a, b = a[same:], b[same:]
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na == 0 || nb == 0 {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		da, db := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
		if len(da) != len(db) {
			return len(da) - len(db)
		}
		if c := strings.Compare(da, db); c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// Count is how much lies at some paths.
type Count struct {
	Files   int   `json:"files"` // links and all else that is no folder count too
	Folders int   `json:"folders"`
	Bytes   int64 `json:"bytes"`
}

// Weigh counts what lies at the paths and below them. It fails with
// CodeNotFound and as enter.
func (f *Folder) Weigh(ctx context.Context, paths []string) (Count, error) {
	var c Count
	for _, path := range outermost(paths) {
		err := f.each(ctx, path, func(_ string, _ *os.Root, _ string, info fs.FileInfo) error {
			if info.IsDir() {
				c.Folders++
				return nil
			}
			c.Files++
			if info.Mode().IsRegular() {
				c.Bytes += info.Size()
			}
			return nil
		})
		if err != nil {
			return Count{}, err
		}
	}
	return c, nil
}

// each calls do for what stands at a path ("" is the folder, for which itself it
// is not called) and for all below it, a folder before what is in it. Links are
// not followed. What goes in between is left out.
func (f *Folder) each(ctx context.Context, path string, do func(path string, dir *os.Root, name string, info fs.FileInfo) error) error {
	if path == "" {
		root, err := f.enter("")
		if err != nil {
			return err
		}
		defer func() { _ = root.Close() }()
		return f.below(ctx, "", root, do)
	}
	dir, name, info, err := f.find(path)
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	if info == nil {
		return notFound(path)
	}
	return f.one(ctx, path, dir, name, info, do)
}

func (f *Folder) one(ctx context.Context, path string, dir *os.Root, name string, info fs.FileInfo, do func(string, *os.Root, string, fs.FileInfo) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := do(path, dir, name, info); err != nil || !info.IsDir() {
		return err
	}
	inner, err := dir.OpenRoot(name)
	if err != nil {
		return nil // it has gone, or may not be read: it is counted all the same
	}
	defer func() { _ = inner.Close() }()
	return f.below(ctx, path, inner, do)
}

func (f *Folder) below(ctx context.Context, path string, dir *os.Root, do func(string, *os.Root, string, fs.FileInfo) error) error {
	names, err := sorted(dir)
	if err != nil {
		return nil //nolint:nilerr // as in one
	}
	for _, n := range names {
		info, err := dir.Lstat(n.name)
		if err != nil {
			continue
		}
		if err := f.one(ctx, join(path, Shown(n.name)), dir, n.name, info, do); err != nil {
			return err
		}
	}
	return nil
}
